"""Scenarios: what a scripted model answers, as a function of the request and not of the order of arrival."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.modelserver.faults import CATALOGUE
from tests.modelserver.reply import Outcome, Raw, Reply, error
from tests.modelserver.request import Request

When: TypeAlias = Callable[[Request], bool]
Says: TypeAlias = str | Reply | Callable[[Request], "str | Reply"]


def contains(*texts: str) -> When:
    """Match requests whose prompt holds all of the texts."""
    return lambda request: all(text in request.text for text in texts)


def lacks(*texts: str) -> When:
    """Match requests whose prompt holds none of the texts."""
    return lambda request: not any(text in request.text for text in texts)


def both(*conditions: When) -> When:
    """Match requests that meet all conditions."""
    return lambda request: all(condition(request) for condition in conditions)


@dataclass(frozen=True)
class Rule:
    """One answer and the requests that it is for.

    A request meets a rule by `role` (the agent, "" for any) and `when`. `nth` counts the *different* requests that
    meet it, from 1: the same bytes sent again (a retry, a resume) keep their number. `times` is how often the rule may
    serve at all. The first rule of a scenario that fits serves.
    """

    reply: Says
    when: When | None = None
    role: str = ""
    nth: int | None = None
    times: int | None = None
    name: str = ""

    def meets(self, request: Request) -> bool:
        """Whether role and condition fit, counts left aside."""
        return (not self.role or self.role == request.role) and (self.when is None or self.when(request))


@dataclass(frozen=True)
class FaultRule:
    """A fault of the catalogue laid over the answers: where (`role`, `when`, `nth`), how often, how likely.

    `nth` counts different requests that meet role and condition, from 1; `times` counts how often the fault strikes
    in all, `repeat` how often it strikes one request. A draw for `rate` depends on seed, scenario and request only.
    """

    kind: str
    when: When | None = None
    role: str = ""
    nth: int | None = None
    times: int | None = 1
    repeat: int | None = None
    rate: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def meets(self, request: Request) -> bool:
        """Whether role and condition fit, counts left aside."""
        return (not self.role or self.role == request.role) and (self.when is None or self.when(request))


@dataclass(frozen=True)
class Served:
    """What a scenario decided for one request, and by which rule and fault."""

    outcome: Outcome
    rule: str
    fault: str = ""


class Scenario:
    """A scripted model, selected by its name. Safe for parallel requests.

    `rules` answer; `faults` are laid over the answers in order (the first that strikes wins); `housekeeping` rules
    come first and are not counted by the others. `refuses` names parameters that it rejects with 400, as
    `temperature` or `response_format:json_schema`. `strict` rejects faulty requests as strict servers do.
    """

    def __init__(
        self,
        name: str,
        rules: Sequence[Rule] = (),
        *,
        faults: Sequence[FaultRule] = (),
        housekeeping: Sequence[Rule] = (),
        refuses: Sequence[str] = (),
        strict: bool = True,
        seed: int = 0,
    ) -> None:
        self.name = name
        self.rules = tuple(rules)
        self.faults = tuple(faults)
        self.housekeeping = tuple(housekeeping)
        self.refuses = tuple(refuses)
        self.strict = strict
        self.seed = seed
        self._met: dict[int, list[str]] = {}
        self._served: dict[int, int] = {}
        self._struck: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()

    def serve(self, request: Request) -> Served:
        """Decide what a request gets; with no rule for it, an error 500 that quotes it."""
        for number, rule in enumerate(self.housekeeping):
            if rule.meets(request):
                return Served(_said(rule.reply, request), rule.name or f"housekeeping {number}")
        with self._lock:
            found = self._rule_for(request)
            if found is None:
                return Served(_unmatched(self.name, request), "")
            number, chosen = found
            due = _said(chosen.reply, request)
            label = chosen.name or f"rule {number}"
            if (struck := self._fault_for(request, due)) is not None:
                return Served(struck[1], label, struck[0])
            self._served[number] = self._served.get(number, 0) + 1
            return Served(due, label)

    def _rule_for(self, request: Request) -> tuple[int, Rule] | None:
        """Count the request for every rule that it meets, then take the first whose counts allow it."""
        order = {number: self._order(number, request) for number, rule in enumerate(self.rules) if rule.meets(request)}
        for number, nth in order.items():
            rule = self.rules[number]
            used_up = rule.times is not None and self._served.get(number, 0) >= rule.times
            if not used_up and rule.nth in (None, nth):
                return number, rule
        return None

    def _fault_for(self, request: Request, due: Reply) -> tuple[str, Outcome] | None:
        for place, rule in enumerate(self.faults):
            number = -1 - place
            if not rule.meets(request):
                continue
            nth = self._order(number, request)
            here, in_all = self._struck.get((number, request.digest), 0), self._served.get(number, 0)
            spent = (rule.times is not None and in_all >= rule.times) or (
                rule.repeat is not None and here >= rule.repeat
            )
            if spent or rule.nth not in (None, nth) or not self._drawn(rule, place, request, here):
                continue
            outcome = CATALOGUE[rule.kind](due, request, rule.options)
            if outcome is not None:
                self._served[number], self._struck[number, request.digest] = in_all + 1, here + 1
                return rule.kind, outcome
        return None

    def _order(self, number: int, request: Request) -> int:
        """Return the place, from 1, of this request among the different ones that met a rule."""
        met = self._met.setdefault(number, [])
        if request.digest not in met:
            met.append(request.digest)
        return met.index(request.digest) + 1

    def _drawn(self, rule: FaultRule, place: int, request: Request, here: int) -> bool:
        if rule.rate >= 1.0:
            return True
        return random.Random(f"{self.seed}/{self.name}/{place}/{request.digest}/{here}").random() < rule.rate


def script(*answers: Says, exhausted: Says | None = None) -> list[Rule]:
    """Return rules that serve the answers in order of arrival, each once, and then `exhausted` for ever."""
    steps = [Rule(answer, times=1, name=f"step {number}") for number, answer in enumerate(answers, 1)]
    return steps if exhausted is None else [*steps, Rule(exhausted, name="exhausted")]


def _said(says: Says, request: Request) -> Reply:
    value = says(request) if callable(says) else says
    return Reply(value) if isinstance(value, str) else value


def _unmatched(name: str, request: Request) -> Raw:
    text = f"no rule of scenario {name!r} matched this request of role {request.role!r}:\n{request.text}"
    return error(500, text, code="no_rule_matched")
