"""Runs as tables: a real run with a wrong first answer, looked at as a notebook does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.runs import COLUMNS, LoadedRun, load, runs
from tests.faults.scene import CHECK, FIXED, REPAIR
from tests.modelserver.server import Server
from tests.world import World
from workspace.errors import RunNotFound


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A machine on which a shop was repaired at the second attempt, and a plan waits."""
    world = World(tmp_path_factory.mktemp("runs"))
    REPAIR.write(world.project)
    with Server(REPAIR.scenario()) as server:
        world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k"}
        assert world.run("auto", REPAIR.request, "--check", CHECK).code == 0
        assert world.run("plan", REPAIR.request, "--check", CHECK).code == 0
    return world


@pytest.fixture(scope="module")
def repaired(world: World) -> LoadedRun:
    """The repaired run."""
    every = runs(world.home)
    return load(every[every.outcome == "verified"].run.iloc[0], world.home)


def test_every_run_is_a_row(world: World) -> None:
    """The newest first, with what it used."""
    every = runs(world.home)
    assert list(every.columns) == COLUMNS["runs"] and list(every.outcome) == ["planned", "verified"]
    assert every.prompt_tokens.gt(0).all() and every.created.is_monotonic_decreasing


def test_a_machine_without_runs_has_an_empty_table(tmp_path: Path) -> None:
    """With the same columns; a run that is not there is an error."""
    assert list(runs(tmp_path).columns) == COLUMNS["runs"] and runs(tmp_path).empty
    with pytest.raises(RunNotFound):
        load("last", tmp_path)


def test_why_it_needed_two_attempts(repaired: LoadedRun) -> None:
    """The verdicts say it, the findings quote it, the differences show it."""
    assert list(repaired.attempts.state) == ["failed", "passed"] and list(repaired.attempts.strategy) == ["code", "fix"]
    assert "still fails" in " ".join(repaired.findings.finding)
    assert "+    return gross - rate" in repaired.diff_of(0) and "+    return gross / rate" in repaired.diff_of(1)


RECORDED = Path(__file__).parents[3] / "notebooks" / "recorded"


def recorded(request: str) -> LoadedRun:
    """The first of the recorded runs whose request begins so."""
    every = runs(RECORDED).sort_values("created")
    return load(every[every.request.str.startswith(request)].run.iloc[0], RECORDED)


def test_an_attempt_that_a_guard_refused_has_changed_nothing() -> None:
    """The commit that it was to build upon is not its own."""
    run = recorded("Extend the ledger")
    refused = run.attempts.index[run.attempts.state == "refused"]
    assert len(refused) == 1 and run.diff_of(refused[0]) == ""
    assert all(run.diff_of(row) for row in run.attempts.index if row not in refused)


def test_steps_say_what_came_of_them() -> None:
    """Also where an answer was chosen from several, and where the reviewer set the test of a task."""
    came = recorded("The net price").steps.set_index("step").came
    assert came["t1:coder:3"] == "took one of 2 candidates" and came.iloc[-1] == "stuck"
    assert came["t1:reviewer:1"].startswith("judged by") and came["t1:reviewer:2"].startswith("refused: ")


def test_calls_have_their_prompts_and_answers(repaired: LoadedRun) -> None:
    """In the order in which they were sent."""
    assert list(repaired.calls.agent) == ["orchestrator", "coder", "fixer", "reviewer"]
    fixer = list(repaired.calls.agent).index("fixer")
    assert "[system]\nYou are the Fixer" in repaired.prompt(fixer) and "gross / rate" in repaired.answer(fixer)
    assert repaired.calls.seconds.notna().all()


def test_tasks_and_checks_say_what_proved_it(repaired: LoadedRun) -> None:
    """Red before, green after."""
    (task,) = repaired.tasks.itertuples()
    assert task.state == "verified" and task.red and task.green
    first, last = repaired.checks.passed.iloc[0], repaired.checks.passed.iloc[-1]
    assert not first and last and set(repaired.checks.when) == {"before", "after", "final"}


def test_trees_can_be_read_at_any_commit(repaired: LoadedRun) -> None:
    """Of the snapshot, of an attempt, of the head."""
    assert repaired.read("price.py") == FIXED["price.py"]
    assert repaired.read("price.py", repaired.view.base) == REPAIR.files["price.py"]
    assert "price.py" in repaired.files() and "diff --git" in repaired.diff()
    with pytest.raises(FileNotFoundError):
        repaired.read("nowhere.py")


def test_events_are_a_timeline(repaired: LoadedRun) -> None:
    """With real times, in order."""
    assert repaired.events.time.is_monotonic_increasing and repaired.events.time.dt.tz is not None
    assert repaired.events.type.iloc[0] == "run.started" and repaired.events.type.iloc[-1] == "run.finished"
