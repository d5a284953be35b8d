import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import type { Audience, Question, Result } from "../src/child.js"
import { carryOut } from "../src/child.js"
import type { Launch } from "../src/launch.js"
import { folder } from "./folder.js"

const here = folder("child-")

/** A program that stands in for the Python package: it runs this script with the lines of its host. */
function program(script: string): Launch {
  const file = path.join(mkdtempSync(path.join(here, "p-")), "program.mjs")
  const lines = 'import readline from "node:readline"; const lines = readline.createInterface({ input: process.stdin });\n'
  const say = "const say = message => console.log(JSON.stringify(message));\n"
  writeFileSync(file, lines + say + script)
  return [process.execPath, file]
}

interface Heard {
  progress: string[]
  notices: string[]
  questions: Question[]
}

async function run(launch: Launch, allowed = true, signal = new AbortController().signal): Promise<Result & Heard> {
  const heard: Heard = { progress: [], notices: [], questions: [] }
  const audience: Audience = {
    progress: text => void heard.progress.push(text),
    notice: text => void heard.notices.push(text),
    allows: async question => {
      heard.questions.push(question)
      return allowed
    },
  }
  const order = { command: "auto", text: "do it", root: here, model: "a/b", base_url: "http://127.0.0.1:1/v1", attended: true }
  return { ...(await carryOut(launch, order, { OPENAI_API_KEY: "t" }, audience, signal)), ...heard }
}

test("an order goes in whole, with the token in the environment, and the result comes back", async () => {
  const echo = program(`
    lines.once("line", line => {
      say({ type: "progress", text: "p" }); say({ type: "notice", text: "n" })
      say({ type: "result", title: "verified", text: line + process.env.OPENAI_API_KEY, exit: 0 }); process.exit(0)
    })`)
  const done = await run(echo)
  assert.equal(done.exit, 0)
  assert.match(done.text, /"v":1.*"text":"do it".*t$/)
  assert.deepEqual([done.progress, done.notices], [["p"], ["n"]])
})

for (const allowed of [true, false])
  test(`a question is answered: ${allowed ? "allowed" : "not allowed"}`, async () => {
    const asks = program(`
      say({ type: "ask", id: 4, action: "execute", targets: ["pytest"], detail: "" })
      lines.on("line", line => {
        const message = JSON.parse(line)
        if (message.id === 4) { say({ type: "result", title: "x", text: String(message.allowed), exit: 0 }); process.exit(0) }
      })`)
    const done = await run(asks, allowed)
    assert.equal(done.text, String(allowed))
    assert.deepEqual(done.questions, [{ action: "execute", targets: ["pytest"], detail: "" }])
  })

test("a program that is not there is one clear result", async () => {
  const done = await run([path.join(here, "nowhere")])
  assert.equal(done.exit, 2)
  assert.match(done.text, /nowhere could not be started/)
})

test("a program that dies without a word is told with its last words", async () => {
  const done = await run(program('console.error("Traceback: boom"); process.exit(3)'))
  assert.match(done.text, /without a result \(exit code 3\).*boom/s)
})

test("what is no message is passed over", async () => {
  const done = await run(program('console.log("hello"); console.log("[1]"); say({ type: "result", title: "t", text: "x", exit: 0 }); process.exit(0)'))
  assert.equal(done.text, "x")
})

test("an interruption ends the program and everything that it started", async () => {
  const file = path.join(here, "grandchild")
  const stubborn = program(`
    import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs"
    const child = spawn("sleep", ["60"]); writeFileSync(${JSON.stringify(file)}, String(child.pid)); say({ type: "progress", text: "up" })`)
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 500)
  const done = await run(stubborn, true, stop.signal)
  assert.deepEqual([done.title, done.exit], ["interrupted", 130])
  await new Promise(resolve => setTimeout(resolve, 200))
  const state = spawnSync("ps", ["-o", "stat=", "-p", readFileSync(file, "utf8")], { encoding: "utf8" }).stdout.trim()
  assert.match(state, /^(Z.*)?$/)
})

test("a signal that came first still ends it", async () => {
  const done = await run(program("setInterval(() => {}, 1000)"), true, AbortSignal.abort())
  assert.equal(done.exit, 130)
})
