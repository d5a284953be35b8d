"""SEARCH/REPLACE blocks: the old lines, a divider, the new lines, between markers; the path stands above the block.

The markers rule, not the fences: between its markers a block is taken as it is, so it may hold fences itself. A marker
has five to nine characters; where the text of a block looks like a marker, the block's own length decides.
"""

import re
from dataclasses import dataclass

from models.answers.edits import AnswerFormatError, Edit, Replace
from models.answers.fences import SHELL_LIKE, Mark, body, fence_for, lines_of, mark
from models.answers.labels import deleted_path, label, path_alone, path_of_comment, path_of_info, path_of_line

_OPEN = re.compile(r"^(<{5,9}) ?search:?\s*$", re.IGNORECASE)
_DIVIDE = re.compile(r"^(={5,9})\s*$")
_CLOSE = re.compile(r"^(>{5,9}) ?replace:?\s*$", re.IGNORECASE)


@dataclass(slots=True)
class _Place:
    """Where the reading of an answer stands: the path named last, and the fence that is open."""

    path: str | None = None
    labels: bool = False
    """Whether the line before is that path and nothing else, so that it names the fence below it."""
    fence: str = ""
    opened: int = 0
    named: bool = False
    """Whether the open fence has a path of its own, so that it must hold a block."""
    filled: bool = False
    """Whether a block stood in the open fence."""


def parse(text: str) -> list[Edit]:
    """Return the edits of an answer in order; raises AnswerFormatError with the first defect and its line."""
    lines = lines_of(text)
    edits: list[Edit] = []
    place = _Place()
    at = 0
    while at < len(lines):
        line = lines[at]
        if _OPEN.match(line):
            divider, end = _limits(lines, at)
            edits.append(_block(lines, at, divider, end, place))
            at = end + 1
            continue
        _refuse_stray(line, at)
        if (gone := deleted_path(line)) is not None and not place.fence:
            edits.append({"path": gone, "delete": True})
        else:
            _note(place, line, at)
        at += 1
    if place.fence and not place.filled:
        raise AnswerFormatError(
            f"The fence opened on line {place.opened + 1} is never closed and holds no complete block: the answer is "
            "cut, so nothing of it was used."
        )
    if not edits:
        raise AnswerFormatError(
            "There is no edit in the answer. Write each change as the file's path, then <<<<<<< SEARCH, the old lines, "
            "=======, the new lines, >>>>>>> REPLACE."
        )
    return edits


def render(edits: list[Edit]) -> str:
    """Write edits down in this format; a Write has no place in it and raises ValueError."""
    return "\n".join(_rendered(edit) for edit in edits)


def _note(place: _Place, line: str, at: int) -> None:
    """Follow the fences, and remember the path that a line outside the blocks names."""
    fence = mark(line)
    if fence is not None and not place.fence:
        _open_fence(place, fence, at)
    elif fence is not None and not fence.info and fence.run.startswith(place.fence):
        if place.named and not place.filled:
            raise AnswerFormatError(_no_block(place.opened, place.path))
        place.fence, place.labels = "", False
    elif place.fence:
        place.path = path_of_comment(line) or (path_alone(line) if " " not in line.strip() else None) or place.path
    elif line.strip():
        place.labels = path_alone(line) is not None
        place.path = path_of_line(line) or place.path


def _open_fence(place: _Place, fence: Mark, at: int) -> None:
    stated = path_of_info(fence.info)
    place.named = stated is not None or (place.labels and fence.language not in SHELL_LIKE)
    place.path = stated or place.path
    place.fence, place.opened, place.filled = fence.run, at, False


def _limits(lines: list[str], opened: int) -> tuple[int, int]:
    """Return the lines of the divider and of the closing marker of the block opened at `opened`."""
    size = len(_length(_OPEN, lines[opened]))
    region_end = next(
        (at for at in range(opened + 1, len(lines)) if len(_length(_OPEN, lines[at])) == size), len(lines)
    )
    end = _only(_CLOSE, lines, opened + 1, region_end, size)
    if end is None:
        if region_end < len(lines):
            raise AnswerFormatError(
                f"The block opened on line {opened + 1} is not closed by >>>>>>> REPLACE before the next "
                f"<<<<<<< SEARCH on line {region_end + 1}. Blocks cannot be nested."
            )
        raise AnswerFormatError(
            f"The block opened on line {opened + 1} has no >>>>>>> REPLACE: the answer is cut or the marker is "
            "missing, so nothing of it was used."
        )
    nested = next((at for at in range(opened + 1, end) if _OPEN.match(lines[at])), None)
    exact = len(_length(_CLOSE, lines[end])) == size
    if nested is not None and not exact:
        raise AnswerFormatError(f"A <<<<<<< SEARCH on line {nested + 1} stands inside the block of line {opened + 1}.")
    return _divider(lines, opened, end, size), end


def _divider(lines: list[str], opened: int, end: int, size: int) -> int:
    dividers = [at for at in range(opened + 1, end) if _DIVIDE.match(lines[at])]
    if not dividers:
        raise AnswerFormatError(
            f"The block opened on line {opened + 1} has no ======= between the old and the new lines."
        )
    own = [at for at in dividers if len(_length(_DIVIDE, lines[at])) == size]
    if len(own) == 1 or len(dividers) == 1:
        return (own or dividers)[0]
    places = ", ".join(str(at + 1) for at in dividers)
    raise AnswerFormatError(
        f"The block opened on line {opened + 1} has several lines of = (lines {places}), so its divider is not clear. "
        "Write its three markers with another number of characters, from 5 to 9, that the text does not have."
    )


def _only(pattern: re.Pattern[str], lines: list[str], start: int, end: int, size: int) -> int | None:
    """Return the first line with a marker of the block's own length, else the first with any."""
    found = [at for at in range(start, end) if pattern.match(lines[at])]
    own = [at for at in found if len(_length(pattern, lines[at])) == size]
    return next(iter(own or found), None)


def _length(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.match(line)
    return found[1] if found else ""


def _block(lines: list[str], opened: int, divider: int, end: int, place: _Place) -> Replace:
    if place.path is None:
        raise AnswerFormatError(
            f"The block opened on line {opened + 1} has no path. Write the file's path alone on the line above it."
        )
    place.filled = True
    search, replace = body(lines[opened + 1 : divider]), body(lines[divider + 1 : end])
    return {"path": place.path, "search": search, "replace": replace}


def _refuse_stray(line: str, at: int) -> None:
    if _CLOSE.match(line):
        raise AnswerFormatError(f"The >>>>>>> REPLACE on line {at + 1} closes no block: its <<<<<<< SEARCH is missing.")


def _no_block(opened: int, path: str | None) -> str:
    return (
        f"The fence opened on line {opened + 1} for {path} holds no complete <<<<<<< SEARCH block. Give SEARCH/REPLACE "
        "blocks; to create a file leave its SEARCH part empty."
    )


def _rendered(edit: Edit) -> str:
    if "delete" in edit:
        return f"DELETE: `{edit['path']}`\n"
    if "content" in edit:
        raise ValueError("a whole file cannot be written as a SEARCH/REPLACE block")
    search, replace = edit["search"], edit["replace"]
    size = _marker_size(f"{search}\n{replace}")
    fence = fence_for(search + "\n" + replace)
    block = f"{'<' * size} SEARCH\n{_ended(search)}{'=' * size}\n{_ended(replace)}{'>' * size} REPLACE\n"
    return f"{label(edit['path'])}\n{fence}\n{block}{fence}\n"


def _marker_size(text: str) -> int:
    """Return a number of marker characters that no line of the text has; raises ValueError if all are taken."""
    taken = {
        len(_length(pattern, line))
        for line in text.split("\n")
        for pattern in (_OPEN, _DIVIDE, _CLOSE)
        if pattern.match(line)
    }
    free = [size for size in (7, 6, 8, 9, 5) if size not in taken]
    if not free:
        raise ValueError("the text holds markers of every length")
    return free[0]


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
