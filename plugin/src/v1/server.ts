/** OpenCode 1: the commands, the tool that carries them out, and the hooks that lend the user's model. */
import { openBridge } from "../bridge.js"
import type { Question, Result } from "../child.js"
import { carryOut } from "../child.js"
import { COMMANDS, TOOL, TOOL_DESCRIPTION, instruction, unquoted } from "../commands.js"
import { MISSING, launch } from "../launch.js"
import { Completions, agents, offered } from "./completion.js"
import type { Config, Event, Input, Message, Model, Options, ToolContext } from "./host.js"
import { ProgressPart, withoutProgress } from "./progress.js"
import { Shell } from "./shell.js"

interface Pending {
  order: string
  text: string
}

/** The hooks of OpenCode 1. */
export async function server({ client }: Input, options: Options): Promise<object> {
  const completions = new Completions(client)
  const shell = new Shell(client, completions, options)
  const ours = new Set<string>()
  const pending = new Map<string, Pending>()
  const models = new Map<string, Model>()
  const running = new Set<AbortController>()

  async function execute(context: ToolContext): Promise<Result> {
    const asked = pending.get(context.sessionID)
    pending.delete(context.sessionID)
    const model = models.get(context.sessionID)
    if (!asked || !model) return { title: "nothing to do", text: `No command was given: type one of ${listed(ours)}.`, exit: 2 }
    const program = launch(options.command, process.env)
    if (!program) return { title: "not installed", text: MISSING, exit: 2 }
    const part = new ProgressPart(client, context)
    const stop = new AbortController()
    running.add(stop)
    const bridge = await openBridge(completions.models(context.sessionID, model))
    try {
      const order = { command: asked.order, text: asked.text, root: context.directory, model: offered(model).id, base_url: bridge.url, attended: true }
      const audience = {
        progress: (text: string) => part.show(text),
        notice: (text: string) => toast(text),
        allows: (question: Question) => allows(context, question),
      }
      const signal = AbortSignal.any([context.abort, stop.signal])
      const result = await carryOut(program, order, { OPENAI_API_KEY: bridge.token }, audience, signal)
      if (!signal.aborted) await part.show(result.text, true)
      return result
    } finally {
      bridge.close()
      running.delete(stop)
    }
  }

  async function toast(text: string): Promise<void> {
    const variant = /^(failed|stuck)/i.test(text) ? "error" : /^verified/i.test(text) ? "success" : "info"
    await client.tui.showToast({ body: { title: "/auto", message: text, variant } }).catch(() => {})
  }

  return {
    config: async (config: Config) => {
      config.command ??= {}
      for (const [name, { description }] of Object.entries(COMMANDS)) {
        if (config.command[name]) continue // the user's own command of this name wins
        config.command[name] = { description, template: `/${name} $ARGUMENTS` }
        ours.add(name)
      }
      config.agent = { ...agents(), ...config.agent }
      config.permission = withApprovals(config.permission)
    },
    "command.execute.before": async (
      input: { command: string; sessionID: string; arguments: string },
      output: { parts: object[] },
    ) => {
      const command = COMMANDS[input.command]
      if (!command || !ours.has(input.command)) return
      const asked = { order: command.order, text: unquoted(input.arguments) }
      pending.set(input.sessionID, asked)
      await shell.insteadOfTool(input.sessionID, asked, models.get(input.sessionID))
      // The person sees what was typed; what the model is told stands beside it, out of sight.
      const typed = { type: "text", text: `/${input.command} ${asked.text}`.trim() }
      output.parts.splice(0, output.parts.length, typed, { type: "text", text: instruction(input.command), synthetic: true })
    },
    "chat.params": async (input: { sessionID: string; model: Model }, output: object) => {
      if (completions.owns(input.sessionID)) completions.parameters(input.sessionID, output)
      else models.set(input.sessionID, input.model)
    },
    "experimental.chat.system.transform": async (input: { sessionID?: string }, output: { system: string[] }) =>
      completions.system(input.sessionID, output),
    "experimental.chat.messages.transform": async (_: unknown, output: { messages: Message[] }) => {
      withoutProgress(output.messages)
      completions.history(output.messages)
    },
    "shell.env": async (input: { sessionID?: string }, output: { env: Record<string, string> }) =>
      shell.environment(input.sessionID, output.env),
    event: async ({ event }: { event: Event }) => completions.hear(event),
    tool: {
      [TOOL]: {
        description: TOOL_DESCRIPTION,
        args: {},
        async execute(_: unknown, context: ToolContext) {
          const { title, text, exit } = await execute(context)
          return { title, output: text, metadata: { exit } }
        },
      },
    },
    dispose: async () => {
      for (const stop of running) stop.abort()
    },
  }
}

/** An approval that was wished for is asked even where everything may pass; the user's own rule for it wins. */
function withApprovals(permission: Config["permission"]): Record<string, unknown> {
  const rules: Record<string, unknown> = typeof permission === "string" ? { "*": permission } : { ...permission }
  for (const name of ["auto_plan", "auto_apply"]) if (rules["*"] !== "deny") rules[name] ??= "ask"
  return rules
}

/** Ask under the rules of the agent that the user works with; a refusal is an answer. */
async function allows(context: ToolContext, question: Question): Promise<boolean> {
  const { action, targets, detail } = question
  try {
    if (action === "execute") {
      const always = targets.map(command => `${command.split(" ").slice(0, 2).join(" ")} *`)
      await context.ask({ permission: "bash", patterns: targets, always, metadata: { command: targets[0] } })
    } else if (action === "plan") {
      await context.ask({ permission: "auto_plan", patterns: targets, always: [], metadata: { plan: targets.join("\n") } })
    } else {
      const metadata = { filepath: targets.join(", "), diff: detail }
      await context.ask({ permission: "edit", patterns: targets, always: ["*"], metadata })
      if (action === "apply") await context.ask({ permission: "auto_apply", patterns: targets, always: [], metadata })
    }
    return true
  } catch {
    return false
  }
}

function listed(names: Set<string>): string {
  return [...names].map(name => `/${name}`).join(", ")
}
