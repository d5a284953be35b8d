"""Conflicts: what was, what is now and what the run wants, written side by side for the person who has to choose."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from workspace.git import git
from workspace.move import LINK, OTHER
from workspace.move_record import Content
from workspace.records import atomic_write
from workspace.run import Run

VIEW = "conflicts.txt"

LONGEST = 400_000
"""Most bytes of one file that are shown; what is larger is named only."""

WAS, NOW, WANTED = "was, when the run began", "is now, in your folder", "the run wants"


class Sides(NamedTuple):
    """One path on which two changes meet."""

    path: str
    was: Content | None
    now: Content | None
    wanted: Content | None


def save(run: Run, sides: Sequence[Sides]) -> Path:
    """Write all conflicts of one refusal into a file of the run's folder, and return its path."""
    place = run.folder / VIEW
    parts = [f"{json.dumps(each.path, ensure_ascii=False)}\n\n{view(run, each)}" for each in sides]
    atomic_write(place, f"\n\n{'=' * 100}\n\n".join(parts).encode("utf-8", "surrogateescape"))
    return place


def view(run: Run, sides: Sides) -> str:
    """One conflict: the merged text with its three-way marks, or a line for each side where there is no text."""
    contents = (sides.now, sides.was, sides.wanted)
    texts = [text_of(run, content) for content in contents]
    if all(text is not None for text in texts) and any(contents):
        return merged([text or b"" for text in texts])
    about = zip((WAS, NOW, WANTED), (sides.was, sides.now, sides.wanted), strict=True)
    return "".join(f"{label}: {told(run, content)}\n" for label, content in about)


def text_of(run: Run, content: Content | None) -> bytes | None:
    """The text of a content, empty for a file that is not there; None for what is no text, or too long."""
    if content is None:
        return b""
    if content["mode"] in (LINK, OTHER):
        return None
    data = run.artefacts.bytes(content["data"])
    return None if b"\0" in data or len(data) > LONGEST else data


def merged(texts: Sequence[bytes]) -> str:
    """The three texts as one, with marks around the lines on which they differ."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in zip(("now", "was", "wanted"), texts, strict=True):
            Path(folder, name).write_bytes(data)
        labels = [part for label in (NOW, WAS, WANTED) for part in ("-L", label)]
        files = ("now", "was", "wanted")
        said = git("merge-file", "-p", "--diff3", *labels, *files, cwd=Path(folder), allowed=range(256))
    return said.out.decode("utf-8", "surrogateescape")


def told(run: Run, content: Content | None) -> str:
    """A content in a few words."""
    if content is None:
        return "nothing"
    if content["mode"] == OTHER:
        return "a folder, or something else that is no file"
    data = run.artefacts.bytes(content["data"])
    if content["mode"] == LINK:
        return f"a link to {json.dumps(data.decode('utf-8', 'replace'), ensure_ascii=False)}"
    return f"a file of {len(data)} bytes, artefact {content['data']}"
