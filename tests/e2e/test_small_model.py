"""A small model over the wire: code finds the place, the model fills one hole, the rest of the file keeps its bytes."""

from collections.abc import Callable

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.world import World


def test_a_repair_keeps_the_line_endings_of_the_file(world: World, serve: Callable[[Scenario], Server]) -> None:
    """In a file with CRLF one line changes, and every other byte is what it was."""
    write(world.project, PYTHON.files)
    path = world.project / PYTHON.path
    before = PYTHON.files[PYTHON.path].replace("\n", "\r\n").encode()
    path.write_bytes(before)
    serve(Scenario("tiny-0.5b", [Rule(PYTHON.repair.strip(), role="infill")]))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert path.read_bytes() == before.replace(b"gross * rate", b"gross / rate")


def test_a_candidate_that_never_ends_costs_seconds_only(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A sample that loops for ever is given up soon, and the next one is tried."""
    write(world.project, PYTHON.files)
    endless = "return next(n for n in iter(int, 1) if gross * rate == n)"
    serve(Scenario("tiny-0.5b", [Rule(endless, role="infill", nth=1), Rule(PYTHON.repair.strip(), role="infill")]))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    ended = [e for e in world.events() if e["type"] == "check.finished"]
    assert len([e for e in ended if not e["passed"] and e["seconds"] > 4]) == 1
