"""Roles: what an agent does not hold is refused in code, whatever its model says, and the refusal is an event."""

from pathlib import Path

import pytest

from nodes.roles import ROLES
from nodes.session import open_session
from nodes.toolbox import Toolbox
from tests.faults.scene import FIXED, SMALL, SOUGHT, UNTESTED, Scene
from tests.graph.harness import Driven
from tests.modelserver.scenario import Rule
from tests.modelserver.server import Server
from tests.security.hostile import REPAIRED, answer, attacked

READERS = [name for name, role in ROLES.items() if not role.writes]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("tool", ["edit", "rename", "structural_replace"])
def test_an_agent_that_only_reads_cannot_write(tmp_path: Path, role: str, tool: str) -> None:
    """The tool is not among its own: nothing is written in the lane, and the event names agent and tool."""
    with Server(SMALL.scenario()) as server:
        driven = Driven.of(tmp_path, server, SMALL.project(), SMALL.request)
        driven.drive()
        session = open_session(driven.run.id, driven.context)
        lane = session.lane("t1")
        lane.checkout(session.run.repository.ref("heads/base") or "")
        before = (lane.path / "price.py").read_text()

        said = Toolbox(session, role, "t1").use(
            tool, edits=[{"path": "price.py", "content": ""}], name="net", to="gone", pattern="net", replacement="gone"
        )

    assert said.refused and (lane.path / "price.py").read_text() == before
    [event] = [e for e in driven.events("tool.refused") if e["agent"] == role]
    assert (event["tool"], event["lane"]) == (tool, "t1")


@pytest.mark.parametrize(
    ("role", "scene"), [("orchestrator", SMALL), ("searcher", SOUGHT), ("reviewer", SMALL), ("reviewer", UNTESTED)]
)
def test_files_in_the_answer_of_a_reader_are_not_written(tmp_path: Path, role: str, scene: Scene) -> None:
    """An answer in the form of an edit, from one who has none to make, changes nothing but its own result."""
    fate = attacked(tmp_path, Rule(answer("planted.py", "x = 1\n"), role=role), scene=scene)

    assert fate.end["outcome"] in ("verified", "unverified", "stuck"), fate.report
    assert set(fate.changed()) <= {*REPAIRED, "project/tests/test_goal.py"}, fate.changed()
    assert FIXED.keys() <= {path.name for path in (tmp_path / "project").iterdir()}
