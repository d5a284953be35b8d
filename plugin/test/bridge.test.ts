import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { Bridge, Models, Request } from "../src/bridge.js"
import { WireError, openBridge } from "../src/bridge.js"

/** The host's side: what it was asked, and what it says next. */
const seen: Request[] = []
let say: Models["complete"] = async () => done("hello")

const done = (text: string) => ({ text, model: "m", finish: "stop", tokens: { prompt: 7, completion: 2 } })

let bridge: Bridge
before(async () => {
  bridge = await openBridge({
    list: async () => [{ id: "a/b", context: 32000 }],
    complete: async (request, onText, signal) => {
      seen.push(request)
      return say(request, onText, signal)
    },
  })
})
after(() => bridge.close())

function ask(body: unknown, token = bridge.token): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  return fetch(`${bridge.url}/chat/completions`, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) })
}

const user = (content: unknown) => ({ model: "a/b", messages: [{ role: "system", content: "S" }, { role: "user", content }] })

describe("a bridge", () => {
  test("passes system text, turns and parameters on exactly", async () => {
    say = async () => done("hello")
    const body = {
      ...user([{ type: "text", text: "q" }]),
      temperature: 0.25,
      max_tokens: 777,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
    }
    const answer = await (await ask(body)).json()
    assert.equal(answer.choices[0].message.content, "hello")
    assert.deepEqual(answer.usage, { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 })
    assert.deepEqual(seen.at(-1), {
      model: "a/b",
      system: "S",
      turns: [{ role: "user", text: "q" }],
      temperature: 0.25,
      maxTokens: 777,
      schema: { type: "object" },
    })
  })

  test("streams what comes, the rest, the reason and the usage", async () => {
    say = async (_, onText) => {
      onText("hel")
      return done("hello")
    }
    const text = await (await ask({ ...user("q"), stream: true })).text()
    const chunks = text.split("\n\n").filter(line => line.startsWith("data: {")).map(line => JSON.parse(line.slice(6)))
    assert.equal(chunks.map(chunk => chunk.choices[0]?.delta.content ?? "").join(""), "hello")
    assert.equal(chunks.at(-2).choices[0].finish_reason, "stop")
    assert.equal(chunks.at(-1).usage.total_tokens, 9)
    assert.ok(text.endsWith("data: [DONE]\n\n"))
  })

  test("says in the stream that an answer turned out to be another one", async () => {
    say = async (_, onText) => {
      onText("abc")
      return done("xyz")
    }
    const text = await (await ask({ ...user("q"), stream: true })).text()
    assert.match(text, /"error"/)
    assert.doesNotMatch(text, /\[DONE\]/)
  })

  test("hands a provider's refusal on with its status and its wait", async () => {
    say = async () => {
      throw new WireError(429, "slow down", "7")
    }
    for (const stream of [false, true]) {
      const answer = await ask({ ...user("q"), stream })
      assert.equal(answer.status, 429)
      assert.equal(answer.headers.get("retry-after"), "7")
      assert.equal((await answer.json()).error.message, "slow down")
    }
  })

  test("gives nothing to whoever lacks the token", async () => {
    const count = seen.length
    assert.equal((await ask(user("q"), "0".repeat(48))).status, 401)
    assert.equal((await fetch(`${bridge.url}/models`)).status, 401)
    assert.equal(seen.length, count)
  })

  for (const [name, body] of Object.entries({
    tools: { ...user("q"), tools: [] },
    stop: { ...user("q"), stop: ["x"] },
    response_format: { ...user("q"), response_format: { type: "json_object" } },
    messages: { model: "a/b", messages: [] },
    JSON: "{",
    role: { messages: [{ role: "tool", content: "x" }] },
  }))
    test(`refuses what it cannot pass on, and names it: ${name}`, async () => {
      const answer = await ask(body)
      assert.equal(answer.status, 400)
      assert.match((await answer.json()).error.message, new RegExp(name))
    })

  test("lists the models with their contexts", async () => {
    const headers = { authorization: `Bearer ${bridge.token}` }
    const { data } = await (await fetch(`${bridge.url}/models`, { headers })).json()
    assert.deepEqual(data, [{ id: "a/b", object: "model", context_length: 32000 }])
  })

  test("lets go of a completion when the client hangs up", async () => {
    const let_go = new Promise<void>(resolve => {
      say = (_request, _onText, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            resolve()
            reject(new Error("aborted"))
          }),
        )
    })
    const stop = new AbortController()
    const headers = { authorization: `Bearer ${bridge.token}` }
    const asked = fetch(`${bridge.url}/chat/completions`, { method: "POST", headers, body: JSON.stringify(user("q")), signal: stop.signal })
    setTimeout(() => stop.abort(), 100)
    await assert.rejects(asked)
    await let_go
  })
})
