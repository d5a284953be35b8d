"""git, without the user's settings: no hooks, no filters, no configuration but our own, fixed identity and dates."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.disk import FULL
from workspace.errors import DiskFault, GitFailed
from workspace.process import CommandMissing, captured

IDENTITY = ("OpenCode Orchestrator", "orchestrator@localhost")
"""Who commits in a run's own repository."""

HARMLESS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false", "safe.directory=*")
"""Settings that keep a repository of the user's from starting programs or refusing to be listed."""


@dataclass(frozen=True)
class Said:
    """What a git command printed; its exit code is 0 or one that the caller allowed."""

    code: int
    out: bytes
    warnings: str = ""
    """What it printed on stderr."""

    @property
    def text(self) -> str:
        """The output without its last line end."""
        return self.out.decode("utf-8", "surrogateescape").removesuffix("\n")

    @property
    def fields(self) -> list[str]:
        """The NUL-separated fields of the output."""
        return [f.decode("utf-8", "surrogateescape") for f in self.out.split(b"\0") if f]


def git(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    allowed: Sequence[int] = (0,),
) -> Said:
    """Run git; raises GitFailed for an exit code that is not allowed, or where git is missing."""
    environment = clean_environment() | dict(env or {})
    try:
        code, out, err = captured(["git", *arguments], cwd=cwd, env=environment, input=input or b"")
    except CommandMissing as error:
        raise GitFailed(f"{error}; git 2.38 or newer is needed") from error
    said = err.decode("utf-8", "surrogateescape").strip()
    if code not in allowed and FULL in said:
        raise DiskFault(f"git could not write ({FULL})")
    if code not in allowed:
        raise GitFailed(f"git {command_of(arguments)} failed ({code}): {said}")
    return Said(code, out, said)


def command_of(arguments: Sequence[str]) -> str:
    """The name of the command among the arguments of git."""
    words = iter(arguments)
    return next((word for word in words if word != "-c" or not next(words, "")), "")


def clean_environment() -> dict[str, str]:
    """The environment without anything that steers git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def dated(when: str) -> dict[str, str]:
    """The variables that fix who commits, and when: equal trees, parents and messages give equal commits."""
    name, mail = IDENTITY
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", mail), ("DATE", when))
    }
