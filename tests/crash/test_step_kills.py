"""Kills in the middle of apply and undo: the files are one state or the other, and both commands go on working."""

import os
import signal
from pathlib import Path

import pytest

from orchestrator.fold import view_of
from orchestrator.main import main
from tests.crash.steps import finished
from tests.unit.workspace.killer import NAMES, Killer
from tests.unit.workspace.scenes import Scene, in_child, picture


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A finished run that was not applied: a change of every kind."""
    monkeypatch.setenv("ORCHESTRATOR_HOME", str(tmp_path / "state"))
    return finished(tmp_path)


def commanded(name: str, made: Scene, at: int = 0) -> int:
    """Carry a command out in a process of its own, killed before the call ``at`` of those that change the disk."""

    def work() -> None:
        if at:
            Killer(at, after=False).arm((*NAMES, "write", "fsync", "ftruncate"))
        os._exit(main([name, made.run.id]))

    return in_child(work)


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_after_a_kill_both_commands_do_what_they_say(made: Scene, command: str) -> None:
    """Whatever call it struck: undo gives the files back, apply brings the change, and the list tells the truth."""
    start = picture(made.root)
    assert commanded("apply", made) == 0
    changed = picture(made.root)
    assert commanded("undo", made) == 0 and picture(made.root) == start
    for at in range(1, 1000):
        if command == "undo":
            assert commanded("apply", made) == 0
        ended = commanded(command, made, at)
        first = commanded("undo", made)
        assert first in (0, 2) and picture(made.root) == start, at
        assert not view_of(made.run.events.read()).applied, at
        if at % 4 == 0:
            assert commanded("apply", made) == 0 and picture(made.root) == changed, at
            assert view_of(made.run.events.read()).applied, at
            assert commanded("undo", made) == 0 and picture(made.root) == start, at
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert at > 30
