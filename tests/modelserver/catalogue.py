"""The catalogue of faults: what each is called, who can meet it, in how many ways it comes, and how it is made.

A fault turns the answer that was due into what a failing server or a weak model sends. It is registered under an id
("T2") and a name ("e429"); its ways ("how") are named too. A kind is written `NAME` or `NAME:HOW`; kinds that are laid
over each other are joined with "+", as in `lazy:slashes+truncate`. New faults are added in `faults/`, or registered by
a scenario module.
"""

import random
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.reply import Outcome, Reply
from tests.modelserver.request import ROLES, Request

Options = Mapping[str, object]

ANYBODY = ROLES
"""Roles that can meet a fault of the wire or of any text."""

WRITERS = ("coder", "fixer")
"""Roles that change source."""

EDITORS = ("coder", "fixer", "reviewer")
"""Roles that write files; the reviewer writes tests."""

DECIDERS = ("orchestrator", "planner", "searcher", "reviewer")
"""Roles that answer in JSON."""


@dataclass(frozen=True)
class Turn:
    """One request, the answer that is due to it, and what a fault may draw on.

    `nth` counts the different requests that met the fault's rule, from 1; `step` those of them that one rule answers.
    `draw` depends on seed, scenario, rule and request only. `memory` lasts as long as the scenario and belongs to the
    fault's rule and the rule that answers, so that parallel lanes do not share it. `again` gives the answer that is due
    to another request.
    """

    due: Reply
    request: Request
    options: Options
    draw: random.Random
    nth: int
    step: int
    dialect: Dialect
    memory: MutableMapping[str, object]
    again: Callable[[Request], Reply]

    @property
    def how(self) -> str:
        """The way in which the fault comes."""
        return str(self.options["how"])

    def number(self, name: str, default: float) -> float:
        """Return an option that is a number."""
        value = self.options.get(name, default)
        return float(value) if isinstance(value, (int, float, str)) else default

    def text(self, name: str, default: str) -> str:
        """Return an option that is a text."""
        value = self.options.get(name, default)
        return value if isinstance(value, str) else default


Make: TypeAlias = Callable[[Turn], Outcome | None]
"""Makes the outcome of a turn; None when the fault does not apply to it."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `hows` are the ways in which it comes, the first by default; `roles` those who can meet it."""

    id: str
    name: str
    summary: str
    hows: tuple[str, ...]
    options: frozenset[str]
    roles: tuple[str, ...]
    make: Make


CATALOGUE: dict[str, Fault] = {}
"""Every fault by its name."""


def fault(
    id: str, name: str, *, hows: Sequence[str] = ("",), options: Sequence[str] = (), roles: Sequence[str] = ANYBODY
) -> Callable[[Make], Make]:
    """Register a fault; the first sentence of its docstring is its summary."""

    def register(make: Make) -> Make:
        summary = re.split(r"(?<=\.)\s", (make.__doc__ or "").strip(), maxsplit=1)[0]
        known = frozenset({"how", *options})
        CATALOGUE[name] = Fault(id, name, " ".join(summary.split()), tuple(hows), known, tuple(roles), make)
        return make

    return register


@dataclass(frozen=True)
class Kind:
    """One fault in one way."""

    fault: Fault
    how: str

    def __str__(self) -> str:
        return f"{self.fault.name}:{self.how}" if self.how else self.fault.name


def kinds_of(text: str) -> tuple[Kind, ...]:
    """Read a kind: names or ids, each perhaps with a way, joined with "+". Raises ValueError that lists what there is.

    An id that several faults share stands for the first of them.
    """
    return tuple(_kind(part) for part in text.split("+"))


def every_kind(prefix: str = "") -> list[Kind]:
    """Return each fault in each of its ways, in the order of the ids, for those that start with a prefix."""
    return [Kind(each, how) for each in in_order() if each.id.startswith(prefix) for how in each.hows]


def in_order() -> list[Fault]:
    """Return the faults in the order of their ids: the wire, messages, edits, behaviour."""
    return sorted(CATALOGUE.values(), key=lambda each: ("TMEB".find(each.id[0]), int(each.id[1:] or 0)))


def check_options(kinds: Sequence[Kind], options: Options) -> None:
    """Raise ValueError for an option or a way that none of the kinds knows."""
    known = frozenset[str]().union(*(each.fault.options for each in kinds))
    if unknown := sorted(set(options) - known):
        names = "+".join(map(str, kinds))
        raise ValueError(f"fault {names} knows no option {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    if "how" in options and not any(options["how"] in each.fault.hows for each in kinds):
        ways = ", ".join(way for each in kinds for way in each.fault.hows)
        raise ValueError(f"no way {options['how']!r} of {'+'.join(map(str, kinds))}; there are {ways}")


def struck(kinds: Sequence[Kind], turn: Turn) -> Outcome | None:
    """Lay kinds over each other: each works on the reply that the one before left; None when none changes anything."""
    outcome: Outcome | None = None
    for kind in kinds:
        due = turn.due if outcome is None else outcome
        if not isinstance(due, Reply):
            break
        how = turn.options.get("how", kind.how)
        how = how if how in kind.fault.hows else kind.how
        made = kind.fault.make(replace(turn, due=due, options={**turn.options, "how": how}))
        outcome = outcome if made is None or repr(made) == repr(due) else made
    return outcome


def _kind(text: str) -> Kind:
    name, _, how = text.strip().partition(":")
    chosen = CATALOGUE.get(name) or next((each for each in CATALOGUE.values() if each.id == name.upper()), None)
    if chosen is None:
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(CATALOGUE)}")
    if how and how not in chosen.hows:
        raise ValueError(f"fault {chosen.name} does not come as {how!r}; it comes as {', '.join(chosen.hows)}")
    return Kind(chosen, how or chosen.hows[0])
