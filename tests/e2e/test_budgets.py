"""Budgets: checked before each call; at their end what is verified is kept, applied and reported."""

import json
from collections.abc import Callable

import pytest

from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.reply import Refusal
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World


def test_what_was_verified_before_the_budget_ended_is_applied(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """The calls of a run end inside the second task: the first one's change is in the folder, exit 3."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())

    done = world.run("auto", ledger.REQUEST, "--parallel", "1", "--max-calls", "6", "--json")

    assert (done.code, done.result["outcome"]) == (3, "budget"), done.err
    assert server.counters["calls"] == 6
    outcomes = {t["id"]: t["outcome"] for t in done.result["tasks"]}
    assert list(outcomes.values()).count("verified") == 1
    assert outcomes["split"] == "verified"
    assert done.result["applied"]
    assert "def split" in (world.project / "ledger/money.py").read_text()
    assert "transfer" not in (world.project / "ledger/accounts.py").read_text()
    assert "6 of 6 calls" in done.result["reason"]


def test_the_limit_of_a_task_ends_that_task_alone(world: World, serve: Callable[[Scenario], Server]) -> None:
    """One task uses up what a task may have: the others go on and are applied; what needs it is blocked.

    A task that comes back after a conflict goes on with its own limit, and keeps the test that was written for it.
    """
    write(world.project, ledger.FILES)
    server = serve(Scenario("ledger", [Rule("I do not know.", role="fixer"), *ledger.scenario().rules]))
    world.env["ORCHESTRATOR_BUDGET_TASK_CALLS"] = "4"

    done = world.run("auto", ledger.REQUEST, "--json")

    assert (done.code, done.result["outcome"]) == (3, "budget"), done.err
    outcomes = {t["id"]: t["outcome"] for t in done.result["tasks"]}
    assert outcomes == {"split": "verified", "transfer": "verified", "monthly": "budget", "summary": "blocked"}
    assert done.result["applied"]
    assert "def transfer" in (world.project / "ledger/accounts.py").read_text()
    assert "monthly" not in (world.project / "ledger/report.py").read_text()
    assert "the budget of task monthly is spent" in done.result["reason"]
    written = [b for b in server.bodies("reviewer") if "Write the test file" in b["messages"][1]["content"]]
    assert len(written) == 3


@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_no_call_is_made_past_the_limit(world: World, serve: Callable[[Scenario], Server], calls: int) -> None:
    """Wherever the budget ends, no further request reaches the server, and the end is honest."""
    write(world.project, PYTHON.files)
    server = serve(scenario(PYTHON, "prose", PYTHON.block(PYTHON.repair)))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--max-calls", str(calls), "--json")

    assert server.counters["calls"] <= calls
    assert (done.code, done.result["outcome"]) in ((0, "verified"), (3, "budget"))
    assert (tree(world.project) == before) == (done.code == 3)


def test_tokens_and_time_end_a_run_like_calls(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A limit of tokens that the first prompts use up ends the run before the next one is sent."""
    write(world.project, PYTHON.files)
    server = serve(scenario(PYTHON, "prose"))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--max-tokens", "1500", "--json")

    assert (done.code, done.result["outcome"]) == (3, "budget")
    usage = done.result["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] <= 1500
    assert server.counters["calls"] == usage["calls"]


@pytest.mark.parametrize("calls", [1, 2, 6, 9])
def test_a_run_that_a_limit_has_ended_goes_on_with_a_larger_one(
    world: World, serve: Callable[[Scenario], Server], calls: int
) -> None:
    """Wherever it ended: the same change as without the limit, and no question is paid twice."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())
    ended = world.run("auto", ledger.REQUEST, "--parallel", "1", "--max-calls", str(calls), "--json")
    assert ended.code == 3, ended.err

    refused = world.run("resume", "last")
    assert refused.code == 2 and f"{calls} of {calls} calls. Allow more" in refused.err
    done = world.run("resume", "last", "--max-calls", "60", "--json")

    assert (done.code, done.result["outcome"]) == (0, "verified"), done.err
    assert {t["id"]: t["outcome"] for t in done.result["tasks"]} == dict.fromkeys(
        ("split", "transfer", "monthly", "summary"), "verified"
    )
    bodies = [json.dumps(body, sort_keys=True) for body in server.bodies()]
    assert len(set(bodies)) == len(bodies) == done.result["usage"]["calls"]
    assert 'TransferError", "cents", "split"' in (world.project / "ledger/__init__.py").read_text()
    assert world.run("undo", "last").code == 0
    assert {p: (world.project / p).read_text() for p in ledger.FILES} == ledger.FILES


def test_a_task_whose_limit_is_raised_goes_on(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The other tasks stay as they are; what waited for it is done as well."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())
    ended = world.run("auto", ledger.REQUEST, "--parallel", "1", "--max-task-calls", "3", "--json")
    assert ended.code == 3 and "the budget of task" in ended.result["reason"], ended.err

    done = world.run("resume", "last", "--max-task-calls", "20", "--json")

    assert (done.code, done.result["outcome"]) == (0, "verified"), done.err
    bodies = [json.dumps(body, sort_keys=True) for body in server.bodies()]
    assert len(set(bodies)) == len(bodies)


def test_a_run_that_its_provider_has_ended_goes_on(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The endpoint refuses in the middle; once it answers again, `resume` needs no more than that."""
    write(world.project, ledger.FILES)
    dead = Scenario("ledger", [Rule(Refusal(401, "no such key"), role="coder"), *ledger.scenario().rules])
    serve(dead)
    ended = world.run("auto", ledger.REQUEST, "--parallel", "1", "--json")
    assert (ended.code, ended.result["outcome"]) == (5, "provider"), ended.err
    run = world.runs()[-1] / "run.json"
    old = world.env["OPENAI_BASE_URL"]
    server = serve(ledger.scenario())
    run.write_text(run.read_text().replace(old, server.base_url))

    done = world.run("resume", "last", "--json")

    assert (done.code, done.result["outcome"]) == (0, "verified"), done.err
    assert not server.bodies("planner")
