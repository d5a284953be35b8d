"""The meter: before each call a batch's budget and its endpoint's limits are asked, in one step for all workers."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import BudgetSpent
from orchestrator.fleet.database import Database, Transaction
from orchestrator.fleet.patience import waited_for

WINDOW = 60.0
"""Seconds in which requests and tokens are counted."""

LIMITS = ("calls", "tokens", "cost", "seconds")


class BatchSpent(BudgetSpent):
    """The budget of the whole batch leaves no room for the next call; raised before it is sent."""

    def __init__(self, limit: str, allowed: float, spent: float) -> None:
        super().__init__(limit, allowed, spent)
        self.args = (f"the budget of the batch is spent: {spent:g} of {allowed:g} {limit}",)


@dataclass
class Meter:
    """Counts the calls of one run, as the keeper of its journal."""

    database: Database
    run: str
    batch: str
    endpoint: str
    wait: Callable[[float], None] = time.sleep
    closed: threading.Event = field(default_factory=threading.Event)
    """Once set no further call begins: whoever wants one waits for the end of the process."""

    def __post_init__(self) -> None:
        self.under_way: set[str] = set()
        """Calls that are sent and not answered."""
        self._sizes: dict[str, int] = {}
        self._held: dict[str, int] = {}

    def before(self, record: Mapping[str, Any]) -> None:
        """Take a call out of the batch's budget, and wait for its turn at the endpoint; raises BatchSpent."""
        if record.get("type") != "call":
            return
        digest, model = str(record["digest"]), str(record["model"])
        if "request" in record:
            self._sizes[digest] = len(json.dumps(record["request"], ensure_ascii=False)) // 4
        tokens = self._sizes.get(digest, 0)
        while self.closed.is_set():
            time.sleep(1)
        while (seconds := waited_for(lambda: self._taken(digest, model, tokens))) > 0:
            self.wait(min(seconds, 5.0))
        self.under_way.add(digest)

    def after(self, record: Mapping[str, Any]) -> None:
        """Charge what a call has used, and let go of what was held back for it."""
        if record.get("type") not in ("answer", "lost"):
            return
        self.under_way.discard(str(record.get("digest", "")))
        usage = record["answer"]["usage"] if record["type"] == "answer" else record["usage"]
        tokens, cost = usage["prompt_tokens"] + usage["completion_tokens"], usage["cost"] or 0.0
        held = self._held.pop(str(record.get("digest", "")), 0)
        waited_for(lambda: self._charged(tokens, cost, held))

    def _charged(self, tokens: int, cost: float, held: int) -> None:
        with self.database.transaction() as transaction:
            transaction.change(
                "UPDATE fleet_batch SET tokens = tokens + :t, cost = cost + :c WHERE id = :b",
                t=tokens,
                c=cost,
                b=self.batch,
            )
            transaction.change("UPDATE fleet_run SET held = held - :h WHERE run = :r", h=held, r=self.run)

    def _taken(self, digest: str, model: str, tokens: int) -> float:
        """Take a call where there is room for it; else the seconds until there may be."""
        with self.database.transaction() as transaction:
            self._refuse_spent(transaction, tokens)
            names = ["*", self.endpoint, f"{self.endpoint}/{model}"]
            limits = self._limits(transaction, names)
            for name, limit in limits.items():
                if (seconds := self._until_free(transaction, name, limit, model, tokens)) > 0:
                    return seconds
            if limits:
                transaction.change(
                    "INSERT INTO fleet_call (at, endpoint, model, tokens) VALUES ({now}, :e, :m, :t)",
                    e=self.endpoint,
                    m=model,
                    t=tokens,
                )
            transaction.change("UPDATE fleet_batch SET calls = calls + 1 WHERE id = :b", b=self.batch)
            transaction.change("UPDATE fleet_run SET held = held + :t WHERE run = :r", t=tokens, r=self.run)
        self._held[digest] = self._held.get(digest, 0) + tokens
        return 0.0

    def _refuse_spent(self, transaction: Transaction, tokens: int) -> None:
        lock = " FOR UPDATE" if self.database.shared else ""
        batch = transaction.rows(f"SELECT *, {{now}} AS now FROM fleet_batch WHERE id = :b{lock}", b=self.batch)[0]
        held = 0
        if batch["max_tokens"] is not None:
            held = transaction.rows(
                "SELECT coalesce(sum(held), 0) AS n FROM fleet_run WHERE batch = :b AND state = 'running'", b=self.batch
            )[0]["n"]
        if spent := spent_of(batch, int(held), tokens):
            raise BatchSpent(*spent)

    def _limits(self, transaction: Transaction, names: list[str]) -> dict[str, Mapping[str, Any]]:
        lock = " FOR UPDATE" if self.database.shared else ""
        rows = transaction.rows(
            "SELECT * FROM fleet_limit WHERE name IN (:a, :b, :c) AND (requests IS NOT NULL OR tokens IS NOT NULL) "
            f"ORDER BY name{lock}",
            **dict(zip("abc", names, strict=True)),
        )
        return {row["name"]: row for row in rows}

    def _until_free(
        self, transaction: Transaction, name: str, limit: Mapping[str, Any], model: str, tokens: int
    ) -> float:
        """Seconds until a limit has room for a call; a call that no limit could ever hold waits for an empty window."""
        where = {"*": "", self.endpoint: "AND endpoint = :e"}.get(name, "AND endpoint = :e AND model = :m")
        recent = transaction.rows(
            f"SELECT count(*) AS calls, coalesce(sum(tokens), 0) AS tokens, min(at) AS first, {{now}} AS now "
            f"FROM fleet_call WHERE at > {{now}} - {WINDOW} {where}",
            e=self.endpoint,
            m=model,
        )[0]
        full = limit["requests"] is not None and recent["calls"] >= limit["requests"]
        full |= limit["tokens"] is not None and recent["calls"] > 0 and recent["tokens"] + tokens > limit["tokens"]
        return max(0.05, recent["first"] + WINDOW - recent["now"]) if full else 0.0


def spent_of(batch: Mapping[str, Any], held: int = 0, tokens: int = 0) -> tuple[str, float, float] | None:
    """The limit of a batch that leaves no room for a call of so many tokens, what it allows and what is spent."""
    begun = batch["begun"]
    used = {
        "calls": batch["calls"],
        "tokens": batch["tokens"],
        "cost": batch["cost"],
        "seconds": round(batch["now"] - begun, 1) if begun is not None else 0.0,
    }
    for name in LIMITS:
        allowed = batch[f"max_{name}"]
        if allowed is None:
            continue
        if used[name] >= allowed or (name == "tokens" and used[name] + held + tokens > allowed):
            return name, float(allowed), float(used[name])
    return None
