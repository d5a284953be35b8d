"""Searcher: finds the lines of the project that a task needs. Tools look; a model is asked only where to look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from models.errors import Unanswerable
from models.seat import Seat
from nodes.hiding import secret_files
from nodes.session import Session, is_small
from nodes.state import LaneResult, LaneState, goal_of
from nodes.toolbox import Toolbox
from nodes.usage import uses_of
from prompts import render
from tools.search import Context, Material, gather, language_of
from workspace.output import trim
from workspace.protected import is_test_path

MAX_LISTED = 200
"""Most file names that a prompt lists."""


MAX_NAMED = 6
"""Most files that a check's output names and that are then shown."""

MAX_WORDS = 12
"""Most words that one search looks for."""

MAX_OUTPUT = 3000
"""Most characters of the checks' output that a search starts from."""

CONVENTIONS = ("AGENTS.md", "CLAUDE.md", ".cursorrules", ".github/copilot-instructions.md", "CONTRIBUTING.md")
"""Where projects write down how code is written there; the first that is there is shown."""

MAX_CONVENTIONS = 2000
"""Most characters of it that are shown."""

MAX_CONTEXT = 40_000
"""Most characters of files in one prompt: half of the tokens that a prompt may have in all."""


class Query(BaseModel):
    """Where to look."""

    model_config = ConfigDict(extra="forbid")

    files: list[str] = Field(max_length=12)
    words: list[str] = Field(max_length=16)


def searcher(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Find context for the task; wider, and with the error as the query, when an attempt has failed."""
    grounding = state.get("grounding", 0)
    session.lane(state["lane"]).checkout(state.get("commit") or state["base"])
    index = session.index(state["lane"])
    task = state["task"]
    problem = last_output(state, session) or red_output(state, session)
    files = shown_files([*task["files"], *files_in(problem, index.files())], state, session)
    words = [*words_in(f"{task['title']}\n{goal_of(state)}"), *words_in(problem)][:MAX_WORDS]
    room = (1 + grounding) * context_room(session)
    withheld = secret_files(index.files())
    found = gather(index, files, words, budget=room, withheld=withheld)
    if index.files() and not is_small(session, state) and (grounding or not found.parts):
        asked = ask_where(goal_of(state), problem, index.files(), session, seat)
        wanted = files + shown_files(asked.files, state, session)
        found = gather(index, wanted, asked.words + words, budget=room, withheld=withheld)
    if not is_small(session, state):
        known = [word for word in words if index.definitions(word)]
        found = replace(found, uses=uses_of(known, Toolbox(session, "searcher", state["lane"])))
        found = replace(found, conventions=conventions(state, session, index.files()))
    session.emit("search.done", lane=state["lane"], files=[p.path for p in found.parts], hits=found.hit_count)
    update: LaneState = {"context": session.store(found.plain()), "grounding": grounding + 1}
    if is_question(state):
        update["results"] = {task["id"]: findings_only(state, update["context"])}
    return update


def conventions(state: LaneState, session: Session, known: Sequence[str]) -> str:
    """The beginning of what the project says about how it is written; it reaches prompts as data, never as an order."""
    path = next((name for name in CONVENTIONS if name in known), None)
    if path is None:
        return ""
    text = (session.run.repository.read(state["base"], path) or b"").decode("utf-8", "replace")
    return f"{path}:\n{text[:MAX_CONVENTIONS].strip()}"


def shown_files(files: Sequence[str], state: LaneState, session: Session) -> list[str]:
    """The files that a model may see: those that are there to hold secrets are not among them, and that is said."""
    refused = secret_files(files)
    for path in sorted(set(refused)):
        session.emit("read.refused", lane=state["lane"], path=path, reason="it is there to hold secrets")
    return [path for path in files if path not in refused]


def is_question(state: LaneState) -> bool:
    """True when nothing is to be written: what was found is the lane's whole result."""
    return state["kind"] == "question"


def findings_only(state: LaneState, context: str) -> LaneResult:
    """The result of a lane that only searched."""
    return {
        "task": state["task"]["id"],
        "lane": state["lane"],
        "outcome": "unverified",
        "base": state["base"],
        "commit": "",
        "attempts": 0,
        "reason": "",
        "ends_run": False,
        "record": context,
    }


def context_room(session: Session) -> int:
    """Characters of context for a first prompt: a part of what the model can read, never more than 4,000 tokens."""
    return 4 * min(session.door.profile.context_tokens // 4, 4000)


def ask_where(goal: str, problem: str, files: list[str], session: Session, seat: Seat) -> Query:
    """The model's idea of where to look; nothing where it has none."""
    user = render(
        "searcher",
        "query",
        goal=goal,
        problem=problem,
        files=files[:MAX_LISTED],
        more=max(0, len(files) - MAX_LISTED),
    )
    try:
        return session.door.structured(seat, render("searcher", "system"), user, Query)
    except Unanswerable as reason:
        session.emit("warning", text=f"no usable answer to where to look; what tools have found is kept: {reason}")
        return Query(files=[], words=[])


def files_in(text: str, known: Sequence[str]) -> list[str]:
    """Files of the project that a text names, tests last: the others are where the fault may be."""
    named = [path for path in known if path in text]
    return sorted(named, key=is_test_path)[:MAX_NAMED]


def words_in(text: str) -> list[str]:
    """Identifiers that a text names: quoted code first, then names that look like code."""
    quoted = re.findall(r"`([^`\n]{2,60})`", text)
    coded = re.findall(r"\b(?:[a-z0-9]+_[a-z0-9_]+|[A-Za-z]+[a-z][A-Z]\w+|[A-Z][a-z]+(?:[A-Z]\w+)+)\b", text)
    called = re.findall(r"\b([A-Za-z_]\w+)\(", text)
    return list(dict.fromkeys(w.strip("()") for w in [*quoted, *called, *coded]))[:12]


def red_output(state: LaneState, session: Session) -> str:
    """What the project's red checks say, where the task is about them."""
    baseline = session.baseline(state["baseline"])
    wanted = set(state["task"]["tests"])
    red = [e for e in baseline.evidence if not e["passed"] and (wanted.intersection(e["failures"]) or not wanted)]
    return trim("\n".join(session.run.artefacts.text(e["output"]) for e in red), MAX_OUTPUT) if red else ""


def last_output(state: LaneState, session: Session) -> str:
    """What the last failed attempt printed; empty where there was none."""
    verdict = state.get("verdict")
    return session.run.artefacts.text(verdict["output"]) if verdict and verdict["output"] else ""


@dataclass(frozen=True)
class Shown:
    """A searcher's findings as prompt text, and whether every file in it is complete."""

    text: str
    whole: bool


def context_text(artefact: str, session: Session) -> str:
    """A searcher's findings as prompt text."""
    return context_shown(artefact, session).text


def context_shown(artefact: str, session: Session, *, current: str | None = None, also: Sequence[str] = ()) -> Shown:
    """A searcher's findings as prompt text; with ``current``, files show their content at that commit.

    ``also`` names further files to show whole, such as those that an attempt has changed. Files that have grown past
    the room of a prompt are cut, and say so.
    """
    found = Context(**session.load(artefact))
    known = {p.path for p in found.material() if p.whole}
    more = [Material(path, "", "", whole=True) for path in also if path not in known]
    parts: list[Material] = []
    room = MAX_CONTEXT
    for part in [*more, *found.material()]:
        parts.append(fitted(as_it_is(part, session, current), room))
        room -= len(parts[-1].text)
    values = [
        {"path": p.path, "note": p.note, "text": p.text, "language": language_of(p.path)} for p in parts if p.text
    ]
    text = render(
        "searcher",
        "context",
        parts=values,
        hits=found.hits,
        uses=found.uses,
        conventions=found.conventions,
        new_files=found.new_files,
    )
    return Shown(text, all(p.whole for p in parts))


def as_it_is(part: Material, session: Session, current: str | None) -> Material:
    """A file of the context, a whole one as it is at ``current``."""
    if not current or not part.whole:
        return part
    now = session.run.repository.read(current, part.path)
    return replace(part, text=now.decode("utf-8", "replace") if now is not None else "")


def fitted(part: Material, room: int) -> Material:
    """The file, or its beginning where it is too long, with a note of what is left out."""
    if len(part.text) <= room:
        return part
    kept = part.text[: max(0, room)].rpartition("\n")[0]
    lines = part.text.count("\n") - kept.count("\n")
    note = f"{part.note} (its last {lines} lines are not shown: change them only if you must)"
    return Material(part.path, note, kept, whole=False)
