"""The scripted model server keeps its own promises: it is what every other test of faults stands on."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.modelserver import FaultRule, Reply, Rule, Scenario, Server, ToolCall, contains, script
from tests.unit.modelserver.client import ask, chat

Serve = Callable[..., Server]


def said(server: Server, body: dict[str, Any]) -> str:
    """The text of an answer."""
    return ask(server, body).text


def test_answers_depend_on_role_task_and_number_and_not_on_arrival(serve: Serve) -> None:
    """Many threads in any order get for each request what its rules say; the same bytes get the same answer again."""
    rules = [
        Rule(f"{role} {task} {nth}", when=contains(task), role=role, nth=nth)
        for role in ("coder", "fixer")
        for task in ("alpha", "beta")
        for nth in (1, 2)
    ]
    server = serve(Scenario("m", rules))
    answers: dict[str, list[str]] = {}

    def lane(role: str, task: str) -> None:
        system = f"You are the {role.title()}."
        bodies = [chat(f"{task} attempt {nth}", system=system) for nth in (1, 2)]
        answers[f"{role} {task}"] = [said(server, body) for body in [bodies[0], bodies[0], bodies[1]]]

    lanes = [
        threading.Thread(target=lane, args=(role, task)) for role in ("coder", "fixer") for task in ("alpha", "beta")
    ]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    assert answers == {name: [f"{name} 1", f"{name} 1", f"{name} 2"] for name in answers} and len(answers) == 4
    assert server.counters["identical"] == 2 and server.counters["repeated"] == 4


def test_a_request_that_no_rule_is_for_is_told_with_its_text(serve: Serve) -> None:
    """An unmatched request is a 500 that quotes it, and is counted."""
    server = serve(Scenario("m", [Rule("x", role="planner")]))
    answer = ask(server, chat("what about this?"))
    assert answer.status == 500 and b"what about this?" in answer.body and b"'coder'" in answer.body
    assert server.counters["unmatched"] == 1


def test_scenarios_are_chosen_by_the_model_name(serve: Serve) -> None:
    """Scenarios in one server do not see each other, and an unknown name is a 404 that lists the known ones."""
    server = serve(Scenario("one", [Rule("1")]), Scenario("two", [Rule("2")]))
    assert [said(server, chat("x", model=name)) for name in ("one", "two")] == ["1", "2"]
    answer = ask(server, chat("x", model="three"))
    assert answer.status == 404 and b"one, two" in answer.body


def test_a_script_is_served_in_order_and_housekeeping_takes_no_step(serve: Serve) -> None:
    """Steps are used up one by one; titles and the like are answered beside them; then comes the exhausted step."""
    title = Rule("A title", when=contains("title"))
    server = serve(Scenario("m", script("first", "second", exhausted="no more"), housekeeping=[title]))
    questions = ("a", "make a title", "b", "c", "d")
    assert [said(server, chat(each)) for each in questions] == ["first", "A title", "second", "no more", "no more"]


def test_a_fault_does_not_use_up_the_step_that_it_hides(serve: Serve) -> None:
    """After a fault the same answer is still due."""
    server = serve(Scenario("m", script("first", "second"), faults=[FaultRule("e500"), FaultRule("empty", nth=2)]))
    first = [ask(server, chat("a")).status, said(server, chat("a"))]
    assert first == [500, "first"]
    assert [said(server, chat("b")), said(server, chat("b"))] == ["", "second"]
    assert (server.counters["fault:e500"], server.counters["fault:empty"]) == (1, 1)


def test_draws_depend_on_the_request_and_not_on_the_order(serve: Serve) -> None:
    """With a rate, the same requests meet the same faults in whatever order they arrive."""

    def statuses(order: list[int]) -> dict[int, int]:
        faults = [FaultRule("e500", rate=0.5, times=None)]
        server = serve(Scenario("m", [Rule("x")], faults=faults, seed=11))
        return {number: ask(server, chat(f"question {number}")).status for number in order}

    forwards, backwards = statuses(list(range(20))), statuses(list(reversed(range(20))))
    assert forwards == backwards and set(forwards.values()) == {200, 500}


def test_a_stream_carries_the_same_answer_and_usage_where_asked(serve: Serve) -> None:
    """Streamed and whole answers agree in text, tool calls, finish reason and usage."""
    reply = Reply("some text, longer than one chunk", reasoning="hm", tool_calls=(ToolCall("look", {"at": "a.py"}),))
    server = serve(Scenario("m", [Rule(reply)]))
    whole = ask(server, chat("x")).value
    answer = ask(server, chat("x", stream=True, stream_options={"include_usage": True}))
    calls = [call for delta in answer.deltas for call in delta.get("tool_calls", [])]
    assert answer.data[-1] == "[DONE]" and answer.deltas[0] == {"role": "assistant", "content": ""}
    assert answer.text == whole["choices"][0]["message"]["content"]
    assert "".join(call["function"]["arguments"] for call in calls) == '{"at": "a.py"}'
    assert whole["choices"][0]["finish_reason"] == answer.finish == "tool_calls"
    assert answer.chunks[-1]["usage"] == whole["usage"] and answer.chunks[-1]["choices"] == []
    assert all("usage" not in chunk for chunk in ask(server, chat("x", stream=True)).chunks)


def test_usage_is_about_four_characters_a_token(serve: Serve) -> None:
    """Prompt and answer are counted, and the counter adds them up."""
    server = serve(Scenario("m", [Rule("y" * 40)]))
    usage = ask(server, chat("x" * 400)).value["usage"]
    assert 100 <= usage["prompt_tokens"] <= 120 and usage["completion_tokens"] == 10
    assert server.counters["tokens"] == usage["total_tokens"]


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([], "messages"),
        ([{"role": "robot", "content": "x"}], "role"),
        ([{"role": "user", "content": ""}], "content"),
        ([{"role": "tool", "content": "x", "tool_call_id": "1"}], "tool message"),
        (
            [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}, {"role": "user", "content": "x"}],
            "answered",
        ),
    ],
)
def test_strict_mode_rejects_faulty_requests(serve: Serve, messages: list[dict[str, Any]], why: str) -> None:
    """What strict servers refuse is refused here, so that the product cannot get used to sending it."""
    server = serve(Scenario("m", [Rule("x")]))
    answer = ask(server, {"model": "m", "messages": messages})
    assert answer.status == 400 and why in answer.body.decode()


def test_a_client_that_hangs_holds_nobody_up(serve: Serve) -> None:
    """A client that never sends its body does not keep others waiting, nor the server from stopping."""
    server = serve(Scenario("m", [Rule("x")]))
    with socket.create_connection(("127.0.0.1", server.port)) as hanging:
        hanging.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 100\r\n\r\n{")
        assert said(server, chat("a")) == "x"
        server.stop()


def test_a_client_that_goes_away_is_noted(serve: Serve) -> None:
    """The log says that the client hung up while it was kept waiting."""
    server = serve(Scenario("m", [Rule("x")], faults=[FaultRule("timeout", options={"seconds": 5})]))
    body = json.dumps(chat("a")).encode()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert server.settled(requests=1, ended=0, timeout=5)
    assert server.settled(requests=1, ended=1, timeout=5)
    assert server.requests[0]["hung_up"]


def test_requests_after_a_mark_are_counted(serve: Serve) -> None:
    """A test can assert that nothing is asked after the end of a run."""
    server = serve(Scenario("m", [Rule("x")]))
    ask(server, chat("a"))
    server.mark("finished")
    ask(server, chat("b"))
    assert server.counters["after:finished"] == 1
