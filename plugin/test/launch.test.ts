import assert from "node:assert/strict"
import { chmodSync, writeFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { launch } from "../src/launch.js"
import { folder } from "./folder.js"

function holding(...programs: string[]): string {
  const made = folder("launch ")
  for (const name of programs) {
    writeFileSync(path.join(made, name), "#!/bin/sh\n")
    chmodSync(path.join(made, name), 0o755)
  }
  return made
}

test("the plugin's option comes first", () => {
  assert.deepEqual(launch(["py", "-m", "orchestrator"], { ORCHESTRATOR_COMMAND: "other" }), ["py", "-m", "orchestrator"])
  assert.deepEqual(launch("py -m orchestrator", {}), ["py", "-m", "orchestrator"])
})

test("a text that names a file is one word, blanks and all", () => {
  const file = path.join(holding("orchestrator"), "orchestrator")
  assert.deepEqual(launch(file, {}), [file])
})

test("then the environment, then the PATH", () => {
  const here = holding("orchestrator", "uvx")
  assert.deepEqual(launch(undefined, { ORCHESTRATOR_COMMAND: "other", PATH: here }), ["other"])
  assert.deepEqual(launch(undefined, { PATH: here }), [path.join(here, "orchestrator")])
})

test("then whatever can fetch the package", () => {
  const uvx = holding("uvx", "pipx")
  const fetched = ["--from", "opencode-orchestrator", "orchestrator"]
  assert.deepEqual(launch(undefined, { PATH: uvx }), [path.join(uvx, "uvx"), ...fetched])
  const pipx = holding("pipx")
  assert.equal(launch(undefined, { PATH: pipx })?.[0], path.join(pipx, "pipx"))
})

test("a file that cannot be executed is passed over, and nothing is nothing", () => {
  const here = holding("orchestrator")
  chmodSync(path.join(here, "orchestrator"), 0o644)
  assert.equal(launch(undefined, { PATH: here }), null)
  assert.equal(launch(null, {}), null)
  assert.equal(launch([], {}), null)
})
