/** The commands that OpenCode gains, and what each of them orders of the Python package. */

export interface Command {
  order: string
  description: string
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  auto: { order: "auto", description: "Six agents do a task until executed checks say that it is done" },
  plan: { order: "plan", description: "Cut a task into atomic steps, and stop there" },
  search: { order: "search", description: "The searcher alone: the lines of this project that matter" },
  review: { order: "review", description: "The reviewer alone: certain defects of a change (default: uncommitted)" },
  fix: { order: "fix", description: "Repair the errors that are given, verified like any change" },
  "answer-auto": { order: "answer", description: "Answer what the run that waits in this folder has asked" },
  agents: { order: "agents", description: "Show the team: role, model, tools" },
  runs: { order: "runs", description: "List the newest runs" },
  "undo-auto": { order: "undo", description: "Take back what the newest run changed here" },
  "cancel-auto": { order: "cancel", description: "Interrupt the run that goes on in this folder" },
}

export const TOOL = "auto_run"

export const TOOL_DESCRIPTION =
  "Carries out the command that the user has just typed (/auto, /plan, /search, /review, /fix, /agents, /runs, " +
  "/answer-auto, /undo-auto, /cancel-auto). Call it only when a message tells you to; it knows the command and its text."

/** What the model of the turn is told. The text goes to the tool as it was typed, whatever the model makes of it. */
export function instruction(name: string): string {
  return (
    `The user gave the command /${name}. Call the tool ${TOOL} once, now, and write nothing before the call. ` +
    "When it returns, answer with one sentence that says how it ended, exactly as its first line does. " +
    "Do no part of the work yourself."
  )
}

/**
 * The text as it was typed. People put quotes around it, and `opencode run` adds a pair around an argument with blanks,
 * with \" for each quote inside; it does not escape backslashes, so this is no JSON.
 */
export function unquoted(text: string): string {
  const trimmed = text.trim()
  const double = /^"((?:\\"|[^"])*)"$/s.exec(trimmed)
  if (double) return unquoted((double[1] ?? "").replaceAll('\\"', '"'))
  return trimmed.replace(/^'([^']*)'$/s, "$1")
}
