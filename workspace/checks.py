"""Checks: a command is run on a commit, and what it did is evidence."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from typing_extensions import TypedDict

from workspace.failures import parse
from workspace.interpreters import base_of
from workspace.lanes import Lane
from workspace.output import clipped, normalise
from workspace.process import Completed
from workspace.proof import proves_nothing
from workspace.reasons import NOTHING_LINE, TIMED_OUT_LINE
from workspace.red import cannot_run
from workspace.run import Run
from workspace.sandbox import Sandbox

LONGEST_LINE = 4000
"""Most characters of one line of output that are kept: nobody reads more, and some programs print nothing else."""


class Check(TypedDict):
    """A command that judges a tree."""

    name: str
    command: str
    """Run by the shell, in the root of the tree."""
    kind: Literal["test", "lint", "types", "build"]
    origin: Literal["given", "detected", "written"]


class Evidence(TypedDict):
    """What a command did on one tree."""

    tree: str
    command: str
    exit_code: int
    output: str
    """Artefact: the normalised output."""
    seconds: float
    when: Literal["before", "after"]
    failures: list[str]
    """Ids of the failed tests; empty where the format of the output is not known."""
    timed_out: bool
    passed: bool
    """True where the command ended well, in time, and did not pass by running nothing."""
    unable: str
    """Why the command could not run at all, such as a program that is missing; empty where it ran."""


class CheckRunner:
    """Runs commands on commits of a run, in its sandbox."""

    def __init__(self, run: Run, sandbox: Sandbox) -> None:
        self._run = run
        self._sandbox = sandbox

    def run(
        self,
        command: str,
        lane: Lane,
        *,
        when: Literal["before", "after"],
        commit: str,
        timeout: float = 600,
        network: bool = False,
    ) -> Evidence:
        """Check the commit out cleanly, run the command for at most ``timeout`` seconds, and clean up after it."""
        lane.checkout(commit)
        # Code of a task's lane may write to its cache; what judges the run reads from another one.
        cache = self._run.folder / "cache" / ("run" if lane.name == "run" else "tasks")
        cache.mkdir(parents=True, exist_ok=True)
        try:
            done = self._sandbox.run(
                command,
                lane.path,
                timeout=timeout,
                network=network,
                writable=[cache],
                readable=list(shared(lane)),
                scratch=lane.scratch,
                # Go compiles its standard library into its cache: once for all lanes of tasks.
                env=python_paths(lane) | own_plugins(command) | {"GOCACHE": str(cache / "go")},
            )
        finally:
            lane.checkout(commit)
        text = told(done, lane, timeout)
        passed = done.exit_code == 0 and not done.timed_out
        if passed and proves_nothing(command, text):
            passed, text = False, f"{text}{NOTHING_LINE}\n"
        return {
            "tree": self._run.repository.tree_of(commit),
            "command": command,
            "exit_code": done.exit_code,
            "output": self._run.artefacts.put(text),
            "seconds": round(done.seconds, 3),
            "when": when,
            "failures": parse(text),
            "timed_out": done.timed_out,
            "passed": passed,
            "unable": "" if done.timed_out else cannot_run(done.exit_code, text),
        }


def told(done: Completed, lane: Lane, timeout: float) -> str:
    """The normalised output of a command; one that had to be stopped says so in its last line."""
    lines = (clipped(line, LONGEST_LINE) for line in done.output.splitlines(keepends=True))
    text = normalise("".join(lines), lane.path, lane.scratch)
    if not done.timed_out:
        return text
    return f"{text.rstrip()}\n{TIMED_OUT_LINE.format(seconds=timeout)}\n".lstrip()


def shared(lane: Lane) -> Iterator[Path]:
    """The dependency folders that a lane shares with the user's tree, and the interpreters behind them."""
    for name in lane.links():
        target = (lane.path / name).resolve()
        yield lane.root / name
        yield target
        yield from base_of(target)


def own_plugins(command: str) -> dict[str, str]:
    """Keep the plugins of our own environment out of a project that has no pytest and is tested with ours.

    They are none of the project's, and make every start several times as long.
    """
    return {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if command.split(" ", 1)[0] == sys.executable else {}


def python_paths(lane: Lane) -> dict[str, str]:
    """Where Python finds the project: a shared environment may point at the user's tree instead of this one."""
    tree, shares = lane.path, not {".venv", "venv"}.isdisjoint(lane.links())
    folders = [folder for folder, wanted in ((tree / "src", True), (tree, shares)) if wanted and folder.is_dir()]
    return {"PYTHONPATH": ":".join(map(str, folders))} if folders else {}
