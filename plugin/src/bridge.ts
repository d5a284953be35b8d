/**
 * The user's model for the child, without a key: an OpenAI-compatible endpoint on 127.0.0.1, at a port and with a token
 * of its own for each run. What it is asked, it has the host complete.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import http from "node:http"
import type { AddressInfo } from "node:net"

export interface Turn {
  role: "user" | "assistant"
  text: string
}

export interface Request {
  /** `provider/model`. */
  model: string
  system: string
  turns: Turn[]
  temperature?: number
  maxTokens?: number
  schema?: object
}

export interface Completion {
  text: string
  model: string
  finish: string
  /** Tokens of prompt and answer; null where the host does not tell. */
  tokens: { prompt: number; completion: number } | null
}

export interface Offered {
  id: string
  context: number
}

/** What a host brings: its models, and a way to have one of them complete a request. */
export interface Models {
  list(): Promise<Offered[]>
  complete(request: Request, onText: (delta: string) => void, signal: AbortSignal): Promise<Completion>
}

/** A refusal as the OpenAI wire puts it; `status` is the provider's own where there was one. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter?: string,
  ) {
    super(message)
  }
}

export interface Bridge {
  url: string
  token: string
  close(): void
}

const MAX_BODY = 64_000_000

/** Open a bridge; it serves until it is closed, which breaks off every request that is under way. */
export async function openBridge(models: Models): Promise<Bridge> {
  const token = randomBytes(24).toString("hex")
  const stopped = new AbortController()
  const server = http.createServer((request, response) => {
    void served(request, response, token, models, stopped.signal)
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    stopped.abort()
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}/v1`, token, close }
}

async function served(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  token: string,
  models: Models,
  stopped: AbortSignal,
): Promise<void> {
  try {
    if (!same(request.headers.authorization ?? "", `Bearer ${token}`)) throw new WireError(401, "wrong token")
    const place = `${request.method} ${request.url?.split("?")[0]}`
    if (place === "GET /v1/models") return json(response, 200, listed(await models.list()))
    if (place === "POST /v1/chat/completions") {
      const hungUp = new AbortController()
      response.on("close", () => hungUp.abort())
      const signal = AbortSignal.any([hungUp.signal, stopped])
      return await chat(await bodyOf(request), response, models, signal)
    }
    throw new WireError(404, `there is no ${place}`)
  } catch (error) {
    refuse(response, error)
  }
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function bodyOf(request: http.IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += (part as Buffer).length
    if (size > MAX_BODY) throw new WireError(413, "the request is too large")
    parts.push(part as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as Record<string, unknown>
  } catch {
    throw new WireError(400, "the body is not valid JSON")
  }
}

async function chat(
  body: Record<string, unknown>,
  response: http.ServerResponse,
  models: Models,
  signal: AbortSignal,
): Promise<void> {
  const request = requestOf(body)
  const frame = { id: `chatcmpl-${randomBytes(8).toString("hex")}`, created: Math.floor(Date.now() / 1000) }
  if (body.stream !== true) {
    const done = await models.complete(request, () => {}, signal)
    const message = { role: "assistant", content: done.text }
    const choices = [{ index: 0, message, finish_reason: done.finish }]
    return json(response, 200, { ...frame, object: "chat.completion", model: done.model, choices, ...usage(done) })
  }
  const event = (choices: object[], more: object = {}) => {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" })
    const chunk = { ...frame, object: "chat.completion.chunk", model: request.model, choices, ...more }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  const delta = (content: string) => event([{ index: 0, delta: { content }, finish_reason: null }])
  let sent = ""
  const done = await models.complete(
    request,
    text => {
      sent += text
      delta(text)
    },
    signal,
  )
  if (!done.text.startsWith(sent)) throw new WireError(502, "the streamed text and the answer differ")
  if (done.text.length > sent.length) delta(done.text.slice(sent.length))
  event([{ index: 0, delta: {}, finish_reason: done.finish }])
  if (done.tokens) event([], usage(done))
  response.end("data: [DONE]\n\n")
}

/**
 * A chat request of the OpenAI wire; WireError 400 for what cannot be passed on, in the words of that wire. A seed is a
 * wish that no host passes on: it is left out.
 */
function requestOf(body: Record<string, unknown>): Request {
  for (const name of ["tools", "functions", "logprobs", "stop"])
    if (body[name] !== undefined) throw new WireError(400, `Unsupported parameter: '${name}'`)
  const messages = Array.isArray(body.messages) ? body.messages.map(messageOf) : []
  const turns = messages.filter((message): message is Turn => message.role !== "system")
  if (turns.length === 0) throw new WireError(400, "'messages' must hold a message of the user")
  const system = messages.filter(message => message.role === "system").map(message => message.text)
  const schema = schemaOf(body.response_format)
  const limit = body.max_completion_tokens ?? body.max_tokens
  return {
    model: String(body.model ?? ""),
    system: system.join("\n\n"),
    turns,
    ...(typeof body.temperature === "number" && { temperature: body.temperature }),
    ...(typeof limit === "number" && { maxTokens: limit }),
    ...(schema && { schema }),
  }
}

function messageOf(value: unknown): { role: "system" | "user" | "assistant"; text: string } {
  const { role, content } = (value ?? {}) as { role?: unknown; content?: unknown }
  if (role === "system" || role === "developer") return { role: "system", text: textOf(content) }
  if (role === "user" || role === "assistant") return { role, text: textOf(content) }
  throw new WireError(400, `messages of the role '${String(role)}' are not supported`)
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content.map(part => String((part as { text?: unknown }).text ?? "")).join("")
}

function schemaOf(format: unknown): object | null {
  const asked = (format ?? {}) as { type?: string; json_schema?: { schema?: object } }
  if (asked.type === undefined || asked.type === "text") return null
  if (asked.type === "json_schema" && asked.json_schema?.schema) return asked.json_schema.schema
  throw new WireError(400, `response_format of the type '${asked.type}' is not supported`)
}

function listed(models: Offered[]): object {
  return { object: "list", data: models.map(each => ({ id: each.id, object: "model", context_length: each.context })) }
}

function usage(done: Completion): object {
  if (!done.tokens) return {}
  const { prompt, completion } = done.tokens
  return { usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } }
}

function json(response: http.ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
}

function refuse(response: http.ServerResponse, error: unknown): void {
  const status = error instanceof WireError ? error.status : 502
  const body = { error: { message: error instanceof Error ? error.message : String(error), code: status } }
  if (response.headersSent) response.end(`data: ${JSON.stringify(body)}\n\n`)
  else if (error instanceof WireError && error.retryAfter) json(response, status, body, { "retry-after": error.retryAfter })
  else json(response, status, body)
}
