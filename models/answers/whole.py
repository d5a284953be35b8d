"""Whole files: each in a fence, with its path above it, in its info string or in a comment on its first line."""

from models.answers.edits import AnswerFormatError, Edit, Write
from models.answers.fences import SHELL_LIKE, Mark, body, closing, fence_for, lines_of, mark
from models.answers.labels import deleted_path, label, path_of_comment, path_of_info, path_of_line


def parse(text: str) -> list[Edit]:
    """Return the files of an answer in order; raises AnswerFormatError where one is unnamed, cut or given twice."""
    lines = lines_of(text)
    edits: list[Edit] = []
    at = above = 0
    while at < len(lines):
        opening = mark(lines[at])
        if opening is None:
            if (path := deleted_path(lines[at])) is not None:
                edits.append({"path": path, "delete": True})
            at += 1
            continue
        end = _end(lines, at)
        edit = _file(lines, above, at, end, opening)
        if edit is not None:
            edits.append(edit)
        at = above = end + 1
    _refuse_repeats(edits)
    if not edits:
        raise AnswerFormatError("There is no file in the answer. Give each file whole, in a ``` fence below its path.")
    return edits


def render(edits: list[Edit]) -> str:
    """Write files down in this format; a Replace has no place in it and raises ValueError."""
    parts = []
    for edit in edits:
        if "delete" in edit:
            parts.append(f"DELETE: `{edit['path']}`\n")
        elif "search" not in edit:
            fence = fence_for(edit["content"])
            parts.append(f"{label(edit['path'])}\n{fence}\n{_ended(edit['content'])}{fence}\n")
        else:
            raise ValueError("a replacement cannot be written as a whole file")
    return "\n".join(parts)


def _end(lines: list[str], at: int) -> int:
    end = closing(lines, at)
    if end is None:
        raise AnswerFormatError(
            f"The fence opened on line {at + 1} is never closed: the answer is cut, so nothing of it was used. "
            "Give the whole file again, or a smaller change."
        )
    return end


def _file(lines: list[str], above: int, at: int, end: int, opening: Mark) -> Write | None:
    """Return the file in one fence; None for a fence that only shows a command or output."""
    content = lines[at + 1 : end]
    path = path_of_info(opening.info) or path_above(lines, above, at)
    if path is None and content and (path := path_of_comment(content[0])) is not None:
        content = content[1:]
    if path is not None:
        return {"path": path, "content": body(content)}
    if opening.language in SHELL_LIKE:
        return None
    raise AnswerFormatError(
        f"The fence opened on line {at + 1} has no path. Write the file's path alone on the line above it. "
        "If it belongs to the file before it, that file must be in a longer fence (````)."
    )


def path_above(lines: list[str], start: int, at: int) -> str | None:
    """Return the path on the nearest line that is not blank above a fence, not before `start`."""
    for line in reversed(lines[start:at]):
        if line.strip():
            return path_of_line(line)
    return None


def _refuse_repeats(edits: list[Edit]) -> None:
    seen: set[str] = set()
    for edit in edits:
        if edit["path"] in seen:
            raise AnswerFormatError(f"{edit['path']} is given twice. Give each file once, whole.")
        seen.add(edit["path"])


def _ended(content: str) -> str:
    return content if not content or content.endswith("\n") else f"{content}\n"
