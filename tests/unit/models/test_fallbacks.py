"""Models that take over: in their order, only where the first cannot serve, on the record, and never asked in vain."""

import json
from typing import Any

import pytest

from models.budget import Limits
from models.errors import ContextOverflow, PriceUnknown, ProviderError, Unanswerable
from models.seat import Seat
from tests.modelserver import FaultRule, Reply, Rule, Scenario
from tests.unit.models.bench import Bench, Serve

SEAT = ("t1", "coder")


def model(name: str, *faults: FaultRule, says: str | Reply | None = None) -> Scenario:
    """A model that says its own name."""
    return Scenario(name, [Rule(f"from {name}" if says is None else says)], faults=faults)


def asked(server: Any) -> list[str]:
    """The models that were asked, in order."""
    return [body["model"] for body in server.bodies()]


@pytest.mark.parametrize("kind", ["e401", "e404_model", "e429_quota"])
def test_a_model_that_cannot_serve_is_replaced_for_the_rest_of_the_run(bench: Bench, serve: Serve, kind: str) -> None:
    """A lasting fault costs one request in all; the next model answers, and events and journal say so."""
    server = serve(model("m", FaultRule(kind, times=None)), model("b"))
    door = bench.door(server, fallbacks=["b"])
    answers = [door.ask(Seat(*SEAT), "s", f"question {number}") for number in range(3)]
    assert [answer.text for answer in answers] == ["from b"] * 3
    assert asked(server) == ["m", "b", "b", "b"]
    (event,) = [event for event in bench.events if event["type"] == "model.fallback"]
    assert (event["model"], event["to"]) == ("m", "b") and event["agent"] == "coder"
    records = [json.loads(line) for line in bench.journal_path.read_text().splitlines()]
    assert [record["answer"]["model"] for record in records if record["type"] == "answer"] == ["b"] * 3


def test_a_failing_model_is_tried_less_often_where_another_waits(bench: Bench, serve: Serve) -> None:
    """A passing fault is waited out briefly, then the next model is asked; the failing one rests meanwhile."""
    server = serve(model("m", FaultRule("e503", times=None)), model("b"))
    door = bench.door(server, fallbacks=["b"])
    assert door.ask(Seat(*SEAT), "s", "one").text == "from b"
    assert door.ask(Seat(*SEAT), "s", "two").text == "from b"
    assert asked(server) == ["m"] * 3 + ["b"] * 2


def test_useless_answers_go_to_the_next_model(bench: Bench, serve: Serve) -> None:
    """A model that only ever says nothing is asked three times, then the question is put to the next."""
    server = serve(model("m", says=""), model("b", says=" "), model("c"))
    assert bench.door(server, fallbacks=["b", "c"]).ask(Seat(*SEAT), "s", "u").text == "from c"
    assert asked(server) == ["m"] * 3 + ["b"] * 3 + ["c"]


def test_a_model_that_has_taken_over_is_not_asked_the_same_again(bench: Bench, serve: Serve) -> None:
    """Where the stand-in's answers are useless too, its turn as the next model is skipped."""
    server = serve(model("m", FaultRule("e401", times=None)), model("b", says=""))
    with pytest.raises(Unanswerable):
        bench.door(server, fallbacks=["b"]).ask(Seat(*SEAT), "s", "u")
    assert asked(server) == ["m"] + ["b"] * 3
    assert server.counters["identical"] <= 2


def test_an_agent_has_its_own_list(bench: Bench, serve: Serve) -> None:
    """The list of an agent takes the place of the list for all, an empty one too."""
    server = serve(model("m", FaultRule("e401", times=None)), model("b"), model("c"))
    settings = {"agents": {"coder": {"fallbacks": ["c"]}, "planner": {"fallbacks": []}}}
    door = bench.door(server, fallbacks=["b"], settings=settings)
    assert door.ask(Seat("t1", "coder"), "s", "u").text == "from c"
    assert door.ask(Seat("t1", "fixer"), "s", "u").text == "from b"
    with pytest.raises(ProviderError):
        door.ask(Seat("t1", "planner"), "s", "u")
    assert door.models_of("coder") == ("m", "c")


def test_a_caller_that_names_a_model_gets_that_one(bench: Bench, serve: Serve) -> None:
    """A model that the caller chose is asked alone: a rung of the ladder means what it says."""
    server = serve(model("m"), model("b", FaultRule("e401", times=None)))
    with pytest.raises(ProviderError):
        bench.door(server, fallbacks=["m"]).ask(Seat(*SEAT), "s", "u", model="b")
    assert asked(server) == ["b"]


def test_a_prompt_that_one_model_cannot_hold_goes_to_the_next(bench: Bench, serve: Serve) -> None:
    """Where nothing can be left out, a model with more room is asked, and the first stays in use."""
    overflow = FaultRule("e400_ctx", times=None, options={"limit": 50})
    server = serve(model("m", overflow), model("b"))
    door = bench.door(server, fallbacks=["b"])
    assert door.ask(Seat(*SEAT), "s", "word " * 100).text == "from b"
    assert door.ask(Seat(*SEAT), "s", "short").text == "from m"


def test_without_a_fallback_an_overflow_is_the_callers(bench: Bench, serve: Serve) -> None:
    """Nothing is invented: no evidence to leave out and no other model is a ContextOverflow."""
    server = serve(model("m", FaultRule("e400_ctx", times=None, options={"limit": 50})))
    with pytest.raises(ContextOverflow):
        bench.door(server).ask(Seat(*SEAT), "s", "word " * 100)
    assert server.counters["calls"] == 1


def test_a_resumed_run_takes_the_same_way(bench: Bench, serve: Serve) -> None:
    """Every answer that was given is handed out again, whoever gave it, without a single request."""
    server = serve(model("m", says=""), model("b"))
    first = bench.door(server, fallbacks=["b"]).ask(Seat(*SEAT), "s", "u")
    sent = server.counters["calls"]
    assert bench.door(server, fallbacks=["b"]).ask(Seat(*SEAT), "s", "u") == first
    assert server.counters["calls"] == sent


def test_every_fallback_needs_its_price_under_a_limit_in_money(bench: Bench, serve: Serve) -> None:
    """A model without a price could spend unseen: it is refused before anything is asked."""
    prices = {"prices": {"m": {"prompt": 1.0, "completion": 1.0}}}
    server = serve(model("m"), model("b"))
    with pytest.raises(PriceUnknown, match=r"prices\.b"):
        bench.door(server, fallbacks=["b"], limits=Limits(cost=1.0), settings=prices)


def test_the_price_is_that_of_the_model_that_answered(bench: Bench, serve: Serve) -> None:
    """Cost follows whoever was paid."""
    million = 1_000_000.0
    prices = {"prices": {"m": {"prompt": million, "completion": 0.0}, "b": {"prompt": 2 * million, "completion": 0.0}}}
    server = serve(model("m", FaultRule("e401", times=None)), model("b"))
    door = bench.door(server, fallbacks=["b"], settings=prices)
    door.ask(Seat(*SEAT), "s", "u")
    assert door.usage()["cost"] == 2 * door.usage()["prompt_tokens"]
