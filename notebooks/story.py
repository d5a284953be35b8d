"""The scripted models of the recorded runs: what is asked is real, what is answered was written for these notebooks.

A team extends a small ledger; a shop is repaired by models of three tempers, with and without faults on the wire.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.e2e import ledger
from tests.faults.scene import ACCEPT, CHECK, FIXED, RED, STOP, Scene, small
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.right import right
from tests.modelserver.scenario import FaultRule, Rule, Says, Scenario, contains

__all__ = ["CHECK", "FAULTS", "PRICES", "SHOP", "TEMPERS", "ledger", "ledger_model", "shop_model", "wayward_model"]

PRICES = {
    "steady": {"prompt": 0.6, "completion": 2.4},
    "careful": {"prompt": 2.5, "completion": 10.0},
    "hasty": {"prompt": 0.1, "completion": 0.4},
    "stubborn": {"prompt": 0.1, "completion": 0.4},
    "wayward": {"prompt": 0.1, "completion": 0.4},
}
"""US dollars for a million tokens; made up, like the models."""

SHOP = Scene("shop", "The net price and the amounts in euros are wrong: repair them.", RED, (), ())
"""The little shop: its files, and its failing tests."""


def paced(says: Says) -> Says:
    """An answer after about as long as a model would take for so many words."""

    def answer(request: Request) -> Reply:
        said = says(request) if callable(says) else says
        reply = Reply(said) if isinstance(said, str) else said
        return replace(reply, delay=round(0.15 + len(request.text) / 40_000 + len(reply.text or "") / 1_200, 2))

    return answer


def model(name: str, *rules: Rule, faults: tuple[FaultRule, ...] = ()) -> Scenario:
    """A scripted model that takes its time."""
    return Scenario(name, [replace(rule, reply=paced(rule.reply)) for rule in rules], faults=faults)


GOALS = {task["id"]: str(task["goal"]) for task in ledger.PLAN["tasks"]}
YEARLY = "        sums[date[:4]] = sums.get(date[:4], 0) + amount\n"
LAZY = ledger.block(
    "ledger/report.py",
    "    sums: dict[str, int] = {}\n    for date, amount in entries:\n" + YEARLY,
    "    sums: dict[str, int] = {}\n    # ... rest of code unchanged ...\n",
)
MONTHLY = ledger.FILES["ledger/report.py"] + (
    "\n\ndef monthly(entries: list[tuple[str, int]]) -> dict[str, int]:\n"
    '    """Sums per month."""\n    sums: dict[str, int] = {}\n    for date, amount in entries:\n'
    "        sums[date[:7]] = sums.get(date[:7], 0) + amount\n    return sums\n"
)
OBJECTION = json.dumps(
    {
        "accept": False,
        "findings": [
            {"file": "ledger/money.py", "line": 11, "problem": "split(5, 0) divides by zero instead of saying why not"}
        ],
    }
)
GUARDED = ledger.block(
    "ledger/money.py",
    "    share, rest = divmod(amount, parts)\n",
    '    if parts < 1:\n        raise ValueError("an amount is split into one part or more")\n'
    "    share, rest = divmod(amount, parts)\n",
)


def ledger_model() -> Scenario:
    """Four tasks: one is sent back by the reviewer, one needs three attempts, one meets a conflict, one is easy."""
    own = (
        Rule(OBJECTION, role="reviewer", when=contains("Checks that passed", GOALS["split"]), nth=1, name="objection"),
        Rule(GUARDED, role="fixer", when=contains(GOALS["split"]), name="fix split"),
        Rule(LAZY, role="fixer", when=contains(GOALS["monthly"]), nth=1, name="leave code out"),
        Rule(LAZY, role="fixer", when=contains(GOALS["monthly"]), nth=2, name="leave code out again"),
        Rule(right({"ledger/report.py": MONTHLY}), role="fixer", when=contains(GOALS["monthly"]), name="fix monthly"),
    )
    return model("steady", *own, *ledger.scenario().rules)


def shop_with(net: str) -> dict[str, str]:
    """The files of the shop as they should be, but for how a net price is computed."""
    return {**FIXED, "price.py": FIXED["price.py"].replace("return gross / rate", f"return {net}")}


WRONG = (
    "gross - rate",
    "gross + rate",
    "rate / gross",
    "gross // rate + 1",
    "gross * (1 - rate)",
    "gross - gross / rate",
)
"""Net prices that the tests refuse, each another way to be wrong."""

TEMPERS: Mapping[str, int] = {"careful": 0, "hasty": 1, "stubborn": 3}
"""How many wrong answers each model gives before the right one."""

FAULTS: Mapping[str, FaultRule | None] = {
    "no fault": None,
    "slow down (429)": FaultRule("e429"),
    "connection reset": FaultRule("reset"),
    "answer cut": FaultRule("truncedit"),
    "code left out": FaultRule("lazy", rule="code"),
    "broken syntax": FaultRule("syntax", rule="code"),
    "edits a test": FaultRule("test_edit", rule="code"),
}
"""What goes wrong once in a run, on the wire or in an answer."""


def shop_model(name: str, wrong: int, fault: FaultRule | None = None) -> Scenario:
    """A model that repairs the shop after so many wrong answers."""
    answers = [right(shop_with(net)) for net in WRONG[:wrong]]
    return model(
        name,
        Rule(STOP, role="orchestrator", when=contains("is stuck"), name="decide"),
        Rule(small(["price.py", "money.py"]), role="orchestrator", name="classify"),
        Rule(ACCEPT, role="reviewer", when=contains("Checks that passed"), name="review"),
        Rule(
            json.dumps({"files": ["price.py", "money.py"], "words": ["net", "euros"]}), role="searcher", name="search"
        ),
        Rule(in_turn(answers, right(FIXED)), role="coder", name="code"),
        Rule(in_turn(answers[1:], right(FIXED)), role="fixer", name="fix"),
        faults=(fault,) if fault else (),
    )


def wayward_model() -> Scenario:
    """A model that is wrong whatever it is told."""
    return shop_model("wayward", len(WRONG))


def in_turn(answers: list[Callable[[Request], Reply]], last: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Each answer once, for different prompts; then the last one for ever."""
    met: list[str] = []

    def answer(request: Request) -> Reply:
        if request.digest not in met:
            met.append(request.digest)
        place = met.index(request.digest)
        return (answers[place] if place < len(answers) else last)(request)

    return answer
