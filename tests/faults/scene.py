"""The little shop that every trial repairs, and what a scripted model says about it at each seat of the team.

A seat is one kind of question that an agent is asked. A scene is a run in which a seat is taken: its request, its
checks, and the right answers to all of its questions.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.modelserver.catalogue import Kind, Turn, struck
from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.right import right
from tests.modelserver.scenario import Rule, Scenario, contains
from workspace.sandbox import choose_sandbox

BROKEN = {
    "price.py": '''"""Prices."""


def net(gross, rate):
    """Price without tax."""
    return gross * rate


def tax(gross, rate):
    """The tax in a price."""
    return gross - gross / rate
''',
    "money.py": '''"""Amounts as texts."""


def euros(cents):
    """An amount in cents as a text in euros."""
    return f"{cents / 10:.2f}"


def cents(text):
    """The cents of a text in euros."""
    return round(float(text) * 100)
''',
}
"""The sources: two functions compute the wrong thing, two the right one."""

FIXED = {
    "price.py": BROKEN["price.py"].replace("gross * rate", "gross / rate"),
    "money.py": BROKEN["money.py"].replace("cents / 10:", "cents / 100:"),
}
"""The sources as they should be."""

QUICK_PYTEST = "[pytest]\naddopts = --disable-plugin-autoload\n"
"""Plugins that happen to be installed would make every check ten times as long."""

FUNCTIONS = ("net", "tax", "euros", "cents")
"""What must still be there in the end."""

HEAD = "import unittest\n\nfrom money import cents, euros\nfrom price import net, tax\n\n\n"
KEPT = (
    "class Kept(unittest.TestCase):\n    def test_tax(self):\n        self.assertEqual(tax(120, 1.2), 20)\n\n"
    '    def test_cents(self):\n        self.assertEqual(cents("1.50"), 150)\n'
)
NET = "class Net(unittest.TestCase):\n    def test_net(self):\n        self.assertEqual(net(120, 1.2), 100)\n"
EUROS = 'class Euros(unittest.TestCase):\n    def test_euros(self):\n        self.assertEqual(euros(150), "1.50")\n'

HIDDEN = """import money, price
assert [price.net(g, 1.25) for g in (0, 5, 10, 250)] == [0, 4, 8, 200]
assert [money.euros(c) for c in (0, 5, 150, 12345)] == ["0.00", "0.05", "1.50", "123.45"]
assert [price.tax(g, 1.25) for g in (0, 5, 10)] == [0, 1, 2]
assert [money.cents(t) for t in ("0.05", "1.50", "123.45")] == [5, 150, 12345]
"""
"""What the sources must hold up to in the end, in a clean tree; no run ever sees it."""

CHECK = "python3 -S -m unittest tests.test_shop"

SEATS = ("classify", "plan", "search", "test", "code", "review", "fix", "decide")
"""The questions: what the request is, the plan, where to look, the acceptance test, the code, the reading of the
diff, the repair, and what becomes of a stuck task."""

AGENTS = {
    "classify": "orchestrator", "plan": "planner", "search": "searcher", "test": "reviewer", "code": "coder",
    "review": "reviewer", "fix": "fixer", "decide": "orchestrator",
}  # fmt: skip
"""Who is asked at each seat."""

TEXT_SEATS = ("test", "code", "fix")
"""Where an answer holds files; elsewhere it is JSON."""

OPTIONS: Mapping[str, Mapping[str, object]] = {
    "timeout": {"seconds": 2.5},
    "timeout:answered": {"seconds": 0.2},
    "stall": {"seconds": 2.5},
    "slow": {"seconds": 0.002},
    "gone": {"seconds": 0.05},
    "silent_ctx": {"limit": 320},
    "e500mid": {"spared": 0},
}
"""Options of the faults that wait, are spared at first, or depend on the length of a prompt, by kind or name."""

WRONG = {"price.py": BROKEN["price.py"].replace("gross * rate", "gross - rate")}


@dataclass(frozen=True, eq=False)
class Scene:
    """A request, the test file that the project has, the script of the model, and the exit code without any fault."""

    name: str
    request: str
    test: str
    rules: tuple[Rule, ...]
    seats: tuple[str, ...]
    exit: int = 0
    files: Mapping[str, str] = field(default_factory=lambda: BROKEN)

    def project(self) -> dict[str, str]:
        """The files that the run starts with."""
        return {**self.files, "tests/test_shop.py": self.test, "pytest.ini": QUICK_PYTEST}

    def write(self, folder: Path) -> None:
        """Make the project in a folder."""
        for name, text in self.project().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def scenario(self) -> Scenario:
        """The scripted model, afresh."""
        return Scenario("shop", self.rules)


def scene_of(*seats: str) -> Scene:
    """The shortest run in which all of the seats are taken, else as many as in any."""
    return max(SCENES, key=lambda scene: len(set(seats) & set(scene.seats)))


def hidden_failure(project: Path) -> str:
    """What the hidden test says against a project, run on a copy of it in the sandbox; empty if it holds."""
    with tempfile.TemporaryDirectory(prefix="judged-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(project, copy, symlinks=True)
        (copy / "hidden.py").write_text(HIDDEN)
        done = choose_sandbox(unsafe=False).run("python3 -S hidden.py", copy, timeout=20)
    return "" if done.exit_code == 0 else done.output[-300:]


def edits(files: Mapping[str, str]) -> Callable[[Request], Reply]:
    """What writes these files; where they are right already, a model that is asked again puts in a comment."""
    wanted = right(files)

    def answer(request: Request) -> Reply:
        reply = wanted(request)
        if reply.text:
            return reply
        noted = {path: f"{text}\n# looked at twice\n" for path, text in files.items()}
        return right(noted)(request)

    return answer


def small(files: list[str], title: str = "Repair the shop") -> str:
    """The classification of a small request."""
    return json.dumps({"kind": "small", "title": title, "files": files, "tests": []})


def test_file(text: str) -> str:
    """A whole test file, as the reviewer answers."""
    return f"tests/test_goal.py\n```python\n{text}```\n"


PROSE = "The code is fine as it is."
ACCEPT = json.dumps({"accept": True, "findings": []})
STOP = json.dumps({"choice": "stop", "reason": "it cannot be done"})
WHERE = json.dumps({"files": ["price.py", "money.py"], "words": ["net", "euros"]})
REVIEW = Rule(ACCEPT, role="reviewer", when=contains("Checks that passed"), name="review")
DECIDE = Rule(STOP, role="orchestrator", when=contains("is stuck"), name="decide")
SEARCH = Rule(WHERE, role="searcher", name="search")
CODE = Rule(edits(FIXED), role="coder", name="code")
FIX = Rule(edits(FIXED), role="fixer", name="fix")
CLASSIFY = Rule(small(["price.py", "money.py"]), role="orchestrator", name="classify")
TEST = Rule(test_file(HEAD + NET + "\n\n" + EUROS), role="reviewer", name="test")
USUAL = (DECIDE, CLASSIFY, SEARCH, REVIEW, TEST, FIX)

REQUEST = "The net price and the amounts in euros are wrong: repair them."
RED = f"{HEAD}{KEPT}\n\n{NET}\n\n{EUROS}"
GREEN = f"{HEAD}{KEPT}"

SMALL = Scene("small", REQUEST, RED, (CODE, *USUAL), ("classify", "code", "review"))
"""Failing tests, one task, right at once: three questions."""

REPAIR = Scene(
    "repair",
    REQUEST,
    RED,
    (Rule(edits(WRONG), role="coder", name="code"), *USUAL),
    ("classify", "code", "fix", "review"),
)
"""The coder is wrong; the fixer, who sees the output, is right."""

UNTESTED = Scene("untested", REQUEST, GREEN, (CODE, *USUAL), ("classify", "test", "code", "review"))
"""Nothing fails yet: somebody has to write the test."""

STUCK = Scene(
    "stuck",
    REQUEST,
    RED,
    (Rule(PROSE, role="coder", name="code"), Rule(PROSE, role="fixer", name="fix"), *USUAL),
    ("classify", "code", "fix", "decide"),
    exit=4,
)
"""Nobody does anything, until the orchestrator is asked what is to become of the task."""

SOUGHT = Scene(
    "sought",
    REQUEST,
    RED,
    (
        *(Rule(PROSE, role="coder", name="code", nth=number) for number in (1, 2)),
        CODE,
        Rule(PROSE, role="fixer", name="fix"),
        *USUAL,
    ),
    ("classify", "search", "code", "fix", "review"),
)
"""Nobody does anything, until the searcher has been asked where to look."""

GOALS = {
    "net": "net(gross, rate) in price.py returns the gross price divided by the rate",
    "euros": "euros(cents) in money.py returns the amount with two digits, so that 150 gives 1.50",
}
PLAN = {
    "tasks": [
        {"id": "net", "title": "Repair the net price", "goal": GOALS["net"], "files": ["price.py"], "depends_on": [],
         "covers": ["R1"], "tests": ["tests.test_shop.Net.test_net"]},
        {"id": "euros", "title": "Repair amounts", "goal": GOALS["euros"], "files": ["money.py"], "depends_on": [],
         "covers": ["R2"], "tests": ["tests.test_shop.Euros.test_euros"]},
    ]
}  # fmt: skip
PROJECT = Scene(
    "project",
    "Repair the shop:\n- net() multiplies where it must divide\n- euros() is ten times too large\n",
    RED,
    (
        DECIDE,
        Rule(json.dumps({"kind": "project", "title": "Repair the shop"}), role="orchestrator", name="classify"),
        Rule(json.dumps(PLAN), role="planner", name="plan"),
        SEARCH,
        REVIEW,
        TEST,
        *(
            Rule(edits(wanted), role=role, when=contains(*goals), name=name)
            for role, name in (("coder", "code"), ("fixer", "fix"))
            for goals, wanted in (
                (tuple(GOALS.values()), FIXED),
                ((GOALS["net"],), {"price.py": FIXED["price.py"]}),
                ((GOALS["euros"],), {"money.py": FIXED["money.py"]}),
            )
        ),
        CODE,
        FIX,
    ),
    ("classify", "plan", "code", "review"),
)
"""Two tasks side by side."""

SCENES = (SMALL, REPAIR, SOUGHT, STUCK, PROJECT, UNTESTED)
"""All scenes, those that take least time first."""


def meets(kind: Kind, seat: str, stream: bool) -> bool:
    """Whether a kind of fault changes anything about the right answer at a seat, asked for as a stream or not."""
    scene = scene_of(seat)
    rule = next(rule for rule in reversed(scene.rules) if rule.name == seat)
    request = Request(_asked(seat, scene, stream))
    memory: dict[str, object] = {}
    options = {**option_of(kind), "how": kind.how}
    turn = Turn(rule.answer(request), request, options, random.Random(0), 2, 1, Dialect(), memory, scene_answer(scene))
    return struck((kind,), turn) is not None


def option_of(kind: Kind) -> dict[str, object]:
    """Options of the faults that wait, are spared at first, or depend on the length of a prompt."""
    return dict(OPTIONS.get(str(kind), OPTIONS.get(kind.fault.name, {})))


def scene_answer(scene: Scene) -> Callable[[Request], Reply]:
    """What is due to a request, without counting it."""
    return scene.scenario().answer_to


def _asked(seat: str, scene: Scene, stream: bool) -> dict[str, object]:
    """A question as it is put at a seat, as far as faults look at it: files, form, and parameters."""
    files = "\n".join(f"{path}\n```python\n{text}```\n" for path, text in scene.project().items())
    output = "Traceback (most recent call last):\nAssertionError: 144 != 100\n" if seat == "fix" else ""
    marks = {"review": "Checks that passed", "decide": "is stuck"}
    said = f"{marks.get(seat, '')}\n{' '.join(GOALS.values())}\n{files}{output}" + "long " * 1000
    form = ("Answer with SEARCH/REPLACE blocks." if stream else "Answer with whole files.") if seat != "test" else ""
    body: dict[str, object] = {
        "model": "shop",
        "messages": [
            {"role": "system", "content": f"You are the {AGENTS[seat]}. {form}"},
            {"role": "user", "content": said},
        ],
        "max_tokens": 1000,
        "temperature": 0.2,
    }
    if seat not in TEXT_SEATS:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer"}}
    return body | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})
