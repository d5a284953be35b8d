import assert from "node:assert/strict"
import { test } from "node:test"
import { COMMANDS, TOOL, TOOL_DESCRIPTION, instruction, unquoted } from "../src/commands.js"

const TYPED: [string, string][] = [
  ["fix it", "fix it"],
  ['"fix it"', "fix it"],
  ['"\\"fix it\\""', "fix it"],
  ["'fix it'", "fix it"],
  ['"a" and "b"', '"a" and "b"'],
  ['"C:\\new\\table"', "C:\\new\\table"],
  ['say \\"hi\\"', 'say \\"hi\\"'],
  ["two\nlines `code` ünï 🎉", "two\nlines `code` ünï 🎉"],
  ["it's", "it's"],
  ["", ""],
]

for (const [given, meant] of TYPED)
  test(`the text is taken as it was typed: ${JSON.stringify(given)}`, () => assert.equal(unquoted(given), meant))

test("what other sessions are shown of the tool stays small", () => {
  assert.ok(TOOL.length + TOOL_DESCRIPTION.length < 1500)
})

test("the model of the turn is told the command and asked for one call of the tool", () => {
  for (const name of Object.keys(COMMANDS)) assert.match(instruction(name), new RegExp(`/${name}\\b.*${TOOL} once`))
})
