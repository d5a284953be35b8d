/**
 * OpenCode Orchestrator for OpenCode. One default export and nothing else: OpenCode 1 calls `server`, OpenCode 2 `setup`.
 * What belongs to one of them only is loaded when that one asks for it.
 */
import type { Input, Options } from "./v1/host.js"
import type { Context } from "./v2/host.js"

export default {
  id: "opencode-orchestrator",
  server: async (input: Input, options?: Options) => (await import("./v1/server.js")).server(input, options ?? {}),
  setup: async (context: Context) => (await import("./v2/setup.js")).setup(context),
}
