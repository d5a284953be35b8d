"""Which waiting runs are handed in next: priority, fairness between batches, and limits, as plain data."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.fleet.feed import AHEAD, next_ones


def run(
    name: str, batch: str = "a", repository: str = "", priority: int = 5, endpoint: str = "default"
) -> dict[str, Any]:
    repository = repository or name
    return {
        "run": name,
        "batch": batch,
        "repository": repository,
        "priority": priority,
        "endpoint": endpoint,
        "turn": 0,
    }


def chosen(
    waiting: Iterable[Any],
    under_way: Iterable[Any] = (),
    slots: int = 2,
    served: Mapping[str, float] | None = None,
    **limits: int,
) -> list[str]:
    everywhere = {name.replace("everywhere", "*"): value for name, value in limits.items()}
    return [row["run"] for row in next_ones(waiting, under_way, everywhere, slots, served or {})]


def test_urgent_runs_come_first_and_batches_take_turns() -> None:
    """A batch of thousands does not keep another one waiting, whichever came first."""
    waiting = [run(f"a{n}") for n in range(9)] + [run(f"b{n}", "b") for n in range(9)] + [run("c0", "c", priority=0)]
    assert chosen(waiting) == ["c0", "a0", "b0", "a1"]
    assert chosen(waiting, [run("x", "a"), run("y", "a")]) == ["c0", "b0"]
    assert chosen(waiting, served={"a": 2.0, "b": 1.0}, everywhere=2) == ["c0", "b0"]


def test_one_repository_keeps_no_other_waiting() -> None:
    """No more of one are handed in than one that runs and one that follows."""
    waiting = [run(f"a{n}", repository="same") for n in range(9)] + [run("b", "a")]
    assert chosen(waiting) == ["a0", "a1", "b"] and AHEAD == 2


def test_limits_of_the_fleet_and_of_an_endpoint_hold() -> None:
    """Of the whole fleet exactly; of an endpoint the engine holds it, and gets a second row at most."""
    waiting = [run(f"r{n}") for n in range(20)]
    assert len(chosen(waiting, [run("x")], slots=50, everywhere=4)) == 3
    assert len(chosen(waiting, slots=50, default=3)) == 6
