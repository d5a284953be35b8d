"""Every fault of the wire and of messages once, streamed and not: what comes of it, and at how many requests."""

import json
import time
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from models.errors import ProviderError, Unanswerable
from models.seat import Seat
from tests.modelserver import FaultRule, Reply, Rule, Scenario, ToolCall
from tests.unit.models.bench import KEY, Bench, Serve


class Finding(BaseModel):
    """One finding."""

    path: str
    line: int
    message: str


class Review(BaseModel):
    """What the model is asked for."""

    verdict: Literal["pass", "fail"]
    certain: bool
    findings: list[Finding]


WANTED = Review(verdict="fail", certain=True, findings=[Finding(path="a.py", line=3, message="is {odd, say so")])
GOOD = WANTED.model_dump_json()
CODE = "src/a.py\n```python\n" + "".join(f"value_{number} = {number}  # 世界\n" for number in range(40)) + "```\n"

STREAMS = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


def kinds(*rows: tuple[str, dict[str, Any], int]) -> Any:
    """Parametrise by fault, its options, and how many requests the answer then takes."""
    names = ["-".join([kind, *map(str, options.values())]) for kind, options, _ in rows]
    return pytest.mark.parametrize(("kind", "options", "requests"), rows, ids=names)


@STREAMS
@kinds(
    ("e429", {}, 2),
    ("e429", {"retry_after": "0.02"}, 2),
    ("e500", {}, 2),
    ("e502", {}, 2),
    ("e503", {}, 2),
    ("e500_toolparse", {}, 2),
    ("html", {}, 2),
    ("html502", {}, 2),
    ("badbody", {"how": "json"}, 2),
    ("badbody", {"how": "empty"}, 2),
    ("badbody", {"how": "shape"}, 2),
    ("badbody", {"how": "choices"}, 2),
    ("badbody", {"how": "null"}, 2),
    ("badbody", {"how": "no_message"}, 2),
    ("reset", {"how": "before_headers"}, 2),
    ("reset", {"how": "after_headers"}, 2),
    ("timeout", {"how": "closed", "seconds": 5}, 2),
    ("stall", {}, 2),
    ("slow", {"seconds": 0.005}, 1),
    ("truncate", {"how": "cut"}, 2),
    ("truncate", {"how": "clean"}, 2),
    ("truncedit", {"how": "cut"}, 2),
    ("truncedit", {"how": "clean"}, 2),
    ("sse_error", {"how": "data"}, 2),
    ("sse_error", {"how": "event"}, 2),
    ("sse_noise", {"how": "comments"}, 1),
    ("sse_noise", {"how": "keepalive"}, 1),
    ("sse_noise", {"how": "crlf"}, 1),
    ("sse_noise", {"how": "packed"}, 1),
    ("sse_noise", {"how": "split"}, 1),
    ("sse_noise", {"how": "utf8"}, 1),
    ("sse_noise", {"how": "no_done"}, 1),
    ("sse_noise", {"how": "empty_choices"}, 1),
    ("sse_noise", {"how": "repeated_finish"}, 1),
    ("not_stream", {}, 1),
    ("empty", {"how": "nothing"}, 2),
    ("empty", {"how": "null"}, 2),
    ("empty", {"how": "spaces"}, 2),
    ("think", {"how": "before"}, 1),
    ("think", {"how": "close_only"}, 1),
    ("think", {"how": "unclosed"}, 2),
    ("think", {"how": "only"}, 2),
    ("think", {"how": "field"}, 2),
    ("length", {}, 2),
    ("refusal", {"how": "field"}, 2),
    ("refusal", {"how": "prose"}, 2),
    ("finish_lies", {"how": "calls_without"}, 1),
    ("finish_lies", {"how": "null"}, 2),
    ("finish_lies", {"how": "unknown"}, 1),
    ("language", {"how": "foreign"}, 1),
    ("language", {"how": "crlf"}, 1),
)
def test_a_text_is_whole_after_a_fault(
    bench: Bench, serve: Serve, kind: str, options: dict[str, Any], requests: int, stream: bool
) -> None:
    """A fault costs one request more at most; the text that comes back is all of it, and no fragment is kept."""
    server = serve(Scenario("m", [Rule(CODE)], faults=[FaultRule(kind, options=options)]))
    answer = bench.door(server, stream=stream).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    said = answer.text.replace("\r\n", "\n")
    assert CODE.strip() in said if kind == "language" else said.strip() == CODE.strip()
    assert server.counters["calls"] <= requests
    recorded = [json.loads(line) for line in bench.journal_path.read_text().splitlines()]
    assert sum(record["type"] == "call" for record in recorded) == server.counters["calls"]
    assert KEY not in bench.journal_path.read_text() + repr(bench.events)


@STREAMS
@kinds(
    ("badjson_cut", {"how": "key"}, 2),
    ("badjson_cut", {"how": "string"}, 2),
    ("badjson_cut", {"how": "comma"}, 2),
    ("badjson_cut", {"how": "brace"}, 2),
    ("badjson_soft", {"how": "newline"}, 1),
    ("badjson_soft", {"how": "trailing_comma"}, 1),
    ("badjson_soft", {"how": "single_quotes"}, 1),
    ("badjson_soft", {"how": "comments"}, 1),
    ("badjson_soft", {"how": "nan"}, 2),
    ("badjson_soft", {"how": "stringified"}, 1),
    ("badjson_soft", {"how": "double_encoded"}, 1),
    ("badjson_soft", {"how": "bom"}, 1),
    ("badjson_soft", {"how": "python_literals"}, 1),
    ("wrapped", {"how": "fence"}, 1),
    ("wrapped", {"how": "prose"}, 1),
    ("wrapped", {"how": "twice"}, 1),
    ("wrapped", {"how": "wrong_first"}, 1),
    ("leaked_call", {"how": "hermes"}, 1),
    ("leaked_call", {"how": "no_opening_tag"}, 1),
    ("leaked_call", {"how": "qwen_xml"}, 1),
    ("leaked_call", {"how": "glm"}, 1),
    ("leaked_call", {"how": "fenced"}, 1),
    ("leaked_call", {"how": "python"}, 2),
    ("badtool", {"how": "unknown"}, 1),
    ("badtool", {"how": "namespaced"}, 1),
    ("badargs", {"how": "missing"}, 2),
    ("badargs", {"how": "extra"}, 2),
    ("badargs", {"how": "misspelt"}, 2),
    ("badargs", {"how": "stringly"}, 1),
    ("badargs", {"how": "list"}, 2),
    ("badargs", {"how": "empty"}, 2),
    ("call_shape", {"how": "no_id"}, 1),
    ("call_shape", {"how": "equal_ids"}, 1),
    ("call_shape", {"how": "gaps"}, 1),
    ("call_shape", {"how": "split_name"}, 1),
    ("call_shape", {"how": "object_arguments"}, 1),
    ("call_shape", {"how": "function_call"}, 1),
    ("call_shape", {"how": "no_index"}, 1),
    ("call_shape", {"how": "no_type"}, 1),
    ("many", {"how": "20"}, 1),
    ("many", {"how": "200"}, 1),
    ("schema_miss", {"how": "missing"}, 2),
    ("schema_miss", {"how": "extra"}, 2),
    ("schema_miss", {"how": "null"}, 2),
    ("schema_miss", {"how": "enum"}, 2),
    ("schema_miss", {"how": "type"}, 2),
    ("length", {}, 2),
    ("truncate", {"how": "clean"}, 2),
    ("sse_noise", {"how": "repeated"}, 2),
    ("e500_toolparse", {}, 2),
    ("language", {"how": "foreign"}, 1),
    ("language", {"how": "quotes"}, 1),
)
def test_an_object_is_valid_after_a_fault(
    bench: Bench, serve: Serve, kind: str, options: dict[str, Any], requests: int, stream: bool
) -> None:
    """An object that is only written oddly costs nothing, one that is wrong or cut costs one question more."""
    server = serve(Scenario("m", [Rule(GOOD)], faults=[FaultRule(kind, options=options)]))
    door = bench.door(server, stream=stream)
    found = door.structured(Seat("t1", "reviewer"), "You are the Reviewer.", "Review it.", Review)
    assert json.loads(found.model_dump_json().replace("\\n", " ")) == json.loads(GOOD)
    assert server.counters["calls"] <= requests


@STREAMS
@pytest.mark.parametrize("at", [0.2, 0.5, 0.8, 0.99])
def test_cut_arguments_of_a_call_are_never_completed(bench: Bench, serve: Serve, stream: bool, at: float) -> None:
    """Arguments that end early are no answer, wherever they end and whatever the finish reason claims."""
    calls = [Reply(None, tool_calls=(ToolCall("Review", text),)) for text in (GOOD[: int(len(GOOD) * at)], GOOD)]
    rules = [Rule(calls[0], times=1), Rule(calls[1])]
    server = serve(Scenario("m", rules))
    door = bench.door(server, stream=stream)
    assert door.structured(Seat("t1", "reviewer"), "You are the Reviewer.", "Review it.", Review) == WANTED
    assert server.counters["calls"] == 2


@STREAMS
@kinds(
    ("e401", {}, 1),
    ("e403", {}, 1),
    ("e404_model", {}, 1),
    ("e429_quota", {}, 1),
    ("redirect", {}, 1),
)
def test_a_lasting_fault_is_told_at_once(
    bench: Bench, serve: Serve, kind: str, options: dict[str, Any], requests: int, stream: bool
) -> None:
    """One request, under two seconds, and the setting to change."""
    server = serve(Scenario("m", [Rule(CODE)], faults=[FaultRule(kind, times=None, options=options)]))
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        bench.door(server, stream=stream).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    assert time.monotonic() - started < 2.0
    assert server.counters["calls"] == requests
    assert any(name in caught.value.fix for name in ("OPENAI_API_KEY", "--model", "--base-url"))


@STREAMS
@pytest.mark.parametrize("how", ["", "cut"])
def test_a_filter_decides_once(bench: Bench, serve: Serve, stream: bool, how: str) -> None:
    """A provider's filter is not asked twice, and the half that it let through is not used."""
    fault = FaultRule("filter", times=None, options={"how": how})
    server = serve(Scenario("m", [Rule(CODE)], faults=[fault]))
    with pytest.raises(Unanswerable) as caught:
        bench.door(server, stream=stream).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    assert (caught.value.reason, server.counters["calls"]) == ("refused", 1)


@STREAMS
def test_the_server_comes_back(bench: Bench, serve: Serve, stream: bool) -> None:
    """A server that dies at a request and is back soon afterwards is waited for."""
    server = serve(Scenario("m", [Rule(CODE)], faults=[FaultRule("gone", options={"seconds": 0.2})]))
    retry = {"base": 0.3, "cap": 0.6, "tries": 4, "window": 5.0}
    door = bench.door(server, stream=stream, retry=retry)
    assert door.ask(Seat("t1", "coder"), "You are the Coder.", "Write it.").text.strip() == CODE.strip()


def test_a_server_that_does_not_stream_is_remembered(bench: Bench, serve: Serve) -> None:
    """A whole body to a streaming request is an answer; the next request does not ask for a stream."""
    server = serve(Scenario("m", [Rule(CODE)], faults=[FaultRule("not_stream")]))
    door = bench.door(server)
    for number in range(2):
        door.ask(Seat("t1", "coder"), "You are the Coder.", f"Write it, {number}.")
    assert [body.get("stream") for body in server.bodies()] == [True, None]


def test_streams_that_never_come_through_are_given_up(bench: Bench, serve: Serve) -> None:
    """After two broken streams the answer is asked for in one piece, and from then on always."""
    server = serve(Scenario("m", [Rule(CODE)], faults=[FaultRule("truncate", times=2)]))
    door = bench.door(server)
    assert door.ask(Seat("t1", "coder"), "You are the Coder.", "Write it.").text.strip() == CODE.strip()
    assert [body.get("stream") for body in server.bodies()] == [True, True, None]


def test_calls_that_the_server_cannot_read_are_forbidden_from_then_on(bench: Bench, serve: Serve) -> None:
    """After a server stumbled over a tool call the model is told that there are none; JSON is asked for in text."""
    server = serve(Scenario("m", [Rule(GOOD)], faults=[FaultRule("e500_toolparse")]))
    door = bench.door(server)
    for number in range(2):
        door.structured(Seat("t1", "reviewer"), "You are the Reviewer.", f"Review {number}.", Review)
    first, *later = server.bodies()
    assert "response_format" in first and "no tools" not in first["messages"][0]["content"]
    assert len(later) == 2
    assert all("response_format" not in body and "no tools" in body["messages"][0]["content"] for body in later)


def test_a_model_that_goes_round_in_circles_is_stopped(bench: Bench, serve: Serve) -> None:
    """An endless repetition is cut while it streams, said, and asked again with other sampling."""
    circle = "And then we check the value again. " * 2000
    server = serve(Scenario("m", [Rule(circle, times=1), Rule(CODE)]))
    answer = bench.door(server).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.", max_tokens=60_000)
    assert answer.text.strip() == CODE.strip()
    assert any("round in circles" in event.get("text", "") for event in bench.events)
    first, second = server.bodies()
    assert second["temperature"] > first["temperature"]


def test_stop_tokens_of_another_template_are_no_text(bench: Bench, serve: Serve) -> None:
    """What follows a leaked stop token is the model talking to itself: it is left out."""
    server = serve(Scenario("m", [Rule(f"{CODE}<|im_end|>\n<|im_start|>user\nThanks!<|im_end|>")]))
    answer = bench.door(server).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    assert answer.text.strip() == CODE.strip()


def test_the_same_question_is_never_answered_a_third_time_alike(bench: Bench, serve: Serve) -> None:
    """A caller that asks the same again and again gets other samples; a resumed caller gets the same ones back."""
    server = serve(Scenario("m", [Rule(CODE)]))

    def texts() -> list[str]:
        door = bench.door(server)
        return [door.ask(Seat("t1", "coder", number), "You are the Coder.", "Write it.").text for number in range(6)]

    first = texts()
    assert server.counters["identical"] == 2 and server.counters["calls"] == 6
    assert texts() == first and server.counters["calls"] == 6
