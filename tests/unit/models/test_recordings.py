"""Recordings of earlier versions: their answers are handed out, to the byte, and nothing is asked anew."""

import json
import shutil
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from models.door import Door
from models.seat import Seat
from tests.unit.models.bench import Bench

V1 = Path(__file__).with_name("recordings") / "v1.jsonl"
"""The journal of a run in which an object was asked again, a text was empty once, and an infill was made."""

NOWHERE = "http://127.0.0.1:9/v1"


class Verdict(BaseModel):
    """A verdict."""

    verdict: Literal["pass", "fail"]


def asked_again(door: Door) -> None:
    """Ask what the recorded run asked; every answer has to be the recorded one."""
    found = door.structured(Seat("t1", "reviewer"), "You are the Reviewer.", "Review it.", Verdict)
    assert found.verdict == "fail"
    seat, system = Seat("t1", "coder"), "You are the Coder."
    assert door.ask(seat, system, "Write it.", max_tokens=100, seed=7).text == "hello"
    assert door.ask(Seat("t1", "coder", 2), system, "Write it.", model="m", temperature=0.9).text == "hello"
    infilled = door.infill(Seat("t2", "coder"), "def add(a, b):\n    ", "\n", stop=["\n"], n_predict=20, seed=3)
    assert infilled == "return a + b"
    usage = door.usage()
    assert (usage["calls"], usage["prompt_tokens"], usage["completion_tokens"]) == (6, 240, 13)


@pytest.mark.parametrize("way", ["resumed", "replayed"])
def test_a_run_of_an_earlier_version_goes_on(bench: Bench, way: str) -> None:
    """A journal without the newer fields is resumed and replayed with nothing to connect to."""
    if way == "resumed":
        shutil.copy(V1, bench.journal_path)
        asked_again(bench.door(NOWHERE))
    else:
        asked_again(bench.door(NOWHERE, source=V1))
    assert [event["recorded"] for event in bench.events if event["type"] == "call.finished"] == [True] * 6


def test_every_record_names_its_version(bench: Bench) -> None:
    """What is written carries the number by which a later program knows how to read it."""
    asked_again(bench.door(NOWHERE, source=V1))
    records = [json.loads(line) for line in bench.journal_path.read_text().splitlines()]
    assert records and all(record["v"] == 1 for record in records)
