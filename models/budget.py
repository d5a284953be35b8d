"""Limits on calls, tokens, money and time: checked and taken in one step before a call, never after it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from typing_extensions import TypedDict

from models.errors import BudgetSpent


class Usage(TypedDict):
    """What was used: requests sent, tokens, and US dollars (None where a price is not known)."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


def no_usage() -> Usage:
    """Return the usage of a run that has not asked anything."""
    return {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}


def add(first: Usage, second: Usage) -> Usage:
    """Return the sum; an unknown cost makes the sum unknown."""
    costs = (first["cost"], second["cost"])
    return {
        "calls": first["calls"] + second["calls"],
        "prompt_tokens": first["prompt_tokens"] + second["prompt_tokens"],
        "completion_tokens": first["completion_tokens"] + second["completion_tokens"],
        "cost": None if costs[0] is None or costs[1] is None else costs[0] + costs[1],
    }


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds: calls (requests sent), tokens (prompts and answers), cost in USD, wall seconds; None: no bound."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None


class Budget:
    """What a run, and each of its tasks, may still spend. Safe for parallel lanes.

    A task that comes back gets a lane of its own, ``t1.2`` after ``t1``: its limit goes on from what it has used.

    A call is *taken* before it is sent: check and count are one step, so parallel lanes cannot pass the cap together,
    and the estimated prompt, its tokens and its cost, is held back until the real usage is charged. `seconds` is the
    time that earlier processes of the same run have used.
    """

    def __init__(
        self,
        limits: Limits,
        spent: Usage | None = None,
        *,
        per_lane: Limits | None = None,
        lanes: Mapping[str, Usage] | None = None,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self.per_lane = per_lane or Limits()
        self._spent = spent or no_usage()
        self._lanes: dict[str, Usage] = {}
        for lane, used in (lanes or {}).items():
            self._lanes[task_of(lane)] = add(self._lanes.get(task_of(lane), no_usage()), used)
        self._held = _NOTHING
        self._held_by_lane: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._clock = clock
        self._started = clock() - seconds

    def check(self, lane: str | None = None, tokens: int = 0) -> None:
        """Raise BudgetSpent if a call with a prompt of about `tokens` tokens would pass a limit; takes nothing."""
        with self._lock:
            self._check(lane, tokens)

    def take(self, lane: str, tokens: int = 0, cost: float = 0.0) -> None:
        """Check, count one call, and hold back `tokens` and `cost` (USD) for its prompt.

        Raises BudgetSpent and takes nothing where a limit leaves no room for it.
        """
        with self._lock:
            self._check(lane, tokens, cost)
            one: Usage = {**no_usage(), "calls": 1}
            self._add(lane, one)
            self._hold(lane, tokens, cost)

    def charge(self, lane: str, usage: Usage, held: int = 0, held_cost: float = 0.0) -> None:
        """Add what a call really used, and release what `take` held back (the call itself is counted already)."""
        with self._lock:
            self._add(lane, {**usage, "calls": 0})
            self._hold(lane, -held, -held_cost)

    def spent(self, lane: str | None = None) -> Usage:
        """Return what the run, or the task of one lane, has used so far."""
        with self._lock:
            return {**(self._spent if lane is None else self._lanes.get(task_of(lane), no_usage()))}

    def elapsed(self) -> float:
        """Return the wall seconds that the run has used, earlier processes included."""
        return self._clock() - self._started

    def remaining_seconds(self) -> float | None:
        """Return the wall seconds left, None without a limit; never negative."""
        return None if self.limits.seconds is None else max(0.0, self.limits.seconds - self.elapsed())

    def _check(self, lane: str | None, tokens: int, cost: float = 0.0) -> None:
        _within(self.limits, self._spent, self._held, tokens, cost, None)
        if self.limits.seconds is not None and (elapsed := self.elapsed()) >= self.limits.seconds:
            raise BudgetSpent("seconds", self.limits.seconds, round(elapsed, 1))
        if lane is not None:
            task = task_of(lane)
            held = self._held_by_lane.get(task, _NOTHING)
            _within(self.per_lane, self._lanes.get(task, no_usage()), held, tokens, cost, task)

    def _add(self, lane: str, usage: Usage) -> None:
        self._spent = add(self._spent, usage)
        task = task_of(lane)
        self._lanes[task] = add(self._lanes.get(task, no_usage()), usage)

    def _hold(self, lane: str, tokens: int, cost: float) -> None:
        self._held = self._held.more(tokens, cost)
        task = task_of(lane)
        self._held_by_lane[task] = self._held_by_lane.get(task, _NOTHING).more(tokens, cost)


def task_of(lane: str) -> str:
    """Return the task that a lane works on."""
    return lane.partition(".")[0]


class _Held(NamedTuple):
    """What calls on their way hold back: tokens, and US dollars."""

    tokens: int
    cost: float

    def more(self, tokens: int, cost: float) -> "_Held":
        """Return the sum; what rounding leaves of the money is nothing."""
        return _Held(self.tokens + tokens, self.cost + cost if self.tokens + tokens else 0.0)


_NOTHING = _Held(0, 0.0)


def _within(limits: Limits, spent: Usage, held: _Held, tokens: int, cost: float, lane: str | None) -> None:
    if limits.calls is not None and spent["calls"] >= limits.calls:
        raise BudgetSpent("calls", limits.calls, spent["calls"], lane)
    used = spent["prompt_tokens"] + spent["completion_tokens"]
    if limits.tokens is not None and (used >= limits.tokens or used + held.tokens + tokens > limits.tokens):
        raise BudgetSpent("tokens", limits.tokens, used, lane)
    money = spent["cost"]
    if (
        limits.cost is not None
        and money is not None
        and (money >= limits.cost or money + held.cost + cost > limits.cost)
    ):
        raise BudgetSpent("cost", limits.cost, money, lane)
