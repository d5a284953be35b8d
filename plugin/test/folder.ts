import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"

/** A new folder for what a test writes, gone when its process ends. */
export function folder(prefix: string): string {
  const made = mkdtempSync(path.join(os.tmpdir(), prefix))
  process.once("exit", () => rmSync(made, { recursive: true, force: true }))
  return made
}
