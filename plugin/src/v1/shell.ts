/**
 * The way for models that cannot call tools: the command runs in the session's shell, where its output is live and Esc
 * ends it, and the turn of the model is left out. OpenCode asks nothing there, so nothing runs that it would ask about.
 */
import type { Bridge } from "../bridge.js"
import { openBridge } from "../bridge.js"
import type { Launch } from "../launch.js"
import { MISSING, launch } from "../launch.js"
import type { Completions } from "./completion.js"
import { offered } from "./completion.js"
import type { Client, Model, Options, Rule } from "./host.js"

const HARMLESS = new Set(["agents", "runs", "search", "review", "plan"])

export class Shell {
  private readonly bridges = new Map<string, Bridge>()

  constructor(
    private readonly client: Client,
    private readonly completions: Completions,
    private readonly options: Options,
  ) {}

  /** Carry a command out in the shell where the session's model has no tools, and end its turn by throwing. */
  async insteadOfTool(session: string, asked: { order: string; text: string }, seen: Model | undefined): Promise<void> {
    const model = seen ?? (await this.configured(session))
    if (model?.capabilities?.toolcall !== false) return
    const program = launch(this.options.command, process.env)
    if (!program) throw new Error(MISSING)
    const agent = await this.agent(session)
    if (!HARMLESS.has(asked.order) && !(await this.allowed(agent)))
      throw new Error("This model cannot call tools, so nobody can be asked here; allow bash and edit, or use a terminal.")
    const bridge = await openBridge(this.completions.models(session, model))
    this.bridges.set(session, bridge)
    try {
      const command = commandLine(program, asked, offered(model).id, bridge.url)
      await this.client.session.shell({ path: { id: session }, body: { agent, command } })
    } finally {
      this.bridges.delete(session)
      bridge.close()
    }
    throw new Error("Carried out in the shell: this model cannot call tools.")
  }

  /** `shell.env`: the bridge's token, for the one shell that needs it. */
  environment(session: string | undefined, env: Record<string, string>): void {
    const bridge = session === undefined ? undefined : this.bridges.get(session)
    if (bridge) env.OPENAI_API_KEY = bridge.token
  }

  /** The model of the session's last message, else the configured one. */
  private async configured(session: string): Promise<Model | undefined> {
    const messages = (await this.client.session.messages({ path: { id: session } })).data ?? []
    const last = messages.findLast(message => message.info.role === "user")?.info.model
    const named = last ? `${last.providerID}/${last.modelID}` : (await this.client.config.get({})).data?.model
    if (!named) return undefined
    const [providerID = "", ...rest] = named.split("/")
    const { providers = [] } = (await this.client.config.providers({})).data ?? {}
    const found = providers.find(each => each.id === providerID)?.models[rest.join("/")]
    return found && { ...found, providerID }
  }

  private async agent(session: string): Promise<string> {
    const messages = (await this.client.session.messages({ path: { id: session } })).data ?? []
    const last = messages.findLast(message => message.info.role === "user")?.info.agent
    return typeof last === "string" ? last : "build"
  }

  private async allowed(name: string): Promise<boolean> {
    const agent = (await this.client.app.agents({})).data?.find(each => each.name === name)
    return agent !== undefined && ["bash", "edit"].every(permission => freely(agent.permission, permission))
  }
}

/** Whether the rules let a permission pass whatever it is asked for: the last rule that fits all, and none after it. */
function freely(rules: Rule[], permission: string): boolean {
  const about = rules.filter(rule => rule.permission === permission || rule.permission === "*")
  const whole = about.findLastIndex(rule => rule.pattern === "*")
  return about[whole]?.action === "allow" && about.slice(whole + 1).every(rule => rule.action === "allow")
}

const FLAGS: Readonly<Record<string, string[]>> = { auto: ["--headless"], plan: ["--headless"], fix: ["--headless"] }

function commandLine(program: Launch, asked: { order: string; text: string }, model: string, url: string): string {
  if (asked.order === "answer") {
    const flags = ["--headless", "--model", model, "--base-url", url, `--answer=${asked.text}`]
    return [...program, "resume", "last", ...flags].map(quoted).join(" ")
  }
  const name = asked.order
  const modelled = !["runs", "undo", "cancel"].includes(name)
  const flags = [...(FLAGS[name] ?? []), ...(modelled ? ["--model", model, "--base-url", url] : [])]
  const target = name === "undo" || name === "cancel" ? ["last"] : asked.text && name !== "agents" && name !== "runs" ? ["--", asked.text] : []
  return [...program, name, ...flags, ...target].map(quoted).join(" ")
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
