"""`orchestrator watch`: another process follows a run, and changes nothing about it."""

from collections.abc import Callable

from tests.faults.scene import CHECK, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World


def test_a_run_of_another_process_is_followed_to_its_end(world: World, serve: Callable[[Scenario], Server]) -> None:
    """What happens from then on as lines, and the summary once it has ended; the run itself does not notice."""
    SMALL.write(world.project)
    server = serve(SMALL.scenario().under([FaultRule("slow", role="coder", options={"seconds": 0.1})]))
    run = world.start("auto", SMALL.request, "--check", CHECK, "--json")
    assert server.settled(requests=2, ended=1, timeout=30)

    watched = world.run("watch", "last")

    out, _ = run.communicate(timeout=60)
    assert run.returncode == 0 and '"outcome":"verified"' in out.replace(" ", "")
    assert watched.code == 0 and "reviewer: code accepted" in watched.out and "VERIFIED" in watched.out
    again = world.run("watch", "last")
    assert "VERIFIED" in again.out and "reviewer" not in again.out
