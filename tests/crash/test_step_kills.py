"""Kills in the middle of apply and undo: the files are one state or the other, and both commands go on working."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from orchestrator.fold import view_of
from orchestrator.main import main
from tests.crash.steps import finished
from tests.unit.workspace.killer import NAMES, Killer
from tests.unit.workspace.scenes import Scene, in_child, picture
from workspace.apply import apply
from workspace.move import let_a_step_end


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A finished run that was not applied: a change of every kind."""
    monkeypatch.setenv("ORCHESTRATOR_HOME", str(tmp_path / "state"))
    return finished(tmp_path)


def commanded(name: str, made: Scene, at: int = 0, *, number: signal.Signals = signal.SIGKILL) -> int:
    """Carry a command out in a process of its own, killed before the call ``at`` of those that change the disk."""

    def work() -> None:
        if at:
            Killer(at, number=number).arm((*NAMES, "write", "fsync", "ftruncate"))
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["apply", "undo"])
def test_a_signal_in_the_middle_of_a_step_waits_for_its_end(made: Scene, command: str, number: signal.Signals) -> None:
    """Ctrl-C never leaves some files of one state and some of the other: before the step it ends, in it it is late."""
    start = picture(made.root)
    assert commanded("apply", made) == 0
    changed = picture(made.root)
    assert commanded("undo", made) == 0
    for at in range(1, 40, 4):
        if command == "undo":
            assert commanded("apply", made) == 0
        ended = commanded(command, made, at, number=number)
        assert ended == 0 and picture(made.root) == (changed if command == "apply" else start), at
        if command == "apply":
            assert commanded("undo", made) == 0


def test_an_interruption_waits_for_a_step_that_another_thread_makes(made: Scene) -> None:
    """A run is interrupted as its change is applied: the process goes when the last file is in its place."""
    start = picture(made.root)

    def work() -> None:
        slow(("replace", "unlink"), 0.05)
        base, final = view_of(made.run.events.read()).base, view_of(made.run.events.read()).head
        thread = threading.Thread(target=lambda: apply(made.run, base, final), daemon=True)
        thread.start()
        with contextlib.suppress(FileNotFoundError):  # removed as it was looked at: the change has begun
            while picture(made.root) == start:
                time.sleep(0.001)
        let_a_step_end()
        os._exit(7)

    assert in_child(work) == 7
    changed = picture(made.root)
    assert commanded("undo", made) == 0 and picture(made.root) == start
    assert commanded("apply", made) == 0 and picture(made.root) == changed


def slow(names: tuple[str, ...], seconds: float) -> None:
    """Make functions of the module os take longer."""
    for name in names:
        setattr(os, name, partial(late, getattr(os, name), seconds))


def late(real: Callable[..., object], seconds: float, *arguments: object, **options: object) -> object:
    """A call that takes longer."""
    time.sleep(seconds)
    return real(*arguments, **options)
