/**
 * Completions by the user's model in OpenCode 1. Each is a child session of the user's, so that its transcript can be
 * read; hooks make it an exact pass-through of system text, turns and parameters.
 */
import type { Completion, Models, Offered, Request } from "../bridge.js"
import { WireError } from "../bridge.js"
import type { Answered, Client, Event, Failure, Message, Model, ModelId } from "./host.js"

interface Call {
  request: Request
  onText: (delta: string) => void
  failed: (failure: WireError) => void
}

const ROLES = ["orchestrator", "planner", "searcher", "coder", "reviewer", "fixer"] as const

/** The team as OpenCode's agents: hidden, and without any tool, since the work is done and confined in Python. */
export function agents(): Record<string, object> {
  const permission = { "*": "deny", StructuredOutput: "allow" } // without the allow, a schema has no way to be answered
  const one = (role: string) => ({
    description: `The ${role} of an /auto run`,
    mode: "primary", // a subagent would be offered to every other agent's model
    hidden: true,
    prompt: `You are the ${role} of a coding team.`,
    permission,
  })
  return Object.fromEntries(ROLES.map(role => [agentOf(role), one(role)]))
}

const agentOf = (role: string) => `auto-${role}`

export class Completions {
  private readonly calls = new Map<string, Call>()
  private readonly thoughts = new Set<string>()

  constructor(private readonly client: Client) {}

  /** The models of one session of the user's: those that are configured, its own where none is named. */
  models(parent: string, own: Model): Models {
    return {
      list: () => this.list(own),
      complete: (request, onText, signal) => this.complete(parent, own, request, onText, signal),
    }
  }

  private async list(own: Model): Promise<Offered[]> {
    const answer = await this.client.config.providers({})
    const known = (answer.data?.providers ?? []).flatMap(provider =>
      Object.values(provider.models).map(model => offered({ ...model, providerID: provider.id })),
    )
    const first = offered(own)
    return [first, ...known.filter(each => each.id !== first.id)]
  }

  private async complete(
    parent: string,
    own: Model,
    request: Request,
    onText: (delta: string) => void,
    signal: AbortSignal,
  ): Promise<Completion> {
    const role = roleOf(request.system)
    const model = await this.named(request.model, own)
    if (request.schema && model.toolcall === false)
      throw new WireError(400, "response_format of the type 'json_schema' is not supported by this model")
    const session = await this.client.session.create({ body: { parentID: parent, title: `auto: ${role}` } })
    const id = session.data?.id
    if (id === undefined) throw new WireError(502, `no session could be made: ${JSON.stringify(session.error)}`)
    const stop = () => void this.client.session.abort({ path: { id } }).catch(() => {})
    signal.addEventListener("abort", stop, { once: true })
    try {
      const failed = new Promise<never>((_, reject) => {
        this.calls.set(id, {
          request,
          onText,
          failed: failure => {
            stop()
            reject(failure)
          },
        })
      })
      failed.catch(() => {})
      signal.throwIfAborted()
      const answer = await Promise.race([failed, this.prompt(id, role, model.id, request)])
      return completed(answer)
    } finally {
      signal.removeEventListener("abort", stop)
      this.calls.delete(id)
    }
  }

  private async prompt(id: string, role: string, model: ModelId, request: Request): Promise<Answered> {
    const last = request.turns.at(-1)?.text ?? ""
    const format = request.schema && { format: { type: "json_schema", schema: request.schema } }
    const body = { agent: agentOf(role), model, ...format, parts: [{ type: "text", text: last }] }
    const answer = await this.client.session.prompt({ path: { id }, body })
    if (answer.data === undefined) throw new WireError(502, `OpenCode refused: ${JSON.stringify(answer.error)}`)
    return answer.data
  }

  /** The model that a request names as provider/model; raises 404 in the words of the wire where there is none. */
  private async named(name: string, own: Model): Promise<{ id: ModelId; toolcall: boolean | undefined }> {
    if (name === "" || name === offered(own).id)
      return { id: { providerID: own.providerID, modelID: own.id }, toolcall: own.capabilities?.toolcall }
    const [providerID = "", ...rest] = name.split("/")
    const modelID = rest.join("/")
    const answer = await this.client.config.providers({})
    const found = answer.data?.providers.find(each => each.id === providerID)?.models[modelID]
    if (!found) throw new WireError(404, `The model '${name}' does not exist in OpenCode; name it as provider/model`)
    return { id: { providerID, modelID }, toolcall: found.capabilities?.toolcall }
  }

  /** Whether a session is one of these completions. */
  owns(session: string): boolean {
    return this.calls.has(session)
  }

  /** `chat.params`: temperature and length are the request's. */
  parameters(session: string, output: { temperature?: number; maxOutputTokens?: number }): void {
    const request = this.calls.get(session)?.request
    if (request?.temperature !== undefined) output.temperature = request.temperature
    if (request?.maxTokens !== undefined) output.maxOutputTokens = request.maxTokens
  }

  /** `experimental.chat.system.transform`: the request's system text and nothing else. */
  system(session: string | undefined, output: { system: string[] }): void {
    const request = session === undefined ? undefined : this.calls.get(session)?.request
    if (!request) return
    output.system.length = 0
    if (request.system) output.system.push(request.system)
  }

  /** `experimental.chat.messages.transform`: the request's turns and nothing else. */
  history(messages: Message[]): void {
    const session = messages.at(-1)?.info.sessionID ?? ""
    const call = this.calls.get(session)
    const user = messages.find(message => message.info.role === "user")?.info
    if (!call || !user) return
    const turns = call.request.turns.map((turn, number): Message => {
      const id = `msg_auto${number}`
      const answer = { id, role: "assistant" as const, sessionID: session, ...user.model, time: { created: 1, completed: 1 } }
      const info = turn.role === "assistant" ? answer : { ...user, id }
      return { info, parts: [{ id: `prt_auto${number}`, sessionID: session, messageID: id, type: "text", text: turn.text }] }
    })
    messages.splice(0, messages.length, ...turns)
  }

  /** `event`: text as it comes, and a provider's refusal that OpenCode would otherwise wait out by itself. */
  hear(event: Event): void {
    const properties = event.properties as { sessionID?: string; partID?: string; field?: string; delta?: string }
    const part = event.properties.part as { id: string; type: string } | undefined
    if (event.type === "message.part.updated" && part?.type === "reasoning") this.thoughts.add(part.id)
    const call = this.calls.get(properties.sessionID ?? "")
    if (!call) return
    const spoken = properties.field === "text" && !this.thoughts.has(properties.partID ?? "")
    if (event.type === "message.part.delta" && spoken && !call.request.schema) call.onText(properties.delta ?? "")
    const status = event.properties.status as { type?: string; message?: string; next?: number } | undefined
    if (event.type === "session.status" && status?.type === "retry") call.failed(waiting(status))
  }
}

export function offered(model: Model): Offered {
  return { id: `${model.providerID}/${model.id}`, context: model.limit?.context ?? 0 }
}

/** Which agent speaks: our prompts say so in their first words. */
function roleOf(system: string): string {
  const named = /^You are the (\w+)/.exec(system)?.[1]?.toLowerCase()
  return ROLES.find(role => role === named) ?? "orchestrator"
}

/** What the provider refused, in its own words; OpenCode tells the status with its errors only, not with its retries. */
function waiting(status: { message?: string; next?: number }): WireError {
  const message = status.message ?? "the provider asks to wait"
  const limited = /rate|quota|too many|429|limit/i.test(message)
  const seconds = status.next === undefined ? undefined : Math.max(0, Math.ceil((status.next - Date.now()) / 1000))
  return new WireError(limited ? 429 : 503, message, seconds === undefined ? undefined : String(seconds))
}

function completed(answer: Answered): Completion {
  const { info, parts } = answer
  if (info.error && info.error.name !== "MessageOutputLengthError") throw refusal(info.error)
  const text = parts.filter(part => part.type === "text").map(part => part.text ?? "").join("")
  const tokens = info.tokens ?? {}
  return {
    text: info.structured === undefined || info.structured === null ? text : JSON.stringify(info.structured),
    model: info.modelID ?? "",
    finish: info.error || info.finish === "length" ? "length" : "stop",
    tokens: {
      prompt: (tokens.input ?? 0) + (tokens.cache?.read ?? 0) + (tokens.cache?.write ?? 0),
      completion: (tokens.output ?? 0) + (tokens.reasoning ?? 0),
    },
  }
}

const STATUS: Readonly<Record<string, number>> = {
  ProviderAuthError: 401,
  ContextOverflowError: 400,
  StructuredOutputError: 400,
  MessageAbortedError: 499,
}

function refusal(error: Failure): WireError {
  const { data = {} } = error
  const status = data.statusCode ?? STATUS[error.name] ?? 502
  const about = error.name === "StructuredOutputError" ? "response_format json_schema: " : ""
  return new WireError(status, about + (data.message ?? error.name), data.responseHeaders?.["retry-after"])
}
