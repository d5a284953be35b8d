"""Faults of the wire, seen by a client that reads every byte: each is on the wire what its name says."""

import json
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.modelserver import CATALOGUE, FaultRule, Reply, Rule, Scenario, Server, ToolCall, every_kind
from tests.modelserver.catalogue import Kind
from tests.unit.modelserver.client import Answer, ask, chat

Serve = Callable[..., Server]

BLOCK = "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2  # the new value\n>>>>>>> REPLACE\n```\n"
LONG = "words and words, " * 20
ONE = Rule(LONG)
STREAMED = [pytest.param(False, id="whole"), pytest.param(True, id="streamed")]


def one(serve: Serve, kind: str, reply: str | Reply = LONG, **options: Any) -> Server:
    """A model whose first answer meets a fault."""
    return serve(Scenario("m", [Rule(reply)], faults=[FaultRule(kind, options=options)]))


def hit(
    serve: Serve, kind: str, body: dict[str, Any] | None = None, reply: str | Reply = LONG, **options: Any
) -> Answer:
    """The answer that meets a fault."""
    return ask(one(serve, kind, reply, **options), body or chat("x"))


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("e401", 401, "invalid_api_key"),
        ("e403", 403, "permission_denied"),
        ("e404_model", 404, "model_not_found"),
        ("e429", 429, "rate_limit_exceeded"),
        ("e429_quota", 429, "insufficient_quota"),
        ("e500", 500, "server_error"),
        ("e502", 502, None),
        ("e503", 503, "unavailable"),
    ],
)
def test_a_status_comes_with_the_error_body_of_the_protocol(
    serve: Serve, kind: str, status: int, code: str | None, stream: bool
) -> None:
    """Errors are whole JSON answers with message, type and code, also to a streaming request."""
    answer = hit(serve, kind, chat("x", stream=stream))
    assert (answer.status, answer.value["error"]["code"], answer.end) == (status, code, "whole")
    assert set(answer.value["error"]) == {"message", "type", "param", "code"}


def test_retry_after_comes_in_seconds_as_a_date_or_not_at_all(serve: Serve) -> None:
    """All three forms of the header are on the wire as they should be."""
    assert hit(serve, "e429", retry_after=7).headers["retry-after"] == "7"
    moment = parsedate_to_datetime(hit(serve, "e429:date").headers["retry-after"])
    assert -2 < moment.timestamp() - time.time() < 2
    assert "retry-after" not in hit(serve, "e429").headers


def test_a_server_error_under_way_spares_the_first_requests(serve: Serve) -> None:
    """e500mid strikes once other work has been answered, and the next try of the same request passes."""
    server = one(serve, "e500mid")
    assert [ask(server, chat(each)).status for each in ("a", "b", "b", "c")] == [200, 500, 200, 200]


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("openai", "maximum context length is 10 tokens"),
        ("llama.cpp", "exceeds the available context size (10 tokens)"),
        ("vllm", "in the completion"),
        ("lmstudio", "context length of only 10 tokens"),
    ],
)
def test_an_overflow_is_told_in_the_words_of_a_server(serve: Serve, style: str, words: str) -> None:
    """The limit is named in each server's own sentence; a prompt below it passes."""
    answer = hit(serve, "e400_ctx", limit=10, style=style)
    assert answer.status == 400 and words in answer.body.decode()
    assert hit(serve, "e400_ctx", limit=1000, style=style).status == 200
    assert hit(serve, f"e400_ctx:{style}", limit=10, status=413).status == 413


def test_a_silent_cut_shows_in_usage_only(serve: Serve) -> None:
    """The model sees the end of a long prompt, answers that, and reports the limit as the prompt's length."""
    rules = [Rule("saw it", when=lambda request: "BEGINNING" in request.text), Rule("did not")]
    faults = [FaultRule("silent_ctx", times=None, options={"limit": 100})]
    server = serve(Scenario("m", rules, faults=faults))
    short, long = ask(server, chat("BEGINNING")), ask(server, chat("BEGINNING " + "x" * 4000))
    assert (short.text, long.text, long.status) == ("saw it", "did not", 200)
    assert short.value["usage"]["prompt_tokens"] < 100 == long.value["usage"]["prompt_tokens"]


def test_a_parameter_is_refused_alone(serve: Serve) -> None:
    """Each way refuses its own parameter, names it, and leaves others alone."""
    more: dict[str, Any] = {
        "temperature": 0,
        "max_tokens": 900,
        "tool_choice": "auto",
        "stream_options": {},
        "tools": [{"type": "function", "function": {"name": "look"}}],
        "response_format": {"type": "json_schema"},
    }
    for how in CATALOGUE["e400_param"].hows:
        name, _, kind = how.partition(":")
        answer = hit(serve, "e400_param", chat("x", **more), name=how)
        if kind == "json_object":
            assert answer.status == 200
            continue
        assert answer.status == 400 and name in answer.value["error"]["message"]
        without = {key: value for key, value in more.items() if key != name}
        assert hit(serve, "e400_param", chat("x", **without), name=how).status == 200


@pytest.mark.parametrize("stream", STREAMED)
def test_a_page_is_a_page(serve: Serve, stream: bool) -> None:
    """HTML has its content type, with 200, with 502, and as a redirection."""
    for kind, status in (("html", 200), ("html502", 502), ("redirect", 302)):
        answer = hit(serve, kind, chat("x", stream=stream))
        assert (answer.status, answer.headers["content-type"].split(";")[0]) == (status, "text/html")
        assert b"<html>" in answer.body


def test_bodies_that_are_no_answers(serve: Serve) -> None:
    """Invalid JSON, an empty body, another shape and an empty list of choices, all with status 200."""
    bodies = {how: hit(serve, "badbody", how=how) for how in CATALOGUE["badbody"].hows}
    assert {answer.status for answer in bodies.values()} == {200}
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(bodies["json"].body)
    assert bodies["empty"].body == b"" and "choices" not in bodies["shape"].value
    assert bodies["choices"].value["choices"] == [] and bodies["null"].value is None


@pytest.mark.parametrize("stream", STREAMED)
def test_resets(serve: Serve, stream: bool) -> None:
    """Before the headers nothing comes; after them the connection is really reset, and no byte of the body came."""
    before = hit(serve, "reset", chat("x", stream=stream))
    after = hit(serve, "reset:after_headers", chat("x", stream=stream))
    assert (before.end, before.status, before.body) == ("cut", 0, b"")
    assert (after.end, after.body) == ("reset", b"")


@pytest.mark.parametrize("stream", STREAMED)
def test_silence_is_silent(serve: Serve, stream: bool) -> None:
    """Nothing comes before the time is over; then the connection is closed, or the answer comes after all."""
    quiet = ask(one(serve, "timeout", seconds=30), chat("x", stream=stream), patience=0.2)
    assert (quiet.end, quiet.status) == ("silent", 0)
    closed = ask(one(serve, "timeout", seconds=0.05), chat("x", stream=stream))
    assert (closed.end, closed.status) == ("cut", 0)
    late = ask(one(serve, "timeout:answered", seconds=0.05), chat("x", stream=stream))
    assert (late.end, late.text) == ("whole", LONG)


@pytest.mark.parametrize("stream", STREAMED)
def test_a_stall_keeps_the_connection_open(serve: Serve, stream: bool) -> None:
    """A part of the answer comes, and then nothing, without an end."""
    answer = ask(one(serve, "stall", seconds=30), chat("x", stream=stream), patience=0.3)
    assert (answer.end, answer.status) == ("silent", 200)
    assert answer.body and b"[DONE]" not in answer.body


@pytest.mark.parametrize("stream", STREAMED)
def test_a_slow_answer_is_whole(serve: Serve, stream: bool) -> None:
    """Piece after piece with a pause between, and all of it in the end."""
    started = time.monotonic()
    answer = ask(one(serve, "slow", seconds=0.01), chat("x", stream=stream))
    assert (answer.end, answer.text) == ("whole", LONG)
    assert time.monotonic() - started > 0.1


@pytest.mark.parametrize("stream", STREAMED)
def test_a_truncated_answer_is_short_of_what_its_framing_says(serve: Serve, stream: bool) -> None:
    """A body is shorter than its length says; a chunk of a stream is cut. The clean way keeps the framing whole."""
    cut = hit(serve, "truncate", chat("x", stream=stream))
    clean = hit(serve, "truncate:clean", chat("x", stream=stream))
    assert (cut.end, clean.end) == ("short", "whole")
    for answer in (cut, clean):
        assert answer.body and b"[DONE]" not in answer.body
    if not stream:
        assert len(cut.body) < int(cut.headers["content-length"])
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(clean.body)


@pytest.mark.parametrize("stream", STREAMED)
def test_a_cut_inside_an_edit_leaves_half_of_its_new_text(serve: Serve, stream: bool) -> None:
    """The SEARCH part has come, the new text only in part, the closing marker not at all."""
    answer = hit(serve, "truncedit", chat("x", stream=stream), f"I will change it.\n\n{BLOCK}")
    body = answer.text if stream else answer.body.decode()
    assert answer.end == "short" and "x = 1" in body and "REPLACE" not in body
    assert "=======" in body and "the new value" not in body


@pytest.mark.parametrize("stream", STREAMED)
def test_a_cut_inside_arguments_leaves_half_of_a_call(serve: Serve, stream: bool) -> None:
    """The name of the tool has come, its arguments only in part."""
    call = ToolCall("edit", {"path": "a.py", "old": "x = 1\n", "new": "x = 2  # the new value\n"})
    answer = hit(serve, "truncedit", chat("x", stream=stream), Reply(None, tool_calls=(call,)))
    assert answer.end == "short" and b"edit" in answer.body and b"new value" not in answer.body


def test_an_error_in_the_middle_of_a_stream(serve: Serve) -> None:
    """Status 200, some text, then an error object as an event; unstreamed the error is the body."""
    for kind in ("sse_error", "sse_error:event"):
        answer = hit(serve, kind, chat("x", stream=True))
        assert (answer.status, answer.end) == (200, "whole")
        assert answer.text and "error" in answer.chunks[-1] and "[DONE]" not in answer.data
        assert (b"event: error" in answer.body) == (kind == "sse_error:event")
        assert set(hit(serve, kind).value) == {"error"}


@pytest.mark.parametrize("how", [how for how in CATALOGUE["sse_noise"].hows if how != "repeated"])
def test_noise_leaves_the_text_as_it_is(serve: Serve, how: str) -> None:
    """However a stream is written, its text is the same, letter for letter."""
    text = "Grüße, 世界: " * 8
    answer = hit(serve, "sse_noise", chat("x", stream=True), text, how=how)
    assert (answer.end, answer.text, answer.finish) == ("whole", text, "stop")


def test_noise_is_there(serve: Serve) -> None:
    """Comments, line ends, packets and missing ends are on the wire as named."""
    found = {
        how: hit(serve, "sse_noise", chat("x", stream=True), "ü" * 99, how=how) for how in CATALOGUE["sse_noise"].hows
    }
    assert b": processing\n\n" in found["comments"].body and found["keepalive"].body.startswith(b": keep-alive")
    assert b"\r\n\r\n" in found["crlf"].body and len(found["packed"].pieces) == 1
    assert any(not piece.endswith(b"\n\n") for piece in found["split"].pieces)
    with pytest.raises(UnicodeDecodeError):
        [piece.decode() for piece in found["utf8"].pieces]
    assert "[DONE]" not in found["no_done"].data and found["repeated"].text != "ü" * 99
    assert [] in [chunk["choices"] for chunk in found["empty_choices"].chunks]
    assert [c["finish_reason"] for ch in found["repeated_finish"].chunks for c in ch["choices"]].count("stop") == 2


def test_empty_lines_before_a_whole_body(serve: Serve) -> None:
    """Some servers keep a waiting client warm with empty lines; the JSON after them is whole."""
    answer = hit(serve, "sse_noise:keepalive")
    assert answer.body.startswith(b"\n") and answer.text == LONG


def test_usage_that_does_not_count(serve: Serve) -> None:
    """No usage, null, zeros, or an unasked last chunk; the answer is the right one."""
    found = {how: hit(serve, "bad_usage", how=how) for how in CATALOGUE["bad_usage"].hows}
    assert {answer.text for answer in found.values()} == {LONG}
    assert "usage" not in found["missing"].value and found["null"].value["usage"] is None
    assert set(found["zero"].value["usage"].values()) == {0}
    assert hit(serve, "bad_usage:last", chat("x", stream=True)).chunks[-1]["usage"]["total_tokens"] > 0
    asked = chat("x", stream=True, stream_options={"include_usage": True})
    assert all("usage" not in chunk for chunk in hit(serve, "bad_usage:missing", asked).chunks)


def test_the_other_framing(serve: Serve) -> None:
    """A streaming request gets one JSON body, an unstreamed one gets a stream."""
    streamed, whole = hit(serve, "not_stream"), hit(serve, "not_stream", chat("x", stream=True))
    assert streamed.headers["content-type"] == "text/event-stream" and streamed.data[-1] == "[DONE]"
    assert whole.headers["content-type"] == "application/json" and whole.text == LONG


def test_a_server_that_dies_is_gone_until_it_is_back(serve: Serve) -> None:
    """The request gets nothing, the address refuses connections, and after its return the same request is answered."""
    server = one(serve, "gone")
    assert ask(server, chat("x")).end in ("cut", "reset")
    with pytest.raises(ConnectionRefusedError):
        ask(server, chat("x"))
    server.revive()
    assert ask(server, chat("x")).text == LONG


def test_a_server_that_dies_takes_other_requests_with_it(serve: Serve) -> None:
    """A request of another lane that was under way is broken off too, and the log says so."""
    slow = Rule(Reply("late", delay=30), role="fixer")
    server = serve(Scenario("m", [slow, ONE], faults=[FaultRule("gone", role="coder", options={"seconds": 0.05})]))
    ends: list[str] = []
    lane = threading.Thread(target=lambda: ends.append(ask(server, chat("x", system="You are the Fixer.")).end))
    lane.start()
    assert server.settled(requests=1, ended=0, timeout=5)
    assert ask(server, chat("x")).end in ("cut", "reset")
    lane.join(timeout=5)
    assert ends and ends[0] in ("cut", "reset")
    assert server.settled(requests=2, ended=2, timeout=5) and server.log.of(role="fixer")[0]["hung_up"]


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("kind", every_kind("T"), ids=str)
def test_every_way_of_a_transport_fault_ends_and_leaves_the_server_working(
    serve: Serve, kind: Kind, stream: bool
) -> None:
    """After any fault, streaming or not, in any of its ways, the next request is answered."""
    options = {"seconds": 0.02} if "seconds" in kind.fault.options else {}
    server = one(serve, str(kind), BLOCK, **options)
    try:
        ask(server, chat("x", stream=stream, temperature=0))
    finally:
        server.revive()
    assert ask(server, chat("y", temperature=0, max_tokens=900)).status in (200, 400, 500)
    assert ask(server, chat("y", temperature=0)).text == BLOCK
