"""Edit: a model's edits looked at first, then written all together or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools._native import EditError, EditResult, FileEdit, Finding, Index, PathEscapeError, apply_edits, check
from workspace.protected import why_protected
from workspace.runner_config import steers_anew
from workspace.under_test import asks_whether_tested


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

Look = Callable[[Sequence[FileEdit]], list[Problem]]
"""What is wrong with the planned files of a change."""


def write(
    root: Path,
    edits: Sequence[Mapping[str, Any]],
    *,
    unlocked: Collection[str] = (),
    locked: Collection[str] = (),
    index: Index | None = None,
) -> Written:
    """Apply edits below ``root`` if every guard passes.

    ``unlocked`` are protected paths that the task may change all the same; ``locked`` are further paths that nothing
    may change, such as the test that will judge the edit. With an ``index`` of the root the edits are also held
    against the other files of the project.
    """
    return carry_out(
        lambda dry_run: apply_edits(str(root), list(edits), dry_run=dry_run),
        lambda files: look(files, unlocked, locked, index),
    )


def carry_out(change: Change, look: Look) -> Written:
    """Plan a change, look at all of it, and do it only if nothing is wrong."""
    try:
        problems = look(change(True).files)
        if problems:
            return Written([], {}, problems)
        done = change(False)
    except PathEscapeError as refusal:
        return Written([], {}, [Problem("guard", getattr(refusal, "path", "") or "", 0, str(refusal))])
    except (EditError, FileNotFoundError) as refusal:
        return Written([], {}, [Problem("edit", getattr(refusal, "path", "") or "", 0, str(refusal))])
    except OSError as failure:
        return Written([], {}, [Problem("edit", "", 0, f"nothing was written: {failure}")])
    return Written([f.path for f in done.files], {f.path: f.how for f in done.files}, [])


def look(
    files: Sequence[FileEdit], unlocked: Collection[str], locked: Collection[str], index: Index | None = None
) -> list[Problem]:
    """Every guard on the planned files; a new test file is welcome, an existing one is not to be touched."""
    guards = (protection(file, unlocked, locked) or special_case(file) for file in files)
    refused = [problem for problem in guards if problem]
    return refused + defects([file for file in files if file.path not in {p.file for p in refused}], index)


def protection(file: FileEdit, unlocked: Collection[str], locked: Collection[str]) -> Problem | None:
    """Why nothing may change this file; None where it may be changed."""
    reason = "it judges this task" if file.path in locked else why_protected(file.path)
    if reason and file.path not in unlocked and not (file.before is None and reason == "test"):
        return Problem("guard", file.path, 0, f"{file.path} is protected ({reason}); nothing may change it here")
    if file.path not in unlocked and steers_anew(file.path, file.before, file.after):
        text = f"{file.path}: what it says about running tests is protected; nothing may change that here"
        return Problem("guard", file.path, 0, text)
    return None


def special_case(file: FileEdit) -> Problem | None:
    """What is wrong with a source that begins to ask whether it is being tested; None for any other."""
    line = asks_whether_tested(file.path, file.before, file.after)
    if line is None:
        return None
    text = "this code asks whether it is being tested; it has to do the same in use as under test"
    return Problem("guard", file.path, line, text)


def defects(files: Sequence[FileEdit], index: Index | None = None, meant: Collection[str] = ()) -> list[Problem]:
    """What the change brings in that must not be written: errors, secrets, leftovers of the answer, lost definitions.

    With an ``index``, also what no longer fits together across files. Findings of the codes in ``meant`` are the
    purpose of the change.
    """
    if index is not None:
        found = index.check([(file.path, file.before, file.after) for file in files])
        return blocking([finding for finding in found if finding.code not in meant])
    return [p for f in files if f.after is not None for p in blocking(check(f.path, f.after, f.before))]


def blocking(found: Sequence[Finding]) -> list[Problem]:
    """The findings that forbid to write, as problems."""
    return [Problem(f.source, f.path, f.line, f.message) for f in found if f.blocking]


def look_at_new(path: str, text: str) -> list[Problem]:
    """Every guard on a new file's text, without writing it."""
    return blocking(check(path, text, None))
