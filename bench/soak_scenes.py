"""A run of many steps: sixteen functions are wrong, and the model needs twelve attempts for each."""

import json
import re
import threading
from collections import Counter
from pathlib import Path

from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.right import right
from tests.modelserver.scenario import Rule, Scenario, contains

COUNT = 16
"""Functions, and tasks: as many as a run may hold."""

LADDER = [*["reground"] * 3, "rewrite", *["reground"] * 3, "rewrite", "reground", "fix", "fix"]
"""The rungs that a task climbs, all but the last one in vain."""

NUMBERS = range(1, COUNT + 1)


class LongScene:
    """The project, the request and the check."""

    request = "Repair these functions:\n" + "\n".join(f"- `f{k}` in f{k}.py: `f{k}(2)` is {2 + k}" for k in NUMBERS)
    check = "python3 -S -m unittest tests.test_all"

    def write(self, root: Path) -> None:
        """Make the project."""
        (root / "tests").mkdir(parents=True)
        (root / "tests" / "__init__.py").write_text("")
        tests = ["import unittest", ""]
        for k in NUMBERS:
            (root / f"f{k}.py").write_text(source(k, "0"))
            tests += [f"from f{k} import f{k}", f"class F{k}(unittest.TestCase):"]
            tests += [f"    def test_f{k}(self):", f"        self.assertEqual(f{k}(2), {2 + k})", ""]
        (root / "tests" / "test_all.py").write_text("\n".join(tests))


LONG = LongScene()


def source(k: int, value: str) -> str:
    """The text of one function's file."""
    return f'"""Function {k}."""\n\n\ndef f{k}(x):\n    """Add {k}."""\n    return {value}\n'


def long_scenario() -> Scenario:
    """A model that is right about a function at the twelfth attempt, and says something new each time."""
    tries: Counter[int] = Counter()
    lock = threading.Lock()

    def repair(request: Request) -> Reply:
        found = re.search(r"`f(\d+)`", request.user)
        k = int(found[1]) if found else 1
        with lock:
            tries[k] += 1
            number = tries[k]
        value = f"x + {k}" if number > len(LADDER) else f"{1000 * number}"
        return right({f"f{k}.py": source(k, value)})(request)

    plan = {
        "tasks": [
            {
                "id": f"t{k}",
                "title": f"Repair f{k}",
                "goal": f"`f{k}` in f{k}.py adds {k}: `f{k}(2)` is {2 + k}.",
                "files": [f"f{k}.py"],
                "depends_on": [],
                "covers": [f"R{k}"],
                "tests": [f"tests.test_all.F{k}.test_f{k}"],
            }
            for k in NUMBERS
        ]
    }
    kind = {"kind": "project", "title": "Repair all functions", "files": [], "tests": []}
    return Scenario(
        "long",
        [
            Rule(json.dumps(kind), role="orchestrator"),
            Rule(json.dumps(plan), role="planner"),
            Rule('{"files": [], "words": []}', role="searcher"),
            Rule('{"accept": true, "findings": []}', role="reviewer", when=contains("Checks that passed")),
            Rule(repair, role="coder"),
            Rule(repair, role="fixer"),
        ],
    )
