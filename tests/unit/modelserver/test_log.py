"""The record of requests: who asked, what was alike, how many at once, and who went away."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.modelserver import FaultRule, Reply, Request, Rule, Scenario, Server
from tests.unit.modelserver.client import ask, chat, post

Serve = Callable[..., Server]


def conversation(call_id: str, arguments: str, spaces: str = " ") -> dict[str, Any]:
    """A request with a tool call and its answer."""
    call = {"id": call_id, "type": "function", "function": {"name": "read", "arguments": arguments}}
    return {
        "model": "m",
        "messages": [
            {"role": "user", "content": f"read{spaces}it"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call_id, "content": "text"},
        ],
    }


def test_requests_are_alike_but_for_spaces_ids_order_of_keys_and_streaming() -> None:
    """What makes no other question makes no other likeness; a word, a temperature or a model does."""
    first = Request(conversation("call_1", '{"path": "a", "line": 1}'))
    same = Request({**conversation("call_x", '{"line": 1,  "path": "a"}', "\n  "), "stream": True})
    assert first.digest != same.digest and first.likeness == same.likeness
    others = [{"model": "n"}, {"temperature": 0.5}, {"messages": [{"role": "user", "content": "read that"}]}]
    assert all(Request({**first.body, **other}).likeness != first.likeness for other in others)


def test_the_most_alike_requests_are_counted(serve: Serve) -> None:
    """The third request with one same question shows, whatever its spelling and whatever it got."""
    server = serve(Scenario("m", [Rule("x")], faults=[FaultRule("e500")]))
    for user in ("a  b", "a b", "a\nb", "c"):
        ask(server, chat(user))
    assert server.log.most_alike() == server.counters["alike"] == 3 and server.counters["identical"] == 1


def test_the_log_is_asked_by_role_and_fault(serve: Serve) -> None:
    """Entries have role, rule, fault, outcome, tokens, bytes and times."""
    server = serve(Scenario("m", [Rule("x", name="all")], faults=[FaultRule("e429", role="fixer")]))
    ask(server, chat("a"))
    ask(server, chat("a", system="You are the Fixer."))
    assert server.settled(requests=2, ended=2, timeout=5)
    (coder,), (fixer,) = server.log.of(role="coder"), server.log.of(fault="e429")
    assert (coder["rule"], coder["fault"], coder["outcome"], coder["completion_tokens"]) == ("all", "", "reply", 1)
    assert (fixer["role"], fixer["outcome"]) == ("fixer", "refusal 429") and "prompt_tokens" not in fixer
    assert coder["bytes"] > 100 and coder["time"] <= coder["ended"] and not coder["hung_up"]


def test_a_header_names_the_role_where_the_prompt_does_not(serve: Serve) -> None:
    """The header wins over the prompt."""
    server = serve(Scenario("m", [Rule("planned", role="planner"), Rule("coded", role="coder")]))
    assert ask(server, chat("a"), headers="X-Agent-Role: Planner\r\n").text == "planned"
    assert ask(server, chat("a")).text == "coded"


def test_requests_in_flight_are_counted(serve: Serve) -> None:
    """Three lanes at once are three in flight, and none when all have ended."""
    server = serve(Scenario("m", [Rule(Reply("x", delay=0.3))]))
    lanes = [threading.Thread(target=ask, args=(server, chat(str(number)))) for number in range(3)]
    for lane in lanes:
        lane.start()
    assert server.settled(requests=3, ended=0, timeout=5) and server.log.in_flight == 3
    for lane in lanes:
        lane.join()
    assert server.settled(requests=3, ended=3, timeout=5) and server.log.in_flight == 0
    assert server.log.greatest_concurrency() == server.counters["concurrency"] == 3


def test_a_client_that_goes_away_in_the_middle_of_a_stream_is_noted(serve: Serve) -> None:
    """It closes while events are still coming; the log says so, and how much had been written."""
    slow = FaultRule("slow", options={"seconds": 0.05})
    server = serve(Scenario("m", [Rule("words " * 400)], faults=[slow]))
    body = json.dumps(chat("a", stream=True)).encode()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert client.recv(100)
    assert server.settled(requests=1, ended=1, timeout=10)
    assert server.requests[0]["hung_up"]


def test_a_connection_is_kept_for_many_requests(serve: Serve) -> None:
    """Whole and streamed answers follow each other on one connection, as clients with a pool expect."""
    server = serve(Scenario("m", [Rule("x")]))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for stream in (False, True, False):
        connection.request("POST", "/v1/chat/completions", json.dumps(chat("a", stream=stream)))
        first = connection.sock
        assert connection.getresponse().read() and connection.sock is first
    connection.close()


def test_what_is_no_request_is_refused(serve: Serve) -> None:
    """No length, too long a body, no JSON, no object: an error each, and nothing in the log."""
    server = serve(Scenario("m", [Rule("x")]))
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    with connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 411")
    for head, status in ((b"content-length: 99999999999", b"413"), (b"content-length: 1", b"400")):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n" + head + b"\r\n\r\n{")
            assert client.recv(100).split()[1] == status
    assert post(server, "/v1/embeddings", {}).status == 404
    assert server.requests == []
