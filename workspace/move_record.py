"""The journal of a move as it stands on the disk: what it must look like before a file of the user's is touched."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired, cast

from typing_extensions import TypedDict

from workspace.errors import RunBroken
from workspace.records import atomic_write
from workspace.versions import damaged, refuse_newer

State = Literal["applying", "applied", "undoing", "undone"]

ENDS: Mapping[State, State] = {"applying": "applied", "undoing": "undone"}
"""What a move under way becomes when it is done."""


class Content(TypedDict):
    """What stands at a path: git's mode, permission bits, the artefact with the bytes (of a link: its target)."""

    mode: str
    bits: int
    data: str
    owner: NotRequired[list[int]]
    """User and group; not known of what has not been written yet."""


class Step(TypedDict):
    """One path and its content before and after; None where nothing stands there."""

    path: str
    before: Content | None
    after: Content | None


class Move(TypedDict):
    """The journal of a move."""

    v: int
    state: State
    steps: list[Step]
    earlier: list[Step]
    """What an earlier move of the same run applied: an undo takes that back too."""
    folders: dict[str, int]
    """Permission bits of the folders that held these files before the run wrote any."""
    commit: NotRequired[str]
    """The commit whose files these are when the move is done."""
    origin: NotRequired[str]
    """The commit whose files were there before: where an earlier move of the run has ended, else the snapshot."""


def read(place: Path) -> Move | None:
    """The move that a file holds, None where there is no file; raises RunNewer and RunBroken."""
    try:
        move = json.loads(place.read_bytes().decode("utf-8", "surrogatepass"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RunBroken(damaged(place, str(error))) from error
    if not isinstance(move, dict):
        raise RunBroken(damaged(place, "it holds no record"))
    refuse_newer(move, place)
    if not is_move(move):
        raise RunBroken(damaged(place, "it is not what was written there"))
    return cast("Move", move)


def write(place: Path, move: Move) -> None:
    """Write a move down, durably."""
    atomic_write(place, json.dumps(move, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def is_move(move: Mapping[str, Any]) -> bool:
    """True for a record that has all parts of a move, each of its kind."""
    folders = move.get("folders")
    return (
        move.get("state") in (*ENDS, *ENDS.values())
        and are_steps(move.get("steps"))
        and are_steps(move.get("earlier"))
        and isinstance(folders, dict)
        and all(isinstance(bits, int) for bits in folders.values())
    )


def are_steps(steps: object) -> bool:
    """True for a list of steps."""
    return isinstance(steps, list) and all(
        isinstance(step, dict)
        and isinstance(step.get("path"), str)
        and all(part in step and is_content(step[part]) for part in ("before", "after"))
        for step in steps
    )


def is_content(content: object) -> bool:
    """True for nothing, and for a content with all its parts."""
    if content is None:
        return True
    if not isinstance(content, dict):
        return False
    kinds = {"mode": str, "bits": int, "data": str}
    owner = content.get("owner", [0, 0])
    whose = isinstance(owner, Sequence) and len(owner) == 2 and all(isinstance(number, int) for number in owner)
    return whose and all(isinstance(content.get(name), kind) for name, kind in kinds.items())
