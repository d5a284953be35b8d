"""Evidence in prompts: the lines that the real output points at, the tests that judge, and what was tried before.

Everything here is bounded, and what is left out is said: a retry is asked in a fresh, short context.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from nodes.session import Session
from nodes.state import Attempt, LaneState
from tools.search import language_of
from workspace.output import clipped, trim
from workspace.places import Place, excerpt, places
from workspace.protected import is_test_path

MAX_PLACES = 3
"""Most places that a prompt quotes."""

MAX_TESTS_TEXT = 12_000
"""Most characters of the tests that a prompt shows; what does not fit is quoted around the lines that failed."""

MAX_TRIED = 2
"""Most earlier attempts whose difference a prompt shows."""

MAX_DIFF = 4000
"""Most characters of one earlier difference."""


def places_shown(output: str, commit: str, session: Session) -> list[dict[str, object]]:
    """The lines around the places that the output points at, as they are at a commit: code first, then its test."""
    repository = session.run.repository
    shown: list[dict[str, object]] = []
    for place in foremost(places(output, repository.files(commit))):
        text = (repository.read(commit, place.path) or b"").decode("utf-8", "replace")
        if quoted := excerpt(text, place.line):
            language = language_of(place.path)
            shown.append({"path": place.path, "line": place.line, "text": quoted, "language": language})
    return shown


def foremost(found: list[Place]) -> list[Place]:
    """The places to quote: as they come, but a test only after some code, and none twice within a few lines."""
    apart: list[Place] = []
    for place in found:
        if not any(p.path == place.path and abs(p.line - place.line) <= 4 for p in apart):
            apart.append(place)
    code = [p for p in apart if not is_test_path(p.path)]
    tests = [p for p in apart if is_test_path(p.path)]
    return [*code[: MAX_PLACES - 1], *tests][:MAX_PLACES]


def tests_shown(state: LaneState, session: Session, output: str = "") -> list[dict[str, str]]:
    """The files of the tests that judge the task; a long one is quoted around the lines that the output names."""
    before = [session.load(a["before"]) for a in state["acceptance"] if a["before"]]
    names = [*state["task"]["tests"], *(name for evidence in before for name in evidence["failures"])]
    paths = [a["path"] for a in state["acceptance"] if a["path"]] + [name.split("::")[0] for name in names]
    shown: list[dict[str, str]] = []
    room = MAX_TESTS_TEXT
    for path in dict.fromkeys(paths):
        content = session.run.repository.read(state["start"], path)
        if content is None:
            continue
        text = content.decode("utf-8", "replace")
        if len(text) > room:
            text = quoted_lines(path, text, output)[:room]
        if text:
            room -= len(text)
            shown.append({"path": path, "text": text, "language": language_of(path)})
    return shown


def quoted_lines(path: str, text: str, output: str) -> str:
    """A long test around the lines that the output names, and how long it is."""
    lines = [place.line for place in places(output, [path])][:MAX_PLACES]
    parts = [excerpt(text, line) for line in lines]
    return "\n".join([f"[only parts of its {text.count(chr(10))} lines are shown]", *parts])


def history(state: LaneState) -> list[str]:
    """Every failed attempt so far in one line: how it was made, and what was wrong with it."""
    return [f"attempt {a['number']} ({described(a)}): {a['problem']}" for a in state.get("attempts", [])]


def described(attempt: Attempt) -> str:
    """How an attempt was made."""
    parts: Iterable[str] = (attempt["strategy"], attempt["format"], attempt["model"])
    return ", ".join(parts)


def tried_before(state: LaneState, session: Session) -> list[dict[str, str]]:
    """What the newest failed attempts wrote, so that another approach is taken."""
    shown = []
    for past in [a for a in state.get("attempts", []) if not a["refused"]][-MAX_TRIED:]:
        diff = session.run.repository.diff(state["start"], past["commit"])
        shown.append({"diff": trim(diff, MAX_DIFF), "problem": f"attempt {past['number']}: {past['problem']}"})
    return shown


ASSERTS = re.compile(r"\bassert|\bexpect\(|\bEXPECT_|\brequire\.|\bt\.(?:Error|Fatal)|\.should\b|#\[test\]|\bverify\(")
"""A line of a test that asserts something, in the languages at hand."""

MAX_REMOVED = 20
"""Most removed assertions that are listed."""


def removed_assertions(old: str, new: str, paths: Sequence[str], session: Session) -> list[str]:
    """The assertions that a change takes out of these tests, as ``path: line``; of many the first ones."""
    removed: list[str] = []
    for path in paths:
        before, after = (session.run.repository.read(commit, path) or b"" for commit in (old, new))
        kept = Counter(stripped(after))
        for line in stripped(before):
            if ASSERTS.search(line) and not kept[line]:
                removed.append(f"{path}: {clipped(line, 200)}")
            kept[line] -= 1
    more = len(removed) - MAX_REMOVED
    return removed if more <= 0 else [*removed[:MAX_REMOVED], f"and {more} more"]


def stripped(content: bytes) -> list[str]:
    """The lines of a file without what surrounds them."""
    return [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
