/** Where the Python package is: what the user names, what is on the PATH, or what fetches it. */
import { accessSync, constants, statSync } from "node:fs"
import path from "node:path"

export type Launch = readonly [string, ...string[]]

export const INSTALL = "pipx install opencode-orchestrator"

export const MISSING =
  `The orchestrator's Python package was not found. Install it: ${INSTALL} ` +
  '(or name it in the plugin\'s options: "command": ["/path/to/python", "-m", "orchestrator"]).'

const FETCHERS: readonly Launch[] = [
  ["uvx", "--from", "opencode-orchestrator", "orchestrator"],
  ["pipx", "run", "--spec", "opencode-orchestrator", "orchestrator"],
]

/** The program and its first arguments: option, environment, PATH, uvx or pipx; null where there is none of them. */
export function launch(named: unknown, env: NodeJS.ProcessEnv): Launch | null {
  const own = words(named) ?? words(env.ORCHESTRATOR_COMMAND)
  if (own) return own
  for (const each of [["orchestrator"] as const, ...FETCHERS]) {
    const program = onPath(each[0], env)
    if (program) return [program, ...each.slice(1)]
  }
  return null
}

/** A command as a list of words; a text that names a file is one word, any other is cut at its blanks. */
function words(named: unknown): Launch | null {
  const list = Array.isArray(named) ? named : typeof named === "string" ? split(named) : []
  const [first, ...rest] = list.filter((word): word is string => typeof word === "string" && word !== "")
  return first === undefined ? null : [first, ...rest]
}

function split(text: string): string[] {
  return isFile(text.trim()) ? [text.trim()] : text.trim().split(/\s+/)
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const endings = process.platform === "win32" ? (env.PATHEXT ?? ".EXE;.CMD").split(";") : [""]
  for (const folder of (env.PATH ?? "").split(path.delimiter).filter(Boolean))
    for (const ending of endings) {
      const file = path.join(folder, name + ending)
      if (isFile(file) && executable(file)) return file
    }
  return null
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
