"""Faults of messages, as they come over the wire: empty, cut, sloppy, wrapped, and tool calls of every wrong shape."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.modelserver import CATALOGUE, FaultRule, Reply, Rule, Scenario, Server, ToolCall, every_kind
from tests.modelserver.catalogue import Kind
from tests.unit.modelserver.client import Answer, ask, chat

Serve = Callable[..., Server]

JSON = json.dumps({"kind": "small", "title": "Repair the net price", "files": ["shop/price.py"], "done": True, "n": 2})
BLOCK = "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2  # the new value\n>>>>>>> REPLACE\n```\n"
CALL = Reply(None, tool_calls=(ToolCall("edit", {"path": "a.py", "old": "x = 1\n", "new": "x = 'new' + \"er\"\n"}),))
STREAMED = [pytest.param(False, id="whole"), pytest.param(True, id="streamed")]


def hit(serve: Serve, kind: str, reply: str | Reply = JSON, *, stream: bool = False, **options: Any) -> Answer:
    """The answer that meets a fault."""
    server = serve(Scenario("m", [Rule(reply)], faults=[FaultRule(kind, options=options)]))
    return ask(server, chat("x", stream=stream))


def calls_of(answer: Answer, stream: bool) -> list[dict[str, Any]]:
    """The pieces of tool calls of an answer."""
    if not stream:
        return list(answer.message.get("tool_calls", []))
    return [call for delta in answer.deltas for call in delta.get("tool_calls", [])]


@pytest.mark.parametrize("stream", STREAMED)
def test_empty_answers(serve: Serve, stream: bool) -> None:
    """Nothing, null and white space are three different things on the wire, each with a finish reason."""
    found = {how: hit(serve, "empty", stream=stream, how=how) for how in CATALOGUE["empty"].hows}
    assert {answer.finish for answer in found.values()} == {"stop"}
    if stream:
        assert [answer.text for answer in found.values()] == ["", "", " \n"]
    else:
        assert [answer.message["content"] for answer in found.values()] == ["", None, " \n"]


@pytest.mark.parametrize("stream", STREAMED)
def test_thoughts(serve: Serve, stream: bool) -> None:
    """Thoughts stand before the answer, have no end, are all there is, or come in a field of their own."""
    found = {how: hit(serve, "think", stream=stream, how=how) for how in CATALOGUE["think"].hows}
    assert found["before"].text.startswith("<think>") and found["before"].text.endswith(f"</think>\n\n{JSON}")
    assert not found["close_only"].text.startswith("<think>") and found["close_only"].text.count("</think>") == 1
    assert "</think>" not in found["unclosed"].text and JSON in found["unclosed"].text
    assert JSON not in found["only"].text
    field = found["field"].deltas if stream else [found["field"].message]
    assert any(each.get("reasoning_content") for each in field) and not any(each.get("content") for each in field)


@pytest.mark.parametrize("stream", STREAMED)
def test_an_answer_that_was_too_long(serve: Serve, stream: bool) -> None:
    """It stops in the middle of the text, of an edit, or of arguments, and says "length"."""
    text = hit(serve, "length", stream=stream)
    edit = hit(serve, "length:edit", BLOCK, stream=stream)
    call = hit(serve, "length:arguments", CALL, stream=stream)
    assert {answer.finish for answer in (text, edit, call)} == {"length"}
    assert JSON.startswith(text.text) and len(text.text) == len(JSON) // 2
    assert "=======" in edit.text and "REPLACE" not in edit.text
    cut = "".join(each["function"]["arguments"] for each in calls_of(call, stream))
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|Invalid"):
        json.loads(cut)


def test_a_reply_longer_than_allowed_is_cut_as_real_servers_do(serve: Serve) -> None:
    """max_tokens is honoured, with finish reason "length" and the tokens that were said."""
    answer = ask(serve(Scenario("m", [Rule("word " * 100)])), chat("x", max_tokens=10))
    assert (answer.finish, len(answer.text), answer.value["usage"]["completion_tokens"]) == ("length", 40, 10)


def test_refusals_and_filters(serve: Serve) -> None:
    """A filter is a finish reason; a refusal is a field or a sentence."""
    assert (hit(serve, "filter").finish, hit(serve, "filter").text) == ("content_filter", "")
    assert hit(serve, "filter:cut").text == JSON[: len(JSON) // 2]
    field = hit(serve, "refusal").message
    assert field["content"] is None and "can't help" in field["refusal"]
    assert "can't help" in hit(serve, "refusal:prose").text
    assert any(delta.get("refusal") for delta in hit(serve, "refusal", stream=True).deltas)


def test_finish_reasons_that_do_not_fit(serve: Serve) -> None:
    """ "stop" beside calls, "tool_calls" beside none, none at all, and a word that nobody knows."""
    assert hit(serve, "finish_lies", CALL).value["choices"][0]["finish_reason"] == "stop"
    assert hit(serve, "finish_lies:calls_without").finish == "tool_calls"
    assert hit(serve, "finish_lies:null").value["choices"][0]["finish_reason"] is None
    assert hit(serve, "finish_null", stream=True).finish is None
    assert hit(serve, "finish_lies:unknown").finish == "eos_token"


@pytest.mark.parametrize("reply", [JSON, Reply(None, tool_calls=(ToolCall("answer", JSON),))], ids=["text", "call"])
@pytest.mark.parametrize("how", CATALOGUE["badjson_cut"].hows)
def test_json_that_is_cut_is_a_beginning_and_says_stop(serve: Serve, how: str, reply: str | Reply) -> None:
    """At every class of position, in text and in arguments, only the beginning of what was due is there."""
    answer = hit(serve, "badjson_cut", reply, how=how)
    text = answer.text if isinstance(reply, str) else calls_of(answer, False)[0]["function"]["arguments"]
    assert JSON.startswith(text) and text != JSON and answer.finish in ("stop", "tool_calls")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|Illegal"):
        json.loads(text)


@pytest.mark.parametrize("how", CATALOGUE["badjson_soft"].hows)
def test_sloppy_json_is_not_json_or_not_an_object_of_the_same_kind(serve: Serve, how: str) -> None:
    """Strict parsing fails, or gives something else than what was due."""
    text = hit(serve, "badjson_soft", how=how).text
    try:
        value = json.loads(text, parse_constant=lambda name: pytest.fail(name) if how != "nan" else None)
    except ValueError:
        return
    assert value != json.loads(JSON)


def test_wrapped_json_is_whole_somewhere(serve: Serve) -> None:
    """The right object is there, letter for letter, but not alone."""
    for how in CATALOGUE["wrapped"].hows:
        text = hit(serve, "wrapped", how=how).text
        assert JSON in text and text != JSON


@pytest.mark.parametrize("how", CATALOGUE["schema_miss"].hows)
def test_a_schema_miss_is_valid_json(serve: Serve, how: str) -> None:
    """It parses, and it is another value than the one that was due."""
    value = hit(serve, "schema_miss", how=how).text
    assert json.loads(value) != json.loads(JSON)
    assert how != "huge" or len(value) > 100_000


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("how", CATALOGUE["leaked_call"].hows)
def test_a_leaked_call_is_text(serve: Serve, how: str, stream: bool) -> None:
    """The call's name and arguments stand in the content, there is no tool call, and the finish reason is "stop"."""
    answer = hit(serve, "leaked_call", CALL, stream=stream, how=how)
    assert "edit" in answer.text and "a.py" in answer.text
    assert calls_of(answer, stream) == [] and answer.finish == "stop"
    assert ("<tool_call>" in answer.text) == (how in ("hermes", "qwen_xml", "glm"))


def test_names_of_tools_that_are_not_there(serve: Serve) -> None:
    """Unknown, in capitals, with a namespace, with a token of the template."""
    names = [
        calls_of(hit(serve, "badtool", CALL, how=how), False)[0]["function"]["name"]
        for how in CATALOGUE["badtool"].hows
    ]
    assert names == ["perform_magic", "EDIT", "functions.edit", "edit<|channel|>commentary"]


def test_arguments_that_do_not_fit(serve: Serve) -> None:
    """Each way changes the arguments, and they stay valid JSON."""
    typed = Reply(None, tool_calls=(ToolCall("read", {"path": "a.py", "line": 3, "all": True}),))
    found = {
        how: json.loads(calls_of(hit(serve, "badargs", typed, how=how), False)[0]["function"]["arguments"])
        for how in CATALOGUE["badargs"].hows
    }
    assert all(found[how] != {"path": "a.py", "line": 3, "all": True} for how in found if how != "float")
    assert found["stringly"] == {"path": "a.py", "line": "3", "all": "true"}
    assert isinstance(found["float"]["line"], float) and found["list"]["path"] == ["a.py"]
    assert [found[f"path_{how}"]["path"] for how in ("dot", "slash", "absolute", "url")] == [
        "./a.py", "a.py/", "/workspace/a.py", "file:///workspace/a.py",
    ]  # fmt: skip


@pytest.mark.parametrize("stream", STREAMED)
def test_shapes_of_calls(serve: Serve, stream: bool) -> None:
    """Ids that lack or repeat, indexes with gaps, split names, arguments as an object, the call of the old API."""
    two = Reply(None, tool_calls=(ToolCall("read", {"path": "a.py"}), ToolCall("list", {"path": "b"})))
    found = {how: hit(serve, "call_shape", two, stream=stream, how=how) for how in CATALOGUE["call_shape"].hows}
    calls = {how: calls_of(answer, stream) for how, answer in found.items()}
    assert not any("id" in call for call in calls["no_id"])
    assert {call["id"] for call in calls["equal_ids"] if "id" in call} == {"call_1"}
    assert any(isinstance(call["function"].get("arguments"), dict) for call in calls["object_arguments"])
    assert not any("type" in call for call in calls["no_type"])
    old = found["function_call"].deltas if stream else [found["function_call"].message]
    assert calls["function_call"] == [] and any("function_call" in each for each in old)
    if stream:
        assert {call["index"] for call in calls["gaps"]} == {1, 3}
        assert not any("index" in call for call in calls["no_index"])
        names = [call["function"]["name"] for call in calls["split_name"] if "name" in call["function"]]
        assert names == ["re", "ad", "li", "st"]


def test_many_calls_at_once(serve: Serve) -> None:
    """Twenty, two hundred, and two that do not agree about one file."""
    for how in ("20", "200"):
        calls = calls_of(hit(serve, "many", CALL, how=how), False)
        assert len(calls) == int(how) == len({call["id"] for call in calls})
    one, two = (json.loads(c["function"]["arguments"]) for c in calls_of(hit(serve, "many:conflict", CALL), False))
    assert one["path"] == two["path"] and one["old"] == two["old"] and one["new"] != two["new"]


def test_other_languages_and_letters(serve: Serve) -> None:
    """The right answer is there, between foreign words, or with other ends of lines, quotes and spaces."""
    assert BLOCK in hit(serve, "language", BLOCK).text != BLOCK
    assert hit(serve, "language:crlf", BLOCK).text == BLOCK.replace("\n", "\r\n")
    assert "\u201c" in hit(serve, "language:quotes", 'say "x"').text
    assert "x\u00a0=\u00a02" in hit(serve, "language:nbsp", BLOCK).text


def test_a_call_is_made_of_json_where_none_is_due(serve: Serve) -> None:
    """A faulty call carries the due JSON, under the name of the wanted schema."""
    server = serve(Scenario("m", [Rule(JSON)], faults=[FaultRule("call_shape:no_id")]))
    wanted = {"type": "json_schema", "json_schema": {"name": "Kind", "schema": {}}}
    (call,) = calls_of(ask(server, chat("x", response_format=wanted)), False)
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("Kind", json.loads(JSON))


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("kind", every_kind("M"), ids=str)
def test_every_way_of_a_message_fault_is_served(serve: Serve, kind: Kind, stream: bool) -> None:
    """On text, JSON and calls alike: the answer is whole, differs from the due one, or the fault does not apply."""
    due = {"json": JSON, "block": BLOCK, "call": CALL}
    server = serve(*(Scenario(name, [Rule(reply)], faults=[FaultRule(str(kind))]) for name, reply in due.items()))
    for name in due:
        body = chat("x", model=name, stream=stream)
        faulty, right = ask(server, body), ask(server, body)
        assert (faulty.status, faulty.end, right.status) == (200, "whole", 200)
        assert (faulty.body != right.body) == (server.requests[-2]["fault"] == kind.fault.name)
