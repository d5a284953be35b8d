/**
 * Progress in OpenCode 1: one text part of the running message, written anew each time. The metadata of a plugin's tool
 * reaches nobody there. The part is for the user: no model ever reads it.
 */
import type { Client, Message, ToolContext } from "./host.js"

const MARK = "auto"

export class ProgressPart {
  private readonly id = `prt_zz${Date.now().toString(36)}`
  private readonly start = Date.now()
  private last = Promise.resolve()

  constructor(
    private readonly client: Client,
    private readonly context: Pick<ToolContext, "sessionID" | "messageID">,
  ) {}

  /** Show a text instead of the one before, in the order of the calls; the last one ends the part. */
  show(text: string, end = false): Promise<void> {
    const { sessionID, messageID } = this.context
    const time = { start: this.start, ...(end && { end: Date.now() }) }
    const body = { id: this.id, sessionID, messageID, type: "text", text, metadata: { [MARK]: true }, time }
    this.last = this.last
      .then(() =>
        this.client._client.patch({
          url: "/session/{sessionID}/message/{messageID}/part/{partID}",
          path: { sessionID, messageID, partID: this.id },
          headers: { "content-type": "application/json" },
          body,
        }),
      )
      .then(
        () => {},
        () => {}, // nobody looks any more
      )
    return this.last
  }
}

/** Take progress out of what a model is about to read. */
export function withoutProgress(messages: Message[]): void {
  for (const message of messages) message.parts = message.parts.filter(part => part.metadata?.[MARK] !== true)
}
