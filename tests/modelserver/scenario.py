"""Scenarios: what a scripted model answers, as a function of the request and not of the order of arrival."""

import random
import threading
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from tests.modelserver.catalogue import Turn, struck
from tests.modelserver.conditions import When, both, contains, lacks, offers
from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.reply import Outcome, Refusal, Reply, error
from tests.modelserver.request import Request
from tests.modelserver.rules import FaultRule, Rule, Says

__all__ = ["FaultRule", "Rule", "Says", "Scenario", "Served", "When", "both", "contains", "lacks", "offers", "script"]

LOST = Reply("I am not sure what you are asking for. Could you give me more context?")
"""What a model says to a prompt of which it has seen too little."""


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
    `temperature` or `response_format:json_schema`. `strict` rejects faulty requests as strict servers do. `context` is
    how many tokens the model can hold (None: any number); what becomes of a longer prompt is up to the kind of server.
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
        context: int | None = None,
    ) -> None:
        self.name = name
        self.rules = tuple(rules)
        self.faults = tuple(faults)
        self.housekeeping = tuple(housekeeping)
        self.refuses = tuple(refuses)
        self.strict = strict
        self.seed = seed
        self.context = context
        self._met: dict[int | tuple[int, int], list[str]] = {}
        self._served: dict[int, int] = {}
        self._struck: dict[tuple[int, str], int] = {}
        self._memories: dict[tuple[int, str], MutableMapping[str, object]] = {}
        self._lock = threading.RLock()

    def under(self, faults: Sequence[FaultRule], *, seed: int | None = None, context: int | None = None) -> "Scenario":
        """Return this scenario afresh, with faults before its own, and with another seed or context where given."""
        return Scenario(
            self.name,
            self.rules,
            faults=[*faults, *self.faults],
            housekeeping=self.housekeeping,
            refuses=self.refuses,
            strict=self.strict,
            seed=self.seed if seed is None else seed,
            context=self.context if context is None else context,
        )

    def serve(self, request: Request, dialect: Dialect | None = None) -> Served:
        """Decide what a request gets; with no rule for it, an error 500 that quotes it."""
        for number, rule in enumerate(self.housekeeping):
            if rule.meets(request):
                return Served(rule.answer(request), rule.name or f"housekeeping {number}")
        with self._lock:
            found = self._rule_for(request)
            if found is None:
                return Served(_unmatched(self.name, request), "unmatched")
            number, chosen = found
            due = chosen.answer(request)
            label = chosen.name or f"rule {number}"
            if (hit := self._fault_for(request, due, number, label, dialect or Dialect())) is not None:
                return Served(hit[1], label, hit[0])
            self._served[number] = self._served.get(number, 0) + 1
            return Served(due, label)

    def answer_to(self, request: Request) -> Reply:
        """Return what is due to a request without counting it; what a model says that saw too little, if nothing is."""
        rules = [*self.housekeeping, *self.rules]
        return next((rule.answer(request) for rule in rules if rule.meets(request)), LOST)

    def _rule_for(self, request: Request) -> tuple[int, Rule] | None:
        """Count the request for every rule that it meets, then take the first whose counts allow it."""
        order = {number: self._order(number, request) for number, rule in enumerate(self.rules) if rule.meets(request)}
        for number, nth in order.items():
            rule = self.rules[number]
            used_up = rule.times is not None and self._served.get(number, 0) >= rule.times
            if not used_up and rule.nth in (None, nth):
                return number, rule
        return None

    def _fault_for(
        self, request: Request, due: Reply, number: int, label: str, dialect: Dialect
    ) -> tuple[str, Outcome] | None:
        for place, rule in enumerate(self.faults):
            own = -1 - place
            if not rule.meets(request) or rule.rule not in ("", label):
                continue
            nth = self._order(own, request)
            here, in_all = self._struck.get((own, request.digest), 0), self._served.get(own, 0)
            spent = (rule.times is not None and in_all >= rule.times) or (
                rule.repeat is not None and here >= rule.repeat
            )
            key = f"{label}/{self._order(number, request)}" if rule.draw_by == "step" else request.digest
            draw = random.Random(f"{self.seed}/{self.name}/{place}/{key}/{here}")
            if spent or nth <= rule.after or rule.nth not in (None, nth) or draw.random() >= rule.rate:
                continue
            memory = self._memories.setdefault((place, label), {})
            step = self._order((own, number), request)
            turn = Turn(due, request, rule.options, draw, nth, step, dialect, memory, self.answer_to)
            outcome = struck(rule.kinds, turn)
            if outcome is not None:
                self._served[own], self._struck[own, request.digest] = in_all + 1, here + 1
                return rule.label, outcome
        return None

    def _order(self, what: int | tuple[int, int], request: Request) -> int:
        """Return the place, from 1, of this request among the different ones that met a rule, or two."""
        met = self._met.setdefault(what, [])
        if request.digest not in met:
            met.append(request.digest)
        return met.index(request.digest) + 1


def script(*answers: Says, exhausted: Says | None = None) -> list[Rule]:
    """Return rules that serve the answers in order of arrival, each once, and then `exhausted` for ever."""
    steps = [Rule(answer, times=1, name=f"step {number}") for number, answer in enumerate(answers, 1)]
    return steps if exhausted is None else [*steps, Rule(exhausted, name="exhausted")]


def _unmatched(name: str, request: Request) -> Refusal:
    text = f"no rule of scenario {name!r} matched this request of role {request.role!r}:\n{request.text}"
    return error(500, text, code="no_rule_matched")
