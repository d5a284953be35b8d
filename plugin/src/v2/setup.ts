/** OpenCode 2: commands that start a turn, and the tool that carries them out under the host's own permissions. */
import { openBridge } from "../bridge.js"
import type { Question, Result } from "../child.js"
import { carryOut } from "../child.js"
import { COMMANDS, TOOL, TOOL_DESCRIPTION, instruction, unquoted } from "../commands.js"
import { MISSING, launch } from "../launch.js"
import { Completions, nameOf } from "./completion.js"
import type { Context, Invocation, ToolContext } from "./host.js"

/** Register everything that this host has a place for; returns what takes it away again. */
export async function setup(context: Context): Promise<() => void> {
  const completions = new Completions(context)
  const pending = new Map<string, { order: string; text: string }>()
  const running = new Set<AbortController>()
  await context.session?.hook?.("generate", event => completions.shape(event))

  async function start(name: string, order: string, invocation: Invocation): Promise<unknown> {
    const { sessionID, messageID, prompt, delivery } = invocation
    pending.set(sessionID, { order, text: unquoted(prompt.text) })
    const text = `${instruction(name)}\n\nText of the command, for your information only:\n${prompt.text}`
    return context.session?.prompt?.({ ...prompt, text, sessionID, id: messageID, delivery })
  }

  async function execute(call: ToolContext): Promise<Result> {
    const asked = pending.get(call.sessionID)
    pending.delete(call.sessionID)
    if (!asked) return { title: "nothing to do", text: "No command was given.", exit: 2 }
    const program = launch(context.options?.command, process.env)
    if (!program) return { title: "not installed", text: MISSING, exit: 2 }
    const own = (await context.session?.get?.({ sessionID: call.sessionID }))?.model
    if (!own) return { title: "no model", text: "This session has no model yet.", exit: 2 }
    const stop = new AbortController()
    running.add(stop)
    const bridge = await openBridge(completions.models(own))
    try {
      const root = context.location?.directory ?? process.cwd()
      const order = { command: asked.order, text: asked.text, root, model: nameOf(own), base_url: bridge.url, attended: true }
      const audience = {
        progress: async (text: string) => call.progress?.({ text }),
        notice: async () => {},
        allows: (question: Question) => allows(context, call.agent, question),
      }
      const signal = AbortSignal.any([call.signal, stop.signal])
      return await carryOut(program, order, { OPENAI_API_KEY: bridge.token }, audience, signal)
    } finally {
      bridge.close()
      running.delete(stop)
    }
  }

  const taken = new Set(((await context.command?.list?.()) ?? []).map(command => command.name))
  await context.command?.transform?.(editor => {
    for (const [name, { order, description }] of Object.entries(COMMANDS))
      if (!taken.has(name)) editor.add({ name, description, execute: call => start(name, order, call) })
  })
  await context.tool?.transform?.(editor =>
    editor.add({
      name: TOOL,
      description: TOOL_DESCRIPTION,
      input: { type: "object", properties: {}, additionalProperties: false },
      options: { codemode: false, permission: "edit" },
      execute: async (_, call) => {
        const { text, exit } = await execute(call)
        return { content: text, metadata: { exit } }
      },
    }),
  )
  return () => {
    for (const stop of running) stop.abort()
  }
}

/**
 * The host has asked for the tool under `edit` before it ran. It offers plugins no way to ask for a command, so a command
 * runs where the rules of the agent let every command pass, and nowhere else.
 */
async function allows(context: Context, agent: string, question: Question): Promise<boolean> {
  if (question.action === "edit") return true
  if (question.action !== "execute") return false // waits for /answer-auto
  const rules = (await context.agent?.list?.())?.find(each => each.id === agent)?.permissions ?? []
  const about = rules.filter(rule => rule.action === "shell" || rule.action === "*")
  const whole = about.findLastIndex(rule => rule.resource === "*")
  return about[whole]?.effect === "allow" && about.slice(whole + 1).every(rule => rule.effect === "allow")
}
