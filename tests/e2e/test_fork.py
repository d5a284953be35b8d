"""Forks: a run goes on otherwise from one of its steps; what came before is shared, untouched, and not paid again."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.fork.compare import compare
from orchestrator.fork.steps import Step, steps_of
from orchestrator.main import main
from orchestrator.runs import LoadedRun, load
from tests.faults.scene import BROKEN, CHECK, FIXED, PROJECT, REPAIR, Scene, edits
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.world import World

BRACKETS = {"price.py": FIXED["price.py"].replace("gross / rate", "(gross / rate)"), "money.py": FIXED["money.py"]}
"""Right as well, and not the same bytes."""


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file below a folder by the digest of its bytes."""
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def made(world: World, scene: Scene, *arguments: str) -> LoadedRun:
    """A run of a scene on a machine of its own."""
    scene.write(world.project)
    other = Scenario("other", (Rule(edits(BRACKETS), role="fixer", name="fix otherwise"), *scene.rules))
    server = Server([scene.scenario(), other])
    server.start()
    world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k"}
    try:
        done = world.run("auto", scene.request, "--check", CHECK, "--json", *arguments)
    finally:
        server.stop()
    assert done.code == scene.exit, done.err
    return load(done.result["run"], world.home)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A machine."""
    world = World(tmp_path_factory.mktemp("fork"))
    world.project.mkdir()
    return world


@pytest.fixture(scope="module")
def repaired(world: World) -> LoadedRun:
    """A shop that was repaired at the second attempt; the change is in the user's files."""
    return made(world, REPAIR)


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    """The scripted model afresh, with one that repairs otherwise beside it."""
    other = Scenario("other", (Rule(edits(BRACKETS), role="fixer", name="fix otherwise"), *REPAIR.rules))
    with Server([REPAIR.scenario(), other]) as server:
        world.env["OPENAI_BASE_URL"] = server.base_url
        yield server


def forked(world: World, run: LoadedRun, at: str, *arguments: str, code: int = 0) -> LoadedRun:
    """A fork by the command."""
    done = world.run("fork", run.run.id[:8], "--at", at, "--json", *arguments)
    assert done.code == code, done.err
    return load(done.result["run"], world.home)


def test_another_model_and_prompt_of_one_agent_from_a_step_on(
    world: World, repaired: LoadedRun, server: Server, tmp_path: Path
) -> None:
    """What came before costs no call, the run that it comes from stays as it is, and the files are the user's to give.

    Their difference, the replay, the report, apply and undo work as on any run.
    """
    before, own = bytes_of(repaired.run.folder), tmp_path / "fixer.md"
    usual = Path(__file__).parents[2] / "prompts" / "fixer.md"
    own.write_text(usual.read_text().replace("You are the Fixer", "You are the Fixer, and in no hurry", 1))
    changes = ("--agent-model", "fixer=other", "--prompt", f"fixer={own}")
    done = world.run("fork", "last", "--at", "t1:fixer:1", *changes, "--json")
    fork = load(done.result["run"], world.home)

    assert [(e["role"], e["body"]["model"]) for e in server.requests] == [("fixer", "other"), ("reviewer", "shop")]
    assert "in no hurry" in str(server.requests[0]["body"]["messages"])
    assert done.result["outcome"] == "verified" and done.result["usage"]["calls"] == 4
    assert bytes_of(repaired.run.folder) == before
    assert "left alone" in done.err and not done.result["applied"]

    found = compare(repaired.run, fork.run)
    assert found.shared == 2 and found.parting is not None
    assert found.parting.a == found.parting.b == "t1:fixer:1" and "another question" in found.parting.how
    assert [(file.path, file.only_a, file.only_b) for file in found.files] == [("price.py", 2, 2)]
    assert fork.replay().same
    assert "(gross / rate)" in world.run("diff", fork.run.id).out
    assert "a fork of" in world.run("show", fork.run.id).out
    assert world.run("report", fork.run.id, "--out", "-").code == 0

    assert world.run("apply", fork.run.id).code != 0, "the change of the other run is still there"
    assert world.run("undo", repaired.run.id).code == world.run("apply", fork.run.id).code == 0
    assert (world.project / "price.py").read_text() == BRACKETS["price.py"]
    assert world.run("undo", fork.run.id).code == 0
    assert (world.project / "price.py").read_text() == BROKEN["price.py"]


def test_parallel_lanes_go_on_from_where_each_was(tmp_path: Path) -> None:
    """A fork in the middle of one lane, with another one under way: every call of the run is made or shared, once."""
    world = World(tmp_path)
    world.project.mkdir()
    run = made(world, PROJECT, "--no-apply")
    step = next(step for step in steps_of(run.run.events.read()) if step.agent == "reviewer")
    with Server(PROJECT.scenario()) as server:
        world.env["OPENAI_BASE_URL"] = server.base_url
        fork = forked(world, run, step.name)
        shared = next(e for e in fork.run.events.read() if e["type"] == "run.forked")["shared"]["calls"]
        assert len(server.requests) + shared == len(run.calls) == fork.view.calls
    assert 0 < shared < len(run.calls) and fork.run.repository.diff(fork.view.head, fork.view.base)
    assert compare(run.run, fork.run).same_files and compare(run.run, fork.run).parting is None


def test_a_run_that_ended_is_begun_again_whatever_became_of_the_folder(tmp_path: Path) -> None:
    """The first step is the opening: the same files as then, and another model for everything.

    Its plan waits for approval as the other one did. A replay hears what was said, and ends at the same limit.
    """
    world = World(tmp_path)
    world.project.mkdir()
    REPAIR.write(world.project)
    with Server([REPAIR.scenario(), Scenario("better", REPAIR.rules)]) as server:
        world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k"}
        world.run("auto", REPAIR.request, "--check", CHECK, "--approve-plan", "--max-calls", "2")
        assert world.run("resume", "last", "--answer", "yes").code == 3
        run = load("last", world.home)
        (world.project / "price.py").write_text("# the user has begun anew\n")
        fork = forked(world, run, "orchestrator:1", "--model", "better", "--max-calls", "9", "--no-apply", code=4)
        assert fork.view.reason == "it waits for an answer: Carry out this plan?"
        assert world.run("resume", fork.run.id, "--answer", "yes").code == 0
    fork = load(fork.run.id, world.home)
    assert fork.view.base == run.view.base and fork.read("price.py") == FIXED["price.py"]
    assert {entry["body"]["model"] for entry in server.requests[2:]} == {"better"}
    replay = run.replay()
    assert replay.same and replay.outcome == "budget"


def test_a_replay_that_cannot_be_the_same_says_so(repaired: LoadedRun) -> None:
    """One answer of the journal is another one, in a copy."""
    aside = repaired.run.folder.parents[2] / "aside" / "runs" / repaired.run.id
    shutil.copytree(repaired.run.folder, aside)
    journal = aside / "journal.jsonl"
    journal.write_text(journal.read_text().replace("gross / rate", "gross // rate"))
    replay = load(repaired.run.id, aside.parents[1]).replay()
    assert not replay.same and replay.was_outcome == "verified"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--steps"),
        (("--at", "t1:fixer:7"), "--steps"),
        (("--at", "2", "--agent-model", "tester=x"), "The team is"),
        (("--at", "2", "--agent-model", "fixer"), "fixer=..."),
        (("--at", "2", "--model", "replay:zzzz"), "no run is called"),
        (("--at", "2", "--prompt", "fixer=/nowhere.md"), "Name a text file"),
        (("--at", "2", "--prompt", f"fixer={__file__}"), "it has no block"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_no_run(
    world: World,
    repaired: LoadedRun,
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, and the way on."""
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    there = sorted(world.home.glob("runs/*"))
    assert main(["fork", repaired.run.id, *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert sorted(world.home.glob("runs/*")) == there and not list(world.home.glob("runs/.*"))


def test_steps_and_comparisons_fit_80_columns(world: World, repaired: LoadedRun) -> None:
    """And are JSON where a program reads them."""
    listed, compared = world.run("fork", repaired.run.id, "--steps"), world.run("runs", "compare", "last", "last")
    assert "t1:fixer:1" in listed.out and "accepted" in listed.out and "are the same in all" in compared.out
    assert all(len(line) <= 80 for line in (listed.out + compared.out).splitlines())
    lines = world.run("fork", repaired.run.id, "--steps", "--json").out.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, len(lines) + 1))
    record: dict[str, Any] = world.run("runs", "compare", "last", repaired.run.id, "--json").result
    assert record["a"]["fork_of"] or record["same_files"]


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def test_a_step_that_a_crash_interrupted_is_one_step(repaired: LoadedRun) -> None:
    """It was begun twice, and has one name."""
    events = list(repaired.run.events.read())
    place = next(n for n, e in enumerate(events) if e["type"] == "agent.started" and e["agent"] == "fixer")
    again: Callable[[int], list[dict[str, Any]]] = lambda n: [*events[: n + 1], *events[n:]]  # noqa: E731
    assert names(steps_of(again(place))) == names(steps_of(events))
