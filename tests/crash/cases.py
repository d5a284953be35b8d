"""The cases: which signal strikes at which moment of a run."""

import random
import re
from dataclasses import dataclass
from signal import Signals
from typing import Literal

SEED = 20
"""Draws the instants of the whole matrix."""

INSTANTS = 200
"""How many instants are drawn for SIGKILL."""

POLITE = 8
"""How many instants are drawn for each signal that a run hears."""

Moment = Literal["asked", "answered", "at"]


@dataclass(frozen=True)
class Case:
    """A signal, and when it strikes: as request N comes, as it has been answered, or at a fraction of the run."""

    signal: Signals
    moment: Moment
    place: float

    def __str__(self) -> str:
        place = f"{self.place:.4f}" if self.moment == "at" else f"{int(self.place)}"
        return f"{self.signal.name}/{self.moment}/{place}"


def named(name: str) -> Case:
    """The case of a name; raises ValueError."""
    if not (found := re.fullmatch(r"(SIG[A-Z]+)/(asked|answered|at)/([\d.]+)", name)):
        raise ValueError(f"no case is called {name!r}")
    return Case(Signals[found[1]], found[2], float(found[3]))  # type: ignore[arg-type]


def whole(requests: int, *, instants: int = INSTANTS, seed: int = SEED) -> list[Case]:
    """The whole matrix for a run of so many requests: each of them, twice, and the drawn instants."""
    draw = random.Random(seed)
    each = [Case(Signals.SIGKILL, moment, n) for n in range(1, requests + 1) for moment in ("asked", "answered")]
    kills = [Case(Signals.SIGKILL, "at", draw.random()) for _ in range(instants)]
    polite = [Case(number, "at", draw.random()) for number in (Signals.SIGTERM, Signals.SIGINT) for _ in range(POLITE)]
    return [*each, *polite, *kills]  # type: ignore[list-item]


def short() -> list[Case]:
    """A few that strike where much is under way: lanes side by side, a merge, the end."""
    return [named(name) for name in ("SIGKILL/answered/5", "SIGKILL/at/0.8000", "SIGINT/at/0.5000")]
