"""One call from its address to its recorded answer: journal, budget, and waiting out the endpoint's passing faults."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from models.budget import Budget, Usage, no_usage
from models.errors import BudgetSpent, ContextOverflow, ModelError, ProviderError, RecordingIncomplete
from models.faults import Fault
from models.journal import JSON, Found, Journal, Recorded, digest_of
from models.seat import CallKey
from models.settings import Price, RetryPolicy
from models.transport import Reply

_ENDED = "the run was ended while it waited for the model"


class Emit(Protocol):
    """The event sink of a run."""

    def __call__(self, type: str, /, **fields: JSON) -> object:
        """Write one event."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """How one call is put to the endpoint.

    `send` sends it once, with the seconds it may take; `adapt` takes in a refusal and tells whether the request would
    now be put differently.
    """

    model: str
    place: str
    price: Price | None
    send: Callable[[float], Reply | Fault]
    adapt: Callable[[Fault], bool]


class Caller:
    """Makes calls that are paid at most once. Safe for parallel lanes."""

    def __init__(
        self, journal: Journal, budget: Budget, emit: Emit, retry: RetryPolicy, *, answer_timeout: float, live: bool
    ) -> None:
        self._journal = journal
        self._budget = budget
        self._emit = emit
        self._retry = retry
        self._answer_timeout = answer_timeout
        self._live = live
        self._reached = False
        self._closed = threading.Event()

    def call(self, key: CallKey, request: JSON, prompt_tokens: int, line: Line) -> Recorded:
        """Return the answer to a request: the recorded one if there is one, else the endpoint's.

        Raises BudgetSpent before anything is sent, ProviderError when the endpoint cannot or will not answer,
        ContextOverflow when the prompt is too long, RecordingIncomplete in a replay that lacks the call.
        """
        digest = digest_of(request)
        found = self._journal.answered(key, digest)
        if found is not None:
            return self._hand_out(key, digest, request, found)
        if not self._live:
            raise self._not_recorded(key)
        self._event("call.started", key, model=line.model)
        started = time.monotonic()
        sends, outcome = self._send(key, digest, request, prompt_tokens, line)
        if isinstance(outcome, Fault):
            self._event("call.failed", key, model=line.model, kind=outcome.kind, text=outcome.message)
            raise _failure(outcome, line, sends)
        usage = _usage(outcome, prompt_tokens, line.price)
        self._budget.charge(key.lane, usage, held=prompt_tokens)
        answer: Recorded = {
            "text": outcome.text,
            "calls": list(outcome.calls),
            "finish": outcome.finish,
            "usage": usage,
            "model": outcome.model,
            "seconds": round(time.monotonic() - started, 3),
        }
        self._journal.received(key, digest, answer, elapsed=self._budget.elapsed())
        self._finished(key, answer, sends, recorded=False)
        return answer

    def close(self) -> None:
        """End every call: one that waits for its next try or whose request is broken off raises ModelError."""
        self._closed.set()

    def _hand_out(self, key: CallKey, digest: str, request: JSON, found: Found) -> Recorded:
        """Return a recorded answer; one of another run counts against this run's budget, as it did there."""
        answer = found.answer
        if not found.own:
            for _ in range(found.sends):
                self._budget.take(key.lane)
                self._journal.sending(key, digest, request, model=answer["model"], elapsed=self._budget.elapsed())
            self._budget.charge(key.lane, answer["usage"])
            self._journal.received(key, digest, answer, elapsed=self._budget.elapsed())
        self._event("call.started", key, model=answer["model"])
        self._finished(key, answer, found.sends, recorded=True)
        return answer

    def _not_recorded(self, key: CallKey) -> RecordingIncomplete:
        why = "asked something else there" if self._journal.differs(key) else "ends before it or took another way"
        fix = "Replay it on the files and with the settings of that run, or give a model with --model."
        return RecordingIncomplete(f"The recording has no answer for {key}: it {why}.", fix=fix)

    def _send(
        self, key: CallKey, digest: str, request: JSON, prompt_tokens: int, line: Line
    ) -> tuple[int, Reply | Fault]:
        """Send until there is a reply or a fault that no further try will cure; each send is one call of the budget."""
        sends, faults, first = 0, 0, time.monotonic()
        while True:
            self._budget.take(key.lane, prompt_tokens)
            sends += 1
            self._journal.sending(key, digest, request, model=line.model, elapsed=self._budget.elapsed())
            outcome = line.send(self._time_for_answer())
            if isinstance(outcome, Reply):
                self._reached = True
                return sends, outcome
            self._reached = self._reached or outcome.kind not in ("down", "network", "timeout")
            self._budget.charge(key.lane, no_usage(), held=prompt_tokens)
            if self._closed.is_set():
                raise ModelError(_ENDED)
            if line.adapt(outcome):
                continue
            faults += 1
            wait = self._wait_before_retry(outcome, faults, time.monotonic() - first)
            if wait is None:
                return sends, outcome
            self._event("call.retried", key, model=line.model, kind=outcome.kind, text=outcome.message, wait=wait)
            if self._closed.wait(wait):
                raise ModelError(_ENDED)

    def _time_for_answer(self) -> float:
        left = self._budget.remaining_seconds()
        return self._answer_timeout if left is None else max(0.05, min(self._answer_timeout, left))

    def _wait_before_retry(self, fault: Fault, faults: int, since_first: float) -> float | None:
        """Return the seconds to wait before the next try, None if there is to be none."""
        policy = self._retry
        tries = policy.tries if self._reached or fault.kind != "down" else min(3, policy.tries)
        if not fault.passing or faults >= tries:
            return None
        backoff = min(policy.cap, policy.base * 2.0 ** (faults - 1)) * random.uniform(0.5, 1.0)
        wait = max(fault.retry_after or 0.0, backoff)
        if since_first + wait > policy.window:
            return None
        left = self._budget.remaining_seconds()
        if left is not None and wait >= left:
            raise BudgetSpent("seconds", self._budget.limits.seconds or 0.0, round(self._budget.elapsed(), 1))
        return round(wait, 3)

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


def _usage(reply: Reply, prompt_tokens: int, price: Price | None) -> Usage:
    """Return what a reply used; an endpoint that does not count is counted for, so that a budget still ends."""
    usage: Usage = {
        "calls": 1,
        "prompt_tokens": reply.prompt_tokens or prompt_tokens,
        "completion_tokens": reply.completion_tokens or -(-(len(reply.text) + sum(map(len, reply.calls))) // 4),
        "cost": None,
    }
    return {**usage, "cost": price.of(usage) if price is not None else None}


def _failure(fault: Fault, line: Line, sends: int) -> ModelError:
    """Return the exception for a fault that ends the call, with the setting to change."""
    said = f" ({fault.message})" if fault.message else ""
    match fault.kind:
        case "context":
            return ContextOverflow(f"the prompt is too long for {line.model}{said}", limit=fault.context_limit)
        case "key":
            what = f"{line.place} refuses the key{said}."
            fix = "Set OPENAI_API_KEY to a key that may use this model, or choose another endpoint with --base-url."
        case "missing":
            what = f"{line.place} knows no model {line.model!r} at that address{said}."
            fix = "Name an offered model with --model, or check --base-url (most end in /v1)."
        case "quota":
            what = f"the quota at {line.place} is used up{said}."
            fix = "Top it up, or choose another endpoint or model with --base-url and --model."
        case "rejected":
            what = f"{line.place} refuses the request{said}."
            fix = "Choose another model with --model."
        case "gone":
            what = f"the embedded model {line.model} cannot go on: {fault.message}."
            fix = "Free some memory and run `orchestrator resume last`, or choose an endpoint with --base-url."
        case "down":
            what = f"nothing answers at {line.place}{said}."
            fix = "Start the server, or check --base-url and OPENAI_BASE_URL."
        case _:
            what = f"{line.place} failed {sends} times, the last time with: {fault.message or fault.kind}."
            fix = "Try `orchestrator resume last` later, or choose another endpoint with --base-url."
    return ProviderError(what, fix=fix, status=fault.status)
