/**
 * What of OpenCode 2 is used here, by its documentation and its published sources. Every domain may be missing: the
 * interface is young. None of this has run on a real host of version 2 yet.
 */

export interface ModelRef {
  providerID: string
  id: string
}

export interface Prompt {
  text: string
  [more: string]: unknown
}

export interface Invocation {
  sessionID: string
  messageID: string
  prompt: Prompt
  delivery?: unknown
}

export interface Definition {
  name: string
  description?: string
  execute(invocation: Invocation): Promise<unknown>
}

export interface ToolContext {
  sessionID: string
  agent: string
  signal: AbortSignal
  progress?(update: Record<string, unknown>): Promise<void>
}

export interface Tool {
  name: string
  description: string
  input: object
  options?: { codemode: boolean; permission?: string }
  execute(input: unknown, context: ToolContext): Promise<{ content: string; metadata?: object }>
}

export interface Generate {
  sessionID: string
  system: unknown[]
  messages: unknown[]
  tools?: Record<string, unknown>
  options: Record<string, unknown>
}

export interface Rule {
  action: string
  resource: string
  effect: "allow" | "ask" | "deny"
}

export interface Context {
  options?: Record<string, unknown>
  location?: { directory?: string }
  command?: {
    list?(): Promise<{ name: string }[]>
    transform?(change: (editor: { add(definition: Definition): void }) => void): Promise<unknown>
  }
  tool?: { transform?(change: (editor: { add(tool: Tool): void }) => void): Promise<unknown> }
  agent?: { list?(): Promise<{ id: string; permissions?: Rule[] }[]> }
  session?: {
    create?(input: object): Promise<{ id: string }>
    get?(input: { sessionID: string }): Promise<{ model?: ModelRef }>
    prompt?(input: object): Promise<unknown>
    generate?(input: { sessionID: string; prompt: string }): Promise<{ text: string }>
    switchModel?(input: { sessionID: string; model: ModelRef }): Promise<unknown>
    interrupt?(input: { sessionID: string }): Promise<unknown>
    hook?(name: "generate", hear: (event: Generate) => void): Promise<unknown> | unknown
  }
}
