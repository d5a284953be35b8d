"""A request becomes a plan, lanes, a repaired attempt, a conflict that is resolved, and one verified change."""

from collections.abc import Callable
from typing import Any

from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World


def events_of(world: World, type: str) -> list[dict[str, Any]]:
    """The newest run's events of one type."""
    return [e for e in world.events() if e["type"] == type]


def worked_side_by_side(world: World, one: str, other: str) -> bool:
    """Whether two lanes were at work at the same time: each began before the other was judged."""
    seen = [(e["type"], e["lane"]) for e in world.events() if e["type"] in ("agent.started", "verdict")]
    began = max(seen.index(("agent.started", lane)) for lane in (one, other))
    return began < min(seen.index(("verdict", lane)) for lane in (one, other))


def test_a_request_on_a_package_is_planned_done_in_parallel_and_verified(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """Four tasks with dependencies; a wrong answer is fixed; a merge conflict goes back to its lane; exit 0."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())

    done = world.run("auto", ledger.REQUEST, "--json")

    assert done.code == 0, done.err + done.out
    result = done.result
    assert result["outcome"] == "verified"
    assert {t["id"]: t["outcome"] for t in result["tasks"]} == dict.fromkeys(
        ("split", "transfer", "monthly", "summary"), "verified"
    )
    assert all([e["passed"] for e in t["evidence"]] == [False, True] for t in result["tasks"])
    assert [e["task"] for e in events_of(world, "merge.conflict")] == ["transfer"]
    assert [(e["lane"], e["passed"]) for e in events_of(world, "verdict") if e["lane"] == "monthly"] == [
        ("monthly", False),
        ("monthly", True),
    ]
    first_wave = [e["task"] for e in events_of(world, "task.started")][:3]
    assert first_wave == ["split", "transfer", "monthly"]
    assert worked_side_by_side(world, "split", "transfer")
    assert server.counters["unmatched"] == 0
    assert 'TransferError", "cents", "split"' in (world.project / "ledger/__init__.py").read_text()
