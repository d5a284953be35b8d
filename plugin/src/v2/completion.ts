/** Completions by the user's model in OpenCode 2: one generation each, in a session of its own, passed through exactly. */
import type { Completion, Models, Offered, Request } from "../bridge.js"
import { WireError } from "../bridge.js"
import type { Context, Generate, ModelRef } from "./host.js"

export class Completions {
  private readonly requests = new Map<string, Request>()

  constructor(private readonly context: Context) {}

  /** The models of one session: its own, and whichever is named as provider/model. */
  models(own: ModelRef): Models {
    return {
      list: async (): Promise<Offered[]> => [{ id: nameOf(own), context: 0 }],
      complete: (request, _onText, signal) => this.complete(own, request, signal),
    }
  }

  private async complete(own: ModelRef, request: Request, signal: AbortSignal): Promise<Completion> {
    const { session } = this.context
    if (!session?.create || !session.generate) throw new WireError(501, "this OpenCode lends no model to plugins")
    if (request.schema) throw new WireError(400, "response_format of the type 'json_schema' is not supported")
    const model = refOf(request.model) ?? own
    const { id } = await session.create({ title: "auto" })
    const stop = () => void session.interrupt?.({ sessionID: id })
    signal.addEventListener("abort", stop, { once: true })
    this.requests.set(id, request)
    try {
      signal.throwIfAborted()
      await session.switchModel?.({ sessionID: id, model })
      const { text } = await session.generate({ sessionID: id, prompt: request.turns.at(-1)?.text ?? "" })
      return { text, model: nameOf(model), finish: "stop", tokens: null }
    } finally {
      this.requests.delete(id)
      signal.removeEventListener("abort", stop)
    }
  }

  /** The session hook `generate`: system text, turns and parameters are the request's. */
  shape(event: Generate): void {
    const request = this.requests.get(event.sessionID)
    if (!request) return
    const part = (text: string) => ({ type: "text", text })
    event.system.splice(0, event.system.length, ...(request.system ? [part(request.system)] : []))
    const turns = request.turns.map(turn => ({ role: turn.role, content: [part(turn.text)] }))
    event.messages.splice(0, event.messages.length, ...turns)
    for (const name of Object.keys(event.tools ?? {})) delete event.tools?.[name]
    if (request.temperature !== undefined) event.options.temperature = request.temperature
    if (request.maxTokens !== undefined) event.options.maxTokens = request.maxTokens
  }
}

export function nameOf(model: ModelRef): string {
  return `${model.providerID}/${model.id}`
}

function refOf(name: string): ModelRef | null {
  const [providerID = "", ...rest] = name.split("/")
  return rest.length > 0 ? { providerID, id: rest.join("/") } : null
}
