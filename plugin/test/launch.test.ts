import assert from "node:assert/strict"
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { launch } from "../src/launch.js"

function folder(...programs: string[]): string {
  const made = mkdtempSync(path.join(os.tmpdir(), "launch "))
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
  const file = path.join(folder("orchestrator"), "orchestrator")
  assert.deepEqual(launch(file, {}), [file])
})

test("then the environment, then the PATH", () => {
  const here = folder("orchestrator", "uvx")
  assert.deepEqual(launch(undefined, { ORCHESTRATOR_COMMAND: "other", PATH: here }), ["other"])
  assert.deepEqual(launch(undefined, { PATH: here }), [path.join(here, "orchestrator")])
})

test("then whatever can fetch the package", () => {
  const uvx = folder("uvx", "pipx")
  const fetched = ["--from", "opencode-orchestrator", "orchestrator"]
  assert.deepEqual(launch(undefined, { PATH: uvx }), [path.join(uvx, "uvx"), ...fetched])
  const pipx = folder("pipx")
  assert.equal(launch(undefined, { PATH: pipx })?.[0], path.join(pipx, "pipx"))
})

test("a file that cannot be executed is passed over, and nothing is nothing", () => {
  const here = folder("orchestrator")
  chmodSync(path.join(here, "orchestrator"), 0o644)
  assert.equal(launch(undefined, { PATH: here }), null)
  assert.equal(launch(null, {}), null)
  assert.equal(launch([], {}), null)
})
