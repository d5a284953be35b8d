/** One command of the Python package as a child process: lines of JSON in and out, until its result. */
import { spawn, spawnSync } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import readline from "node:readline"
import type { Launch } from "./launch.js"

export interface Order {
  command: string
  text: string
  root: string
  model: string
  base_url: string
  /** Whether a person can answer later what a run asks. */
  attended: boolean
}

export interface Question {
  action: "execute" | "edit" | "plan" | "apply"
  targets: string[]
  detail: string
}

/** What a command tells while it runs, and whom it asks. */
export interface Audience {
  progress(text: string): void | Promise<void>
  notice(text: string): void | Promise<void>
  allows(question: Question): Promise<boolean>
}

export interface Result {
  title: string
  text: string
  exit: number
}

const VERSION = 1
const LAST_WORDS = 2000
const KILL_AFTER = 3000
/** Milliseconds that an interrupted command may take to leave by itself. */

/** Carry out an order. Never throws: whatever goes wrong is a result that says so. */
export async function carryOut(
  launch: Launch,
  order: Order,
  env: Record<string, string>,
  audience: Audience,
  signal: AbortSignal,
): Promise<Result> {
  const child = spawn(launch[0], [...launch.slice(1), "host"], {
    cwd: order.root,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32", // a group of its own, so that all of it can be ended
    windowsHide: true,
  })
  const ended = new Promise<Result | null>(resolve => {
    child.on("error", error => resolve(cannotStart(launch, error)))
    child.on("close", () => resolve(null))
  })
  const stop = () => end(child)
  signal.addEventListener("abort", stop, { once: true })
  if (signal.aborted) stop()
  let errors = ""
  let result: Result | null = null
  child.stdin.on("error", () => {}) // it left while an answer was on its way
  child.stderr.on("data", chunk => (errors = (errors + String(chunk)).slice(-LAST_WORDS)))
  const say = (message: object) => child.stdin.write(JSON.stringify(message) + "\n")
  readline.createInterface({ input: child.stdout }).on("line", line => {
    const message = parsed(line)
    if (message?.type === "result") result = resultOf(message)
    else if (message) void told(message, audience, say)
  })
  say({ v: VERSION, ...order })
  try {
    const failure = await ended
    if (signal.aborted) return { title: "interrupted", text: INTERRUPTED, exit: 130 }
    return failure ?? result ?? { title: "failed", text: silent(child, errors), exit: child.exitCode ?? 1 }
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

const INTERRUPTED = "INTERRUPTED. Nothing is lost; go on in a terminal with: orchestrator resume last"

async function told(message: Message, audience: Audience, say: (answer: object) => void): Promise<void> {
  if (message.type === "progress") await audience.progress(String(message.text))
  if (message.type === "notice") await audience.notice(String(message.text))
  if (message.type !== "ask") return
  const question = { action: message.action, targets: message.targets, detail: message.detail } as Question
  const allowed = await audience.allows(question).catch(() => false)
  say({ id: message.id, allowed })
}

type Message = Record<string, unknown>

function parsed(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null ? (value as Message) : null
  } catch {
    return null
  }
}

function resultOf(message: Message): Result {
  return { title: String(message.title), text: String(message.text), exit: Number(message.exit) }
}

function cannotStart(launch: Launch, error: Error): Result {
  return { title: "failed", text: `${launch[0]} could not be started: ${error.message}`, exit: 2 }
}

function silent(child: ChildProcess, errors: string): string {
  const how = child.signalCode ?? `exit code ${child.exitCode}`
  return `The orchestrator ended without a result (${how}). ${errors.trim()}`.trim()
}

/** End a child and everything that it started: politely, then by force. */
function end(child: ChildProcess): void {
  strike(child, "SIGTERM")
  const force = setTimeout(() => strike(child, "SIGKILL"), KILL_AFTER)
  force.unref()
  child.once("close", () => clearTimeout(force))
}

function strike(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"], { windowsHide: true })
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // it has gone already
  }
}
