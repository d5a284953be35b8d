"""One trial: a run of four tasks is struck at some moment, then resumed; and what is wrong afterwards."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from threading import Event
from typing import Any

from typing_extensions import TypedDict

from tests.crash import leftovers
from tests.crash.cases import Case
from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.modelserver.log import Entry
from tests.modelserver.request import Request
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import Done, World

COMMAND = ("auto", ledger.REQUEST, "--parallel", "2", "--json")
SECONDS = 120.0
"""A run that takes longer hangs."""

Tree = dict[str, tuple[str, bytes]]


class Trial(TypedDict):
    """What came of a case: whether it struck in time, how many calls were asked twice, and everything that is wrong."""

    case: str
    struck: bool
    again: int
    seconds: float
    wrong: list[str]


@dataclass(frozen=True)
class Undisturbed:
    """What a run is like that nothing disturbs."""

    files: Tree
    lanes: list[str]
    requests: int
    seconds: float


class Watched(Server):
    """A server that tells of each request as it comes and as it has been answered."""

    def __init__(self, *, asked: int = 0, answered: int = 0) -> None:
        super().__init__(ledger.scenario(), tell=self._ended)
        self.now = Event()
        """Set at the moment that was asked for."""
        self._strike_asked, self._strike_answered, self._done = asked, answered, 0

    def receive(self, request: Request) -> tuple[Request, Entry]:
        """Count a request as it comes."""
        received = super().receive(request)
        if len(self.requests) == self._strike_asked:
            self.now.set()
            time.sleep(0.2)  # the strike comes before the answer
        return received

    def _ended(self, entry: Entry) -> None:
        self._done += 1
        if self._done == self._strike_answered:
            self.now.set()


def undisturbed() -> Undisturbed:
    """The run without any strike."""
    with Scene() as scene, Watched() as server:
        began = time.monotonic()
        done = scene.start(server).communicate(timeout=SECONDS)
        seconds = time.monotonic() - began
        assert json.loads(done[0].splitlines()[-1])["outcome"] == "verified", done
        return Undisturbed(tree(scene.world.project), scene.lanes(), len(server.requests), seconds)


class Scene:
    """A machine with the ledger on it, in a folder that goes away."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crash-"))
        self.world = World(self.folder)
        self.world.project.mkdir()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        write(self.world.project, ledger.FILES)

    def __enter__(self) -> "Scene":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, server: Server) -> "subprocess.Popen[str]":
        """Start the run against a server."""
        self.world.env = {
            "OPENAI_BASE_URL": server.base_url,
            "ORCHESTRATOR_MODEL": "ledger",
            "OPENAI_API_KEY": "k",
            "TMPDIR": str(self.temporary),
        }
        return self.world.start(*COMMAND)

    def run(self) -> Path | None:
        """The folder of the run, once it is one."""
        return next((folder for folder in self.world.runs() if (folder / "run.json").exists()), None)

    def lanes(self) -> list[str]:
        """The names of the lanes."""
        run = self.run()
        return sorted(path.name for path in (run / "lanes").iterdir()) if run else []

    def answers(self) -> int:
        """How many answers the journal holds."""
        run = self.run()
        journal = run / "journal.jsonl" if run else None
        if journal is None or not journal.exists():
            return 0
        return journal.read_bytes().count(b'"type":"answer"')


def tried(case: Case, calm: Undisturbed) -> Trial:
    """Play a case."""
    began, wrong = time.monotonic(), list[str]()
    counted = {case.moment: int(case.place)} if case.moment != "at" else {}
    with Scene() as scene, Watched(**counted) as server:
        struck = strike(case, scene, server, calm, wrong)
        asked, answered = len(server.requests), scene.answers()
        finish(scene, wrong)
        bodies = [json.dumps(body, sort_keys=True) for body in server.bodies()]
        again = sum(body in bodies[:asked] for body in bodies[asked:])
        if again > asked - answered:
            wrong.append(f"paid twice: {again} questions, of {asked} that were asked {answered} had an answer")
        wrong += differences(scene, calm)
    return {"case": str(case), "struck": struck, "again": again, "seconds": time.monotonic() - began, "wrong": wrong}


def strike(case: Case, scene: Scene, server: Watched, calm: Undisturbed, wrong: list[str]) -> bool:
    """Start the run and send the signal in its moment; False where the run was over before."""
    process = scene.start(server)
    if case.moment == "at":
        await_end(process, lambda: False, case.place * calm.seconds)
    else:
        await_end(process, server.now.is_set, SECONDS)
    if process.poll() is None:
        process.send_signal(case.signal)
    out, err = process.communicate(timeout=30)
    struck = process.returncode != 0
    if struck and case.signal != Signals.SIGKILL:
        wrong += untidy_ending(Done(process.returncode, out, err), scene)
    wrong += [f"stray process: {said}" for said in leftovers.stray(scene.folder)]
    return struck


def await_end(process: "subprocess.Popen[str]", over: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds, the time is over or the process ends."""
    end = time.monotonic() + seconds
    while process.poll() is None and not over() and time.monotonic() < end:
        time.sleep(0.002)


def untidy_ending(done: Done, scene: Scene) -> list[str]:
    """What a run that was asked to end must not do: end otherwise than promised, or leave a process for a moment."""
    early = scene.run() is None  # Python itself may still be starting
    wrong = [] if done.code == 130 or early else [f"exit code: {done.code} instead of 130, {done.err[-300:]}"]
    if "Traceback" in done.err and not early:
        wrong.append(f"traceback: {done.err[-600:]}")
    return wrong + [f"stray process at once: {said}" for said in leftovers.stray(scene.folder, 1.0)]


def finish(scene: Scene, wrong: list[str]) -> None:
    """Resume the run, or start it where it had not begun; where it was over already, nothing is left to do."""
    run = scene.run()
    done = scene.world.run("resume", run.name, "--json") if run else scene.world.run(*COMMAND)
    ended = run is not None and (run / "events.jsonl").exists() and endings(run)
    if done.code == 2 and ended and "has ended: verified" in done.err:
        return
    if done.code != 0 or "Traceback" in done.err:
        wrong.append(f"resume: exit code {done.code}, {done.err[-600:]}")


def endings(run: Path) -> list[dict[str, Any]]:
    """The ends of a run among its events."""
    return [
        e
        for line in (run / "events.jsonl").read_text().splitlines()
        if (e := json.loads(line))["type"] == "run.finished"
    ]


def differences(scene: Scene, calm: Undisturbed) -> list[str]:
    """Everything that is not as it is without a strike."""
    run, wrong = scene.run(), list[str]()
    now = tree(scene.world.project)
    if now != calm.files:
        wrong.append(f"tree: {sorted({*now.items()} ^ {*calm.files.items()})[:4]}")
    if scene.lanes() != calm.lanes:
        wrong.append(f"lanes: {scene.lanes()} instead of {calm.lanes}")
    if run is not None:
        wrong += [f"left behind: {path}" for path in leftovers.files(run, scene.world.project, scene.temporary)]
        if (run / "lock").read_text():
            wrong.append("lock: it still names a process")
    return wrong + [f"stray process: {said}" for said in leftovers.stray(scene.folder)]
