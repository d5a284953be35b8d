"""One call from its address to its recorded answer: journal, budget, faults waited out, and models that take over."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from models.budget import Budget, Usage, no_usage
from models.errors import BudgetSpent, ModelError, RecordingIncomplete
from models.exchange import Waits
from models.failures import failure_of
from models.faults import Fault
from models.journal import JSON, Found, Journal, Recorded, digest_of
from models.patience import Patience
from models.question import Note
from models.replies import Reply
from models.seat import CallKey
from models.settings import Price

MOST_TOKENS = 16
"""Most tokens for each that we estimate: a token has at least one byte, and a character at most four."""

FRAME = 4_096
"""Tokens by which an endpoint's own frame (template, schema) may lengthen a prompt."""

_ENDED = "the run was ended while it waited for the model"


class Emit(Protocol):
    """The event sink of a run."""

    def __call__(self, type: str, /, **fields: JSON) -> object:
        """Write one event."""
        ...


class Put(Protocol):
    """A question as it is put to one model."""

    left_out: int

    def send(self, waits: Waits, note: Note) -> Reply | Fault:
        """Send it once."""
        ...

    def adapt(self, fault: Fault) -> bool:
        """Take in a refusal; returns whether it would now be put differently."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A model that a call may go to: the question for it, where it is, and what it costs."""

    model: str
    place: str
    price: Price | None
    question: Put


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: its address, the request as it is journalled, and about how many tokens its prompt has."""

    key: CallKey
    request: JSON
    prompt_tokens: int


class Caller:
    """Makes calls that are paid at most once. Safe for parallel lanes."""

    def __init__(
        self,
        journal: Journal,
        budget: Budget,
        emit: Emit,
        patience: Patience,
        *,
        answer_timeout: float,
        idle_timeout: float,
        live: bool,
    ) -> None:
        self._journal = journal
        self._budget = budget
        self._emit = emit
        self._patience = patience
        self._waits = (answer_timeout, idle_timeout)
        self._live = live
        self._closed = threading.Event()

    def call(self, call: Call, lines: Sequence[Line]) -> Recorded:
        """Return the answer to a request: the recorded one if there is one, else that of the first line that serves.

        Raises BudgetSpent before anything is sent, ProviderError when no endpoint can or will answer, ContextOverflow
        when the prompt is too long, RecordingIncomplete in a replay that lacks the call.
        """
        key, digest = call.key, digest_of(call.request)
        found = self._journal.answered(key, digest)
        if found is not None:
            return self._hand_out(call, digest, found)
        if not self._live:
            # The limit that has ended the recorded run ends its replay too.
            self._budget.take(key.lane, call.prompt_tokens, _cost(lines[0], call))
            raise self._not_recorded(key)
        lines, fault, sends, started = self._patience.awake(lines), None, 0, time.monotonic()
        for number, line in enumerate(lines):
            if fault is not None:
                said = {"to": line.model, "kind": fault.kind, "text": fault.message}
                self._event("model.fallback", key, model=lines[number - 1].model, **said)
            self._event("call.started", key, model=line.model)
            sends, outcome = self._send(call, digest, line, more=number + 1 < len(lines))
            if isinstance(outcome, Reply):
                return self._answered(call, digest, line, outcome, sends, time.monotonic() - started)
            fault = outcome
            self._patience.rest(line.model, fault)
            self._event("call.failed", key, model=line.model, kind=fault.kind, text=fault.message)
        assert fault is not None
        raise failure_of(fault, lines[-1].model, lines[-1].place, sends)

    def close(self) -> None:
        """End every call: one that waits for its next try or whose request is broken off raises ModelError."""
        self._closed.set()

    def _answered(self, call: Call, digest: str, line: Line, reply: Reply, sends: int, seconds: float) -> Recorded:
        """Charge, write down and tell an answer."""
        usage = _usage(reply, call.prompt_tokens, line.price)
        self._budget.charge(call.key.lane, usage, call.prompt_tokens, _cost(line, call))
        answer: Recorded = {
            "text": reply.text,
            "calls": list(reply.calls),
            "finish": reply.finish,
            "usage": usage,
            "model": reply.model,
            "seconds": round(seconds, 3),
        }
        if reply.reasoning and not reply.text.strip():
            answer["reasoning"] = reply.reasoning
        if line.model != reply.model:
            answer["asked"] = line.model
        if line.question.left_out:
            answer["left_out"] = line.question.left_out
        self._journal.received(call.key, digest, answer, elapsed=self._budget.elapsed())
        self._finished(call.key, answer, sends, recorded=False)
        return answer

    def _hand_out(self, call: Call, digest: str, found: Found) -> Recorded:
        """Return a recorded answer; one of another run counts against this run's budget, as it did there."""
        key, answer = call.key, found.answer
        if not found.own:
            for _ in range(found.sends):
                self._budget.take(key.lane)
                elapsed = self._budget.elapsed()
                self._journal.sending(key, digest, call.request, model=answer["model"], elapsed=elapsed)
            self._budget.charge(key.lane, answer["usage"])
            self._journal.received(key, digest, answer, elapsed=self._budget.elapsed())
        self._event("call.started", key, model=answer["model"])
        self._finished(key, answer, found.sends, recorded=True)
        return answer

    def _not_recorded(self, key: CallKey) -> RecordingIncomplete:
        why = "asked something else there" if self._journal.differs(key) else "ends before it or took another way"
        fix = "Replay it on the files and with the settings of that run, or give a model with --model."
        return RecordingIncomplete(f"The recording has no answer for {key}: it {why}.", fix=fix)

    def _send(self, call: Call, digest: str, line: Line, *, more: bool) -> tuple[int, Reply | Fault]:
        """Send until there is a reply or a fault that no further try will cure; each send is one call of the budget."""
        key, waiting, sends = call.key, self._patience.waiting(call.key, line.model, more=more), 0

        def note(type: str, /, **fields: JSON) -> None:
            self._event(type, key, **fields)

        while True:
            self._budget.take(key.lane, call.prompt_tokens, _cost(line, call))
            sends += 1
            self._journal.sending(key, digest, call.request, model=line.model, elapsed=self._budget.elapsed())
            outcome = line.question.send(self._time_for_answer(), note)
            if isinstance(outcome, Reply):
                self._patience.reached(line.model)
                return sends, outcome
            self._paid_in_vain(call, line, outcome)
            if self._closed.is_set():
                raise ModelError(_ENDED)
            if line.question.adapt(outcome):
                continue
            wait = waiting.after(outcome)
            if wait is None:
                return sends, outcome
            left = self._budget.remaining_seconds()
            if left is not None and wait >= left:
                raise BudgetSpent("seconds", self._budget.limits.seconds or 0.0, round(self._budget.elapsed(), 1))
            note("call.retried", model=line.model, kind=outcome.kind, text=outcome.message, wait=wait)
            if self._closed.wait(wait):
                raise ModelError(_ENDED)

    def _paid_in_vain(self, call: Call, line: Line, fault: Fault) -> None:
        """Release what was held back for a request that failed, and charge what its unusable answer has cost."""
        usage = no_usage()
        if fault.reply is not None:
            usage = _usage(fault.reply, call.prompt_tokens, line.price)
            self._journal.lost(call.key, usage)
        self._budget.charge(call.key.lane, usage, call.prompt_tokens, _cost(line, call))

    def _time_for_answer(self) -> Waits:
        answer, idle = self._waits
        left = self._budget.remaining_seconds()
        return Waits(answer, idle, None if left is None else max(0.05, left))

    def _finished(self, key: CallKey, answer: Recorded, sends: int, *, recorded: bool) -> None:
        spent = answer["usage"]
        usage: dict[str, JSON] = {
            "calls": sends,
            "prompt_tokens": spent["prompt_tokens"],
            "completion_tokens": spent["completion_tokens"],
            "cost": spent["cost"],
        }
        seconds = 0.0 if recorded else answer["seconds"]
        self._event("call.finished", key, model=answer["model"], usage=usage, seconds=seconds, recorded=recorded)

    def _event(self, type: str, key: CallKey, /, **fields: JSON) -> None:
        self._emit(type, lane=key.lane, agent=key.agent, attempt=key.attempt, **fields)


def _cost(line: Line, call: Call) -> float:
    """Return what the prompt of a call will cost, in US dollars; nothing where no price is known."""
    usage: Usage = {**no_usage(), "prompt_tokens": call.prompt_tokens}
    return 0.0 if line.price is None else line.price.of(usage)


def _usage(reply: Reply, prompt_tokens: int, price: Price | None) -> Usage:
    """Return what a reply used; an endpoint that does not count is counted for, so that a budget still ends."""
    said = len(reply.text) + sum(map(len, reply.calls)) + len(reply.reasoning)
    counted = reply.prompt_tokens
    usage: Usage = {
        "calls": 1,
        "prompt_tokens": counted if counted and counted <= MOST_TOKENS * prompt_tokens + FRAME else prompt_tokens,
        "completion_tokens": reply.completion_tokens or -(-said // 4),
        "cost": None,
    }
    return {**usage, "cost": price.of(usage) if price is not None else None}
