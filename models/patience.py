"""How long a failing endpoint is waited for, and which models are left alone for a while after they failed."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from models.faults import Fault
from models.seat import CallKey
from models.settings import RetryPolicy

TRIES_BEFORE_FALLBACK = 3
"""Most requests to a model for one call while another model could take over."""

TRIES_UNREACHED = 3
"""Most requests for one call to an address at which nothing has ever answered."""


class _Named(Protocol):
    @property
    def model(self) -> str: ...


L = TypeVar("L", bound=_Named)


class Patience:
    """The waits of a run. They are drawn from the run's seed and the call's address: the same run, the same waits."""

    def __init__(self, policy: RetryPolicy, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._seed = seed
        self._clock = clock
        self._reached: set[str] = set()
        self._resting: dict[str, float] = {}
        self._lock = threading.Lock()

    def waiting(self, key: CallKey, model: str, *, more: bool) -> "Waiting":
        """Return the waits of one call to one model; with `more` models behind it they end sooner."""
        return Waiting(self, random.Random(f"{self._seed}/{model}/{key}"), model, more=more)

    def reached(self, model: str) -> None:
        """Note that something answers there."""
        with self._lock:
            self._reached.add(model)
            self._resting.pop(model, None)

    def rest(self, model: str, fault: Fault) -> None:
        """Leave a model alone that has failed a call: for good, or for the window in which retries would start."""
        if fault.kind in ("context", "rejected"):
            return  # it was this one request
        with self._lock:
            self._resting[model] = self._clock() + self._policy.window if fault.passing else float("inf")

    def awake(self, lines: Sequence[L]) -> list[L]:
        """Return the lines to try, in order: those that rest only where no other is left."""
        with self._lock:
            now = self._clock()
            ready = [line for line in lines if self._resting.get(line.model, 0.0) <= now]
        return ready or list(lines)

    def tries(self, model: str, fault: Fault, *, more: bool) -> int:
        """Return the most requests for one call."""
        with self._lock:
            if fault.kind not in ("down", "network", "timeout"):
                self._reached.add(model)
            reached = model in self._reached
        most = self._policy.tries if reached or fault.kind != "down" else min(TRIES_UNREACHED, self._policy.tries)
        return min(TRIES_BEFORE_FALLBACK, most) if more else most

    def now(self) -> float:
        """Return the time of the clock."""
        return self._clock()

    @property
    def policy(self) -> RetryPolicy:
        """How passing faults are waited out."""
        return self._policy


class Waiting:
    """The waits of one call to one model."""

    def __init__(self, patience: Patience, draw: random.Random, model: str, *, more: bool) -> None:
        self._patience = patience
        self._draw = draw
        self._model = model
        self._more = more
        self._faults = 0
        self._first = patience.now()

    def after(self, fault: Fault) -> float | None:
        """Return the seconds to wait after a fault before the next try, None if there is to be none.

        A wait that the endpoint asks for is kept to; one that would end after the window is not begun.
        """
        self._faults += 1
        policy = self._patience.policy
        if not fault.passing or self._faults >= self._patience.tries(self._model, fault, more=self._more):
            return None
        backoff = min(policy.cap, policy.base * 2.0 ** (self._faults - 1)) * self._draw.uniform(0.5, 1.0)
        wait = max(fault.retry_after or 0.0, backoff)
        since = self._patience.now() - self._first
        return None if since + wait > policy.window else round(wait, 3)
