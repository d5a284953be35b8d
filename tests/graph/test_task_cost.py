"""Money per task: what one task may cost ends that task alone, before the call that would pass it."""

from pathlib import Path

from tests.faults.scene import CHECK, GOALS, PROJECT
from tests.graph.harness import Driven
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server

PRICES = {"shop": {"prompt": 1000.0, "completion": 1000.0}}
"""A tenth of a cent for each token."""

MOST = 4.0


def driven(folder: Path, server: Server, **budget: float) -> Driven:
    """A run over two tasks, of which the model never does the first."""
    files, settings = PROJECT.project(), {"checks": [CHECK], "prices": PRICES, "parallel": 1}
    return Driven.of(folder, server, files, PROJECT.request, budget={"calls": 60, **budget}, **settings)


def idle() -> Scenario:
    """A model that talks about one task and does the other."""
    rules = [Rule("It is fine.", role=role, when=contains(GOALS["net"])) for role in ("coder", "fixer")]
    return Scenario("shop", [*rules, *PROJECT.rules])


def cost_of(run: Driven, lane: str) -> float:
    """What the calls of a lane have cost."""
    return sum(event["usage"]["cost"] for event in run.events("call.finished") if event["lane"] == lane)


def test_a_task_that_costs_too_much_ends_alone(tmp_path: Path) -> None:
    """The other task is verified and applied; what the dear one has cost stays below its limit, and the end says so."""
    with Server(idle()) as server:
        run = driven(tmp_path, server, task_cost=MOST)
        end = run.drive()

    assert end is not None and end["outcome"] == "budget"
    assert end["status"] == {"net": "budget", "euros": "verified"}
    assert end["applied"] and end["files"] == ["money.py"]
    assert "the budget of task net is spent" in end["reason"] and "cost" in end["reason"]
    assert MOST / 2 < cost_of(run, "net") <= MOST


def test_money_of_a_task_is_counted_on_after_a_stop(tmp_path: Path) -> None:
    """A process that goes on with a run knows what its tasks have cost before."""
    with Server(idle()) as server:
        run = driven(tmp_path, server, task_cost=MOST)
        while (end := run.drive(3)) is None:
            pass

    assert end["status"] == {"net": "budget", "euros": "verified"}
    assert MOST / 2 < cost_of(run, "net") <= MOST
