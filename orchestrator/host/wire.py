"""The lines between a host and the command that it started."""

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any, TextIO

from nodes.permission import Action
from orchestrator.host.order import MAX_ORDER, Order, order_of
from orchestrator.question import Question

MAX_DETAIL = 60_000
"""Most characters of a patch that is shown with a question."""


class Wire:
    """Sends messages, and hears answers in a thread of its own; the end of input interrupts this process."""

    def __init__(self, lines: TextIO, out: TextIO) -> None:
        self._lines = lines
        self._out = out
        self._lock = threading.Lock()
        self._asked: dict[int, SimpleQueue[bool]] = {}
        self._ended = False

    @classmethod
    def of_process(cls) -> "Wire":
        """Take standard output for messages: whatever else is printed goes to standard error."""
        out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return cls(sys.stdin, out)

    def order(self) -> Order:
        """The host's order; raises UsageError."""
        return order_of(self._lines.readline(MAX_ORDER))

    def listen(self) -> None:
        """Hear answers from now on."""
        threading.Thread(target=self._hear, name="host", daemon=True).start()

    def send(self, type: str, **fields: Any) -> None:
        """Send one message; a host that has gone hears nothing, and its end of input says the rest."""
        line = json.dumps({"type": type, **fields}, ensure_ascii=True)
        with self._lock:
            try:
                print(line, file=self._out, flush=True)
            except (OSError, ValueError):
                return

    def end(self, **result: Any) -> None:
        """Send the result, the last message of all; a host that hangs up from now on interrupts nothing."""
        self._ended = True
        self.send("result", **result)
        self._out.close()

    def permission(self, action: Action, targets: Sequence[str], detail: str) -> bool:
        """Ask the host's user, and wait."""
        return self._allowed(action, targets, detail)

    def answer(self, question: Question) -> str | None:
        """Ask for an approval, and wait; what takes words, or is not approved, waits for the command `answer`."""
        if question.kind == "answer":
            return None
        return "yes" if self._allowed(question.kind, question.targets, question.patch) else None

    def _allowed(self, action: str, targets: Sequence[str], detail: str) -> bool:
        with self._lock:
            number = len(self._asked) + 1
            answer = self._asked[number] = SimpleQueue()
        self.send("ask", id=number, action=action, targets=list(targets), detail=detail[:MAX_DETAIL])
        return answer.get()

    def _hear(self) -> None:
        for line in self._lines:
            try:
                message = json.loads(line)
                self._asked[message["id"]].put(message["allowed"] is True)
            except (ValueError, KeyError, TypeError):
                continue  # nothing that was asked
        if not self._ended:
            os.kill(os.getpid(), signal.SIGTERM)
