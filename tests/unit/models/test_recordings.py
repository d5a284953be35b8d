"""Recordings of earlier versions: their answers are handed out, to the byte, and nothing is asked anew."""

import json
import shutil
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from models.door import Door
from models.seat import Seat
from tests.modelserver import FaultRule, Rule, Scenario
from tests.unit.models.bench import Bench, Serve

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


def test_what_was_learnt_of_a_model_is_known_after_a_resume(bench: Bench, serve: Serve) -> None:
    """No stream, no tools, no seed, a small context: a later process of the run asks the right way at once."""
    faults = [FaultRule("e500_toolparse"), FaultRule("e400_ctx", options={"limit": 3000}), FaultRule("not_stream")]
    server = serve(Scenario("m", [Rule("done")], faults=faults, refuses=["seed"]))
    long = f"Goal:\n```text\nDo it.\n```\n```python\n{'value = 1  # a line of the file' * 1000}\n```"
    bench.door(server).ask(Seat("t1", "coder"), "s", long, max_tokens=500, seed=1)
    sent = server.counters["calls"]
    bench.door(server).ask(Seat("t2", "coder"), "s", f"{long}\nAgain.", max_tokens=500, seed=1)
    assert server.counters["calls"] == sent + 1
    last = server.bodies()[-1]
    assert not {"stream", "seed"} & set(last) and "no tools" in last["messages"][0]["content"]
    assert "characters left out]" in last["messages"][1]["content"]


@pytest.mark.parametrize("facts", [{}, {"format": "x", "limits": 3, "context": "no", "ratio": None, "new": 1}])
def test_facts_of_another_shape_are_passed_over(bench: Bench, serve: Serve, facts: dict[str, object]) -> None:
    """A later version's notes neither break a run nor change how it asks."""
    server = serve(Scenario("m", [Rule("done")]))
    bench.journal_path.write_text(json.dumps({"v": 1, "type": "learnt", "model": "m", "facts": facts}) + "\n")
    assert bench.door(server).ask(Seat("t1", "coder"), "s", "u").text == "done"
    assert server.bodies()[0]["stream"] is True
