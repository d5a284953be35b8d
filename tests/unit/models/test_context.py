"""Contexts: looked up where servers tell them, kept to, and learnt the hard way where they do not."""

from typing import Any

import pytest

from models.errors import ContextOverflow
from models.seat import Seat
from tests.modelserver import FaultRule, Rule, Scenario, contains
from tests.unit.models.bench import Bench, Serve

GOAL = "Make total() add the tax."
LINES = "\n".join(f"def function_{number}(value): return value + {number}" for number in range(1500))
PROMPT = f"Goal:\n```text\n{GOAL}\n```\n\nThe file:\n```python\n{LINES}\n```\n\nAnswer with the whole file."
ASK = ("You are the Coder.", PROMPT)

WAYS = [
    ("openai", {"style": "openai", "limit": 4000}),
    ("llama.cpp", {"style": "llama.cpp", "limit": 4000}),
    ("vllm", {"style": "vllm", "limit": 4000}),
    ("lmstudio", {"style": "lmstudio", "limit": 4000}),
    ("as 413", {"style": "openai", "limit": 4000, "status": 413}),
    ("as 500", {"style": "llama.cpp", "limit": 4000, "status": 500}),
]


def of(bench: Bench, kind: str) -> list[dict[str, Any]]:
    """The events of a kind."""
    return [event for event in bench.events if event["type"] == kind]


@pytest.mark.parametrize("options", [options for _, options in WAYS], ids=[name for name, _ in WAYS])
def test_a_prompt_that_is_too_long_is_shrunk_and_goes_on(bench: Bench, serve: Serve, options: dict[str, Any]) -> None:
    """One request more: evidence gives way, what is missing is said in the prompt, and the goal is still all there."""
    fault = FaultRule("e400_ctx", times=None, options=options)
    server = serve(Scenario("m", [Rule("done")], faults=[fault]))
    answer = bench.door(server).ask(Seat("t1", "coder"), *ASK, max_tokens=500)
    assert (answer.text, server.counters["calls"]) == ("done", 2)
    sent = server.bodies()[-1]["messages"][1]["content"]
    assert GOAL in sent and "characters left out]" in sent and sent.endswith("Answer with the whole file.")
    (event,) = of(bench, "prompt.shrunk")
    assert event["left_out"] == int(sent.split("[… ")[1].split(" ")[0]) and event["agent"] == "coder"


def test_what_was_learnt_is_kept_to(bench: Bench, serve: Serve) -> None:
    """The next long prompt is fitted before it is sent, and a short one is sent as it is."""
    fault = FaultRule("e400_ctx", times=None, options={"limit": 4000})
    server = serve(Scenario("m", [Rule("done")], faults=[fault]))
    door = bench.door(server)
    for number in range(3):
        door.ask(Seat(f"t{number}", "coder"), ASK[0], f"{PROMPT} {number}", max_tokens=500)
    assert server.counters["calls"] == 4
    door.ask(Seat("t9", "coder"), ASK[0], "short")
    assert server.bodies()[-1]["messages"][1]["content"] == "short"


def test_a_resumed_run_finds_the_answer_to_the_prompt_as_it_was_meant(bench: Bench, serve: Serve) -> None:
    """The journal keeps the question and notes what was left out; a resume pays nothing and needs no endpoint."""
    server = serve(Scenario("m", [Rule("done")], faults=[FaultRule("e400_ctx", options={"limit": 4000})]))
    first = bench.door(server).ask(Seat("t1", "coder"), *ASK, max_tokens=500)
    server.stop()
    assert bench.door(server).ask(Seat("t1", "coder"), *ASK, max_tokens=500) == first
    assert '"left_out"' in bench.journal_path.read_text()


def test_a_prompt_that_nothing_can_make_fit_is_told_with_the_limit(bench: Bench, serve: Serve) -> None:
    """A context that cannot even hold the instructions ends in one sentence, not in a loop."""
    server = serve(Scenario("m", [Rule("done")], faults=[FaultRule("e400_ctx", times=None, options={"limit": 20})]))
    with pytest.raises(ContextOverflow) as caught:
        bench.door(server).ask(Seat("t1", "coder"), *ASK)
    assert caught.value.limit == 20 and server.counters["calls"] <= 2


@pytest.mark.parametrize("how", ["", "all"])
def test_a_silent_cut_is_noticed_and_the_prompt_made_to_fit(bench: Bench, serve: Serve, how: str) -> None:
    """An answer to a prompt that was not read is paid, dropped and warned of; a prompt that fits is sent instead."""
    cut = FaultRule("silent_ctx", times=None, options={"limit": 1500, "how": how})
    server = serve(Scenario("m", [Rule("read it all", when=contains(GOAL)), Rule("read the end")], faults=[cut]))
    door = bench.door(server)
    assert door.ask(Seat("t1", "coder"), *ASK).text == "read it all"
    assert server.counters["calls"] == 2
    assert any("only 1500 tokens" in event["text"] for event in of(bench, "warning"))
    assert door.usage()["prompt_tokens"] > 1500
    assert bench.door(server).usage() == door.usage()
    door.ask(Seat("t2", "coder"), ASK[0], f"{PROMPT} again")
    assert server.counters["calls"] == 3


@pytest.mark.parametrize("dialect", ["ollama", "lmstudio", "llama-server", "vllm"])
def test_a_server_of_ones_own_is_asked_what_it_has_loaded(bench: Bench, serve: Serve, dialect: str) -> None:
    """The size of the context is looked up where each maker tells it; nothing longer is ever sent."""
    server = serve(Scenario("m", [Rule("done")], context=4000), dialect=dialect)
    door = bench.door(server)
    assert door.ask(Seat("t1", "coder"), *ASK, max_tokens=500).text == "done"
    assert server.counters["calls"] == 1
    (event,) = of(bench, "prompt.shrunk")
    assert event["context"] == 4000
    assert '"context/m"' in bench.journal_path.read_text()


@pytest.mark.parametrize("dialect", ["ollama", "lmstudio", "llama-server", "vllm"])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_every_kind_of_server_answers(bench: Bench, serve: Serve, dialect: str, stream: bool) -> None:
    """Text, token counts and a prompt that is too long: the same behaviour on every maker's wire."""
    server = serve(Scenario("m", [Rule("done")]), dialect=dialect)
    door = bench.door(server, stream=stream)
    assert door.ask(Seat("t1", "coder"), "You are the Coder.", "Write it.").text == "done"
    sent = server.requests[0]
    assert door.usage()["prompt_tokens"] == sent["prompt_tokens"]


def test_a_user_knows_best(bench: Bench, serve: Serve) -> None:
    """A context from the configuration is kept to, and nothing is looked up."""
    server = serve(Scenario("m", [Rule("done")], context=4000), dialect="vllm")
    door = bench.door(server, context_tokens=3000)
    door.ask(Seat("t1", "coder"), *ASK, max_tokens=500)
    (event,) = of(bench, "prompt.shrunk")
    assert event["context"] == 3000 and '"context/m"' not in bench.journal_path.read_text()


def test_room_for_the_answer_gives_way_first(bench: Bench, serve: Serve) -> None:
    """Where the prompt fits and prompt and answer together do not, fewer tokens are asked for and nothing is cut."""
    server = serve(Scenario("m", [Rule("done")], context=4000), dialect="vllm")
    bench.door(server).ask(Seat("t1", "coder"), "You are the Coder.", "word " * 2000, max_tokens=3900)
    (body,) = server.bodies()
    assert body["max_tokens"] < 2000 and not of(bench, "prompt.shrunk")
