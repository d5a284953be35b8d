"""What a fork takes over of a journal: what was there when its step began, and nothing that came later."""

import json
from pathlib import Path
from typing import Any

from orchestrator.fork.records import Moment, cut_journal
from orchestrator.fork.steps import Seat, Step

CODER: Seat = ("t1", "coder", 0)
OTHER: Seat = ("t2", "coder", 0)
PLANNER: Seat = ("run", "planner", 1)


def model() -> dict[str, Any]:
    """The beginning of a process."""
    return {"v": 1, "type": "model", "model": "m", "profile": {}}


def answer(seat: Seat, text: str) -> dict[str, Any]:
    """An answer at the first address of a seat."""
    said = {"text": text, "calls": [], "usage": {"calls": 1}, "model": "m"}
    return {"v": 1, "type": "answer", "key": [*seat, 0], "digest": text, "answer": said}


def kept(folder: Path, records: list[dict[str, Any]], seat: Seat, when: Moment) -> list[str]:
    """The answers that a fork at a seat begins with."""
    old, new = folder / "old.jsonl", folder / "new.jsonl"
    old.write_text("".join(json.dumps(record) + "\n" for record in records))
    count = cut_journal(old, new, Step(1, seat[0], seat[1], 1, seat[2], 1, ""), when)
    told = [json.loads(line)["answer"]["text"] for line in new.read_text().splitlines() if '"answer"' in line]
    assert count == len(told)
    return told


def test_what_other_lanes_were_told_by_then_stays(tmp_path: Path) -> None:
    """A lane under way keeps its answers up to the first call that came after the step began."""
    records = [model(), answer(PLANNER, "plan"), answer(OTHER, "early"), answer(CODER, "code"), answer(OTHER, "late")]
    assert kept(tmp_path, records, CODER, Moment(1, frozenset({PLANNER, OTHER}))) == ["plan", "early"]


def test_an_address_that_was_asked_in_an_earlier_process_is_asked_anew(tmp_path: Path) -> None:
    """A limit had ended the first process; what the second one was told at the same addresses comes after the step."""
    records = [model(), answer(PLANNER, "plan"), answer(CODER, "first"), model(), answer(CODER, "second")]
    begun = frozenset({PLANNER, CODER})
    assert kept(tmp_path, records, ("t1", "searcher", 0), Moment(2, frozenset())) == ["plan", "first"]
    assert kept(tmp_path, records, CODER, Moment(2, frozenset())) == ["plan", "first"]
    assert kept(tmp_path, records, ("t1", "reviewer", 1), Moment(2, begun)) == ["plan", "first", "second"]


def test_a_step_that_asks_nothing_and_is_the_last_of_its_process_ends_with_it(tmp_path: Path) -> None:
    """Nothing that a later process was told is taken over."""
    records = [model(), answer(PLANNER, "plan"), model(), answer(CODER, "later")]
    assert kept(tmp_path, records, ("run", "orchestrator", 1), Moment(1, frozenset({PLANNER}))) == ["plan"]
