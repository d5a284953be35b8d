"""The record of what was asked: every request with its role, its identities, its fate; and questions to the record."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from tests.modelserver.request import Request


class Entry(TypedDict, total=False):
    """One request. `ended` and what stands below it are there once it has ended."""

    order: int
    time: float
    scenario: str
    role: str
    stream: bool
    digest: str
    likeness: str
    """Identity of the question, without regard to white space, ids of calls, order of keys and streaming."""
    sent_before: int
    in_flight: int
    """How many requests were being served when it came, itself included."""
    body: dict[str, Any]
    rule: str
    fault: str
    outcome: str
    """What it got: reply, refusal 429, broken short_body, and so on."""
    prompt_tokens: int
    completion_tokens: int
    ended: float
    bytes: int
    hung_up: bool
    """Whether the client went away before it had its answer."""


class RequestLog:
    """Requests in order of arrival, safe for parallel ones; as JSON lines in a file too, if one is named."""

    def __init__(self, path: Path | None = None, tell: Callable[[Entry], None] | None = None) -> None:
        self.entries: list[Entry] = []
        self.changed = threading.Condition(threading.RLock())
        self._path = path
        self._tell = tell
        self._sent: Counter[str] = Counter()
        self._open = 0

    def receive(self, request: Request) -> tuple[Request, Entry]:
        """Enter a request before it is served; returns it with the number of times that its bytes came before."""
        with self.changed:
            before = self._sent[request.digest]
            self._sent[request.digest] += 1
            counted = Request(request.body, request.path, before, request.named_role)
            self._open += 1
            entry: Entry = {
                "order": len(self.entries),
                "time": time.time(),
                "scenario": counted.model,
                "role": counted.role,
                "stream": counted.stream,
                "digest": counted.digest,
                "likeness": counted.likeness,
                "sent_before": before,
                "in_flight": self._open,
                "body": counted.body,
            }
            self.entries.append(entry)
            self.changed.notify_all()
        return counted, entry

    def end(self, entry: Entry, written: int, hung_up: bool) -> None:
        """Complete the entry of a request, write it down and tell of it; only then it counts as ended."""
        with self.changed:
            entry |= {"ended": time.time(), "bytes": written, "hung_up": hung_up}
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
            if self._tell is not None:
                self._tell(entry)
            self._open -= 1
            self.changed.notify_all()

    def settled(self, *, requests: int, ended: int, timeout: float) -> bool:
        """Wait until so many requests have come and so many have ended; False if that takes longer than `timeout`."""
        with self.changed:
            return self.changed.wait_for(
                lambda: len(self.entries) >= requests and len(self.entries) - self._open >= ended, timeout
            )

    def of(self, *, role: str = "", fault: str = "") -> list[Entry]:
        """Return the entries of a role, and of those that met a fault."""
        with self.changed:
            return [
                each
                for each in self.entries
                if (not role or each["role"] == role) and (not fault or each.get("fault") == fault)
            ]

    def most_alike(self) -> int:
        """Return how often the question was asked that was asked most often, whatever it got."""
        with self.changed:
            return max(Counter(each["likeness"] for each in self.entries).values(), default=0)

    def greatest_concurrency(self) -> int:
        """Return how many requests were served at the same time at most."""
        with self.changed:
            return max((each["in_flight"] for each in self.entries), default=0)

    @property
    def in_flight(self) -> int:
        """How many requests are being served now."""
        with self.changed:
            return self._open
