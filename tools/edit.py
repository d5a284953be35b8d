"""Edit: a model's edits looked at first, then written all together or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools._native import EditError, EditResult, FileEdit, PathEscapeError, apply_edits, check
from tools.secrets import find_secrets
from workspace.protected import why_protected
from workspace.runner_config import steers_anew


@dataclass(frozen=True)
class Problem:
    """Why an edit was not written."""

    source: str
    """syntax, static, edit or guard."""
    file: str
    line: int
    message: str


@dataclass(frozen=True)
class Written:
    """What an edit did: either problems and nothing written, or files and how each was matched."""

    files: list[str]
    how: dict[str, str]
    problems: list[Problem]


Change = Callable[[bool], EditResult]
"""Does a change; given true, only says what it would do."""

Look = Callable[[FileEdit], list[Problem]]
"""What is wrong with one planned file."""


def write(
    root: Path, edits: Sequence[Mapping[str, Any]], *, unlocked: Collection[str] = (), locked: Collection[str] = ()
) -> Written:
    """Apply edits below ``root`` if every guard passes.

    ``unlocked`` are protected paths that the task may change all the same; ``locked`` are further paths that nothing
    may change, such as the test that will judge the edit.
    """
    return carry_out(
        lambda dry_run: apply_edits(str(root), list(edits), dry_run=dry_run), lambda file: look(file, unlocked, locked)
    )


def carry_out(change: Change, look: Look) -> Written:
    """Plan a change, look at every file of it, and do it only if nothing is wrong with any."""
    try:
        plan = change(True)
        problems = [problem for file in plan.files for problem in look(file)]
        if problems:
            return Written([], {}, problems)
        done = change(False)
    except (EditError, PathEscapeError, FileNotFoundError) as refusal:
        return Written([], {}, [Problem("edit", getattr(refusal, "path", "") or "", 0, str(refusal))])
    except OSError as failure:
        return Written([], {}, [Problem("edit", "", 0, f"nothing was written: {failure}")])
    return Written([f.path for f in done.files], {f.path: f.how for f in done.files}, [])


def look(file: FileEdit, unlocked: Collection[str], locked: Collection[str]) -> list[Problem]:
    """Every guard on one planned file; a new test file is welcome, an existing one is not to be touched."""
    reason = "it judges this task" if file.path in locked else why_protected(file.path)
    if reason and file.path not in unlocked and not (file.before is None and reason == "test"):
        return [Problem("guard", file.path, 0, f"{file.path} is protected ({reason}); nothing may change it here")]
    if file.path not in unlocked and steers_anew(file.path, file.before, file.after):
        text = f"{file.path}: what it says about running tests is protected; nothing may change that here"
        return [Problem("guard", file.path, 0, text)]
    return defects(file)


def defects(file: FileEdit) -> list[Problem]:
    """What is wrong with the text of a planned file: errors and secrets that the change brings in."""
    found = [] if file.after is None else check(file.path, file.after, file.before)
    problems = [Problem(f.source, file.path, f.line, f.message) for f in found if f.blocking]
    problems += [Problem("guard", file.path, line, f"looks like a secret: {name}") for line, name in secrets_in(file)]
    return problems


def look_at_new(path: str, text: str) -> list[Problem]:
    """Every guard on a new file's text, without writing it."""
    return [Problem(f.source, path, f.line, f.message) for f in check(path, text, None) if f.blocking]


def secrets_in(file: FileEdit) -> list[tuple[int, str]]:
    """Secrets that the edit brings in: line and kind; the value itself is never repeated."""
    if file.after is None:
        return []
    old = {name for _, name in find_secrets(file.before or "")}
    return [(line, name) for line, name in find_secrets(file.after) if name not in old]
