/** What of OpenCode 1 is used here, and no more of it: the shapes that its plugins are handed. */

export interface ModelId {
  providerID: string
  modelID: string
}

export interface Model {
  id: string
  providerID: string
  limit?: { context?: number }
  capabilities?: { toolcall?: boolean }
}

export interface Part {
  id: string
  sessionID: string
  messageID: string
  type: string
  text?: string
  metadata?: Record<string, unknown>
}

export interface Info {
  id: string
  sessionID: string
  role: "user" | "assistant"
  model?: ModelId
  [more: string]: unknown
}

export interface Message {
  info: Info
  parts: Part[]
}

export interface Answered {
  info: {
    modelID?: string
    finish?: string
    structured?: unknown
    tokens?: { input?: number; output?: number; reasoning?: number; cache?: { read?: number; write?: number } }
    error?: Failure
  }
  parts: Part[]
}

export interface Failure {
  name: string
  data?: { message?: string; statusCode?: number; responseHeaders?: Record<string, string> }
}

type Reply<Data> = Promise<{ data?: Data; error?: unknown }>
type Call<Data> = (request: object) => Reply<Data>

export interface Client {
  session: {
    create: Call<{ id: string }>
    prompt: Call<Answered>
    abort: Call<unknown>
    messages: Call<Message[]>
    shell: Call<unknown>
  }
  config: {
    get: Call<{ model?: string }>
    providers: Call<{ providers: { id: string; models: Record<string, Model> }[]; default?: Record<string, string> }>
  }
  app: { agents: Call<{ name: string; permission: Rule[] }[]> }
  tui: { showToast: Call<unknown> }
  _client: { patch: Call<unknown> }
}

export interface Rule {
  permission: string
  pattern: string
  action: "allow" | "ask" | "deny"
}

export interface Input {
  client: Client
  directory: string
}

export interface Options {
  /** How the Python package is started, such as ["/path/to/python", "-m", "orchestrator"]. */
  command?: unknown
  [more: string]: unknown
}

export interface ToolContext {
  sessionID: string
  messageID: string
  directory: string
  abort: AbortSignal
  ask(question: { permission: string; patterns: string[]; always: string[]; metadata: object }): Promise<void>
}

export interface Event {
  type: string
  properties: Record<string, unknown>
}

export interface Config {
  command?: Record<string, { description?: string; template: string; agent?: string }>
  agent?: Record<string, object>
  permission?: string | Record<string, unknown> | undefined
}
