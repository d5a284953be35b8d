"""One trial: the whole graph in this process against the real server, under the faults of a case; and what is wrong."""

import shutil
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from orchestrator.exits import EXIT_OF_OUTCOME
from tests.faults.bar import broken_bar
from tests.faults.cases import Case, Strike
from tests.faults.deadline import Hung, deadline
from tests.faults.scene import CHECK, FUNCTIONS, Scene, hidden_failure, option_of, scene_of
from tests.graph.harness import Driven
from tests.modelserver.log import Entry
from tests.modelserver.scenario import FaultRule, Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from workspace.run import Run

SECONDS = 60.0
"""A run that takes longer hangs."""

MOST_CALLS = 60
"""The budget of a run."""

SPARE_CALLS = 2
"""What a tight budget has beyond the calls that a run without faults takes."""

SETTLED = 10.0
"""How long a server may take to see that its last answer has been read."""

QUICK = {"base": 0.1, "cap": 0.1, "tries": 4, "window": 5.0}
"""How failing endpoints are waited for: as always, in less time."""

PLANTED = {"secret.txt": "a secret\n", "precious/thing.txt": "precious\n"}
"""What lies beside the project and must stay."""


class Trial(TypedDict):
    """What came of one case. `wrong` names everything that must not be, each with its kind before the colon."""

    case: str
    scene: str
    exit: int
    outcome: str
    reason: str
    calls: int
    extra: int
    struck: list[int]
    """How often each fault of the case has struck."""
    seconds: float
    wrong: list[str]


def tried(case: Case) -> Trial:
    """Play a case and judge what came of it."""
    scene = scene_of(*(strike.seat for strike in case.strikes))
    faults = [rule for strike in case.strikes for rule in rules_of(strike)]
    return played(str(case), scene, scene.scenario().under(faults), case)


@cache
def calls_of(scene: Scene, stream: bool) -> int:
    """How many calls a scene takes without any fault. Raises AssertionError where that is not right already."""
    clean = played(f"{scene.name} without a fault", scene, scene.scenario(), Case((), stream))
    assert clean["exit"] == scene.exit and not clean["wrong"], clean
    return clean["calls"]


def rules_of(strike: Strike) -> list[FaultRule]:
    """The fault as the server plays it, at the answers of one seat; what never ends in code does not end in repairs."""
    always = strike.length == "always"
    seats = ("code", "fix") if always and strike.seat == "code" else (strike.seat,)
    options = option_of(strike.kind)
    return [FaultRule(str(strike.kind), rule=seat, times=None if always else 1, options=options) for seat in seats]


def played(name: str, scene: Scene, scenario: Scenario, case: Case) -> Trial:
    """Play a scenario in a scene."""
    folder = Path(tempfile.mkdtemp(prefix="trial-"))
    began = time.monotonic()
    try:
        with Server(scenario) as server:
            stage = Stage.set(folder, scene, server, case)
            wrong = stage.play()
            end = stage.end
            seconds = round(time.monotonic() - began, 2)
            trial = Trial(
                case=name,
                scene=scene.name,
                exit=EXIT_OF_OUTCOME.get(end.get("outcome", ""), -1),
                outcome=str(end.get("outcome", "")),
                reason=str(end.get("reason", ""))[:300],
                calls=server.counters["calls"],
                extra=server.counters["calls"] - calls_of(scene, case.stream) if case.strikes else 0,
                struck=[server.counters[f"fault:{s.kind.fault.name}"] for s in case.strikes],
                seconds=seconds,
                wrong=[*wrong, *stage.wrong()] if end else wrong,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if end:
        trial["wrong"] += broken_bar(case, trial["exit"], trial["extra"], scene.exit)
        if len(case.strikes) == 1 and not trial["struck"][0]:
            trial["wrong"].append("idle: the fault never struck")
    return trial


@dataclass
class Stage:
    """A project in a folder of its own, a run over it, and what both were like before."""

    folder: Path
    scene: Scene
    server: Server
    driven: Driven
    before: dict[str, tuple[str, bytes]]
    most_calls: int
    end: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def set(cls, folder: Path, scene: Scene, server: Server, case: Case) -> "Stage":
        """Make the project, what lies beside it, and the run."""
        root = folder / "project"
        scene.write(root)
        for name, text in PLANTED.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        most_calls = calls_of(scene, case.stream) + SPARE_CALLS if case.tight else MOST_CALLS
        hangs = any(strike.kind.fault.name == "hang" for strike in case.strikes)
        waits = any(strike.kind.fault.name in ("timeout", "stall") for strike in case.strikes)
        model = {
            "spec": "shop",
            "base_url": server.base_url,
            "profile": "standard",
            "stream": case.stream,
            "answer_format": "blocks" if case.stream else "whole",
            "answer_timeout": 1.5 if waits else 20.0,
            "idle_timeout": 1.5 if waits else 20.0,
            "retry": QUICK,
        }
        settings = {
            "model": model,
            "seed": 1,
            "checks": [CHECK],
            "budget": {"calls": most_calls},
            "timeout_check": 3 if hangs else 60,
        }
        run = Run.create(folder / "state", root, scene.request, settings)
        return cls(folder, scene, server, Driven(server, run), tree(root), most_calls)

    def play(self) -> list[str]:
        """Drive the run to its end; what went wrong on the way."""
        try:
            with deadline(SECONDS):
                self.end = self.driven.drive() or {}
                calls = self.server.counters["calls"]
                again = self.driven.drive() if self.end else None
        except Hung as hung:
            return [f"hang: {hung}"]
        except Exception:
            return [f"crash: {traceback.format_exc(limit=-2)[-600:]}"]
        if not self.end:
            return ["hang: the graph does not end"]
        late = self.server.counters["calls"] - calls
        ended = self.server.settled(requests=0, ended=len(self.server.requests), timeout=SETTLED)
        wrong = [f"after the end: {late} calls, all ended: {ended}"] if late or not ended else []
        return wrong + (["after the end: another end"] if again != self.end else [])

    def wrong(self) -> list[str]:
        """What is not as promised: about success, the code, the tests, what lies outside, and the calls."""
        return [*self._wrong_with_files(), *self._wrong_with_calls()]

    def _wrong_with_files(self) -> list[str]:
        root, wrong = self.driven.run.root, list[str]()
        now, verified = tree(root), self.end["outcome"] == "verified"
        if now["tests/test_shop.py"] != self.before["tests/test_shop.py"]:
            wrong.append("cheat: the test has been changed")
        for name, text in self.scene.files.items():
            kept = (root / name).read_text() if (root / name).is_file() else ""
            lost = [f for f in FUNCTIONS if f"def {f}(" in text and f"def {f}(" not in kept]
            wrong += [f"code lost: {', '.join(lost)} in {name}"] if lost else []
        if verified and (said := hidden_failure(root)):
            wrong.append(f"false success: {said}")
        if not self.end.get("applied") and now != self.before:
            wrong.append("code lost: the folder is not as it was")
        around = {name: (self.folder / name).read_text() if (self.folder / name).is_file() else "" for name in PLANTED}
        strange = sorted({p.name for p in self.folder.iterdir()} - {"project", "state", "secret.txt", "precious"})
        if around != PLANTED or strange:
            wrong.append(f"outside: {', '.join(strange) or 'what lay there is gone'}")
        return wrong

    def _wrong_with_calls(self) -> list[str]:
        answered = Counter(each["likeness"] for each in self.server.requests if was_answered(each))
        most, calls = max(answered.values(), default=0), self.server.counters["calls"]
        wrong = [f"thrice: one question was answered {most} times"] if most > 2 else []
        return wrong + ([f"after the budget: {calls} of {self.most_calls} calls"] if calls > self.most_calls else [])


def was_answered(entry: Entry) -> bool:
    """Whether a request got a whole answer, good or bad; one that does not say that it has ended is none."""
    kind, _, how = entry.get("outcome", "").partition(" ")
    if entry.get("fault") in ("finish_null", "finish_lies"):
        return False
    return kind in ("reply", "crossed") or (kind == "noisy" and not how.startswith("error"))
