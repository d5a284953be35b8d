/**
 * OpenCode 2 against a context written from its documentation and published sources. No host of version 2 has run this:
 * what is shown is that the plugin keeps to what is documented, and lives with any domain missing.
 */
import assert from "node:assert/strict"
import { chmodSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import plugin from "../src/index.js"
import type { Context, Definition, Generate, Tool } from "../src/v2/host.js"
import { folder } from "./folder.js"

/** A host that keeps what is registered, and has a model that repeats its prompt. */
function host(rules: { action: string; resource: string; effect: "allow" | "ask" | "deny" }[], command?: string) {
  const commands: Definition[] = []
  const tools: Tool[] = []
  const prompts: Record<string, unknown>[] = []
  const shapes: ((event: Generate) => void)[] = []
  const generated: Generate[] = []
  const context: Context = {
    options: command ? { command } : {},
    location: { directory: os.tmpdir() },
    command: { list: async () => [{ name: "plan" }], transform: async change => change({ add: one => void commands.push(one) }) },
    tool: { transform: async change => change({ add: one => void tools.push(one) }) },
    agent: { list: async () => [{ id: "build", permissions: rules }] },
    session: {
      create: async () => ({ id: "child" }),
      get: async () => ({ model: { providerID: "a", id: "b" } }),
      prompt: async input => void prompts.push(input as Record<string, unknown>),
      switchModel: async () => {},
      generate: async ({ sessionID, prompt }) => {
        const event: Generate = { sessionID, system: ["host"], messages: ["host"], tools: { bash: {} }, options: {} }
        for (const shape of shapes) shape(event)
        generated.push(event)
        return { text: prompt }
      },
      hook: async (_, hear) => void shapes.push(hear),
    },
  }
  return { context, commands, tools, prompts, generated }
}

function script(text: string): string {
  const file = path.join(folder("v2-"), "program")
  writeFileSync(file, `#!${process.execPath}\n${text}`)
  chmodSync(file, 0o755)
  return file
}

const call = { sessionID: "s", agent: "build", signal: new AbortController().signal }
const ALLOW = [{ action: "*", resource: "*", effect: "allow" as const }]

test("a user's own command stays, ours start a turn that asks for the tool", async () => {
  const { context, commands, tools, prompts } = host(ALLOW)
  await plugin.setup(context)
  assert.ok(!commands.some(command => command.name === "plan"))
  assert.deepEqual(tools.map(tool => [tool.name, tool.options?.permission]), [["auto_run", "edit"]])
  const auto = commands.find(command => command.name === "auto")
  await auto?.execute({ sessionID: "s", messageID: "m", prompt: { text: "fix $& it" }, delivery: "queue" })
  assert.equal(prompts[0]?.id, "m")
  assert.match(String(prompts[0]?.text), /auto_run once[^]*fix \$& it$/)
})

test("the tool lends the session's model, passed through exactly", async () => {
  const file = script(`
    const http = require("node:http")
    process.stdin.once("data", async data => {
      const order = JSON.parse(data)
      const body = { model: order.model, temperature: 0.5, messages: [{ role: "system", content: "S" }, { role: "user", content: "Q" }] }
      const headers = { authorization: "Bearer " + process.env.OPENAI_API_KEY }
      const answer = await (await fetch(order.base_url + "/chat/completions", { method: "POST", headers, body: JSON.stringify(body) })).json()
      console.log(JSON.stringify({ type: "result", title: "t", text: order.text + ":" + answer.choices[0].message.content, exit: 0 }))
      process.exit(0)
    })`)
  const { context, commands, tools, generated } = host(ALLOW, file)
  await plugin.setup(context)
  await commands.find(command => command.name === "auto")?.execute({ sessionID: "s", messageID: "m", prompt: { text: '"do it"' } })
  const done = await tools[0]?.execute({}, call)
  assert.equal(done?.content, "do it:Q")
  const part = (text: string) => ({ type: "text", text })
  assert.deepEqual(generated[0], {
    sessionID: "child",
    system: [part("S")],
    messages: [{ role: "user", content: [part("Q")] }],
    tools: {},
    options: { temperature: 0.5 },
  })
})

const ASKS = `
  console.log(JSON.stringify({ type: "ask", id: 1, action: "execute", targets: ["pytest"], detail: "" }))
  process.stdin.on("data", data => {
    for (const line of String(data).split("\\n").filter(Boolean)) {
      const message = JSON.parse(line)
      if (message.id !== 1) continue
      console.log(JSON.stringify({ type: "result", title: "t", text: String(message.allowed), exit: 0 }))
      process.exit(0)
    }
  })`

for (const [rules, allowed] of [
  [ALLOW, "true"],
  [[...ALLOW, { action: "shell", resource: "rm *", effect: "deny" as const }], "false"],
  [[...ALLOW, { action: "shell", resource: "*", effect: "ask" as const }], "false"],
  [[], "false"],
] as const)
  test(`a command runs only where every command may: ${JSON.stringify(rules)}`, async () => {
    const { context, commands, tools } = host([...rules], script(ASKS))
    await plugin.setup(context)
    await commands.find(command => command.name === "auto")?.execute({ sessionID: "s", messageID: "m", prompt: { text: "x" } })
    assert.equal((await tools[0]?.execute({}, call))?.content, allowed)
  })

test("a call that nobody asked for does nothing", async () => {
  const { context, tools } = host(ALLOW)
  await plugin.setup(context)
  assert.match((await tools[0]?.execute({}, call))?.content ?? "", /No command was given/)
})

for (const missing of ["command", "tool", "agent", "session", "location", "options"] as const)
  test(`a host without the domain ${missing} is lived with`, async () => {
    const { context } = host(ALLOW)
    delete context[missing]
    const clean = await plugin.setup(context)
    clean()
  })
