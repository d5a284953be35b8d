"""The wire itself: addresses, proxies, pages in the way, time-outs, and connections that are kept."""

import gc
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from models.errors import ProviderError
from models.seat import Seat
from tests.modelserver import FaultRule, Reply, Rule, Scenario
from tests.unit.models.bench import KEY, Bench, Serve

ANSWER = json.dumps(
    {"model": "m", "choices": [{"index": 0, "message": {"content": "hello"}, "finish_reason": "stop"}]}
).encode()


class Wire:
    """A socket that answers every request with the same bytes and keeps what it was sent."""

    def __init__(self, answer: bytes, *, hold: bool = False) -> None:
        self.answer = answer
        self.hold = hold
        self.heads: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering. Closing alone wakes no `accept`, which would go on with whatever has the number next."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for each in [self._socket, *self._open]:
            each.close()

    def _serve(self) -> None:
        try:
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                self._answer(connection)
        except OSError:
            return

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as sent:
            head = b"".join(iter(sent.readline, b"\r\n")).decode()
            length = next((int(line[15:]) for line in head.lower().splitlines() if line[:15] == "content-length:"), 0)
            sent.read(length)
        self.heads.append(head)
        connection.sendall(self.answer)
        if not self.hold:
            connection.close()


@contextmanager
def wire(
    body: bytes, *, kind: str = "application/json", length: int | None = None, hold: bool = False
) -> Iterator[Wire]:
    """A server that answers with a body, whose length may be told wrongly."""
    told = f"content-length: {len(body) if length is None else length}\r\n" if length != -1 else ""
    opened = Wire(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{told}\r\n".encode() + body, hold=hold)
    try:
        yield opened
    finally:
        opened.close()


def ask(bench: Bench, base_url: str, **settings: object) -> str:
    """One question."""
    return bench.door(base_url, **settings).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.").text


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
def test_an_answer_is_known_by_what_it_is(bench: Bench, kind: str) -> None:
    """A wrong content type does not hide an answer, whole or streamed."""
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": "stop"}]})
    with wire(ANSWER, kind=kind) as whole, wire(f"data: {chunk}\n\n".encode(), kind=kind, length=-1) as stream:
        assert ask(bench, whole.base_url) == "hello"
        assert bench.door(stream.base_url).ask(Seat("t2", "coder"), "s", "u").text == "hello"


def test_a_body_that_is_shorter_than_it_says_is_dropped(bench: Bench) -> None:
    """A body that ends before its length is no answer, though what came of it is valid."""
    with wire(ANSWER, length=len(ANSWER) + 10) as server, pytest.raises(ProviderError, match="ended before its end"):
        ask(bench, server.base_url)
    assert len(server.heads) > 1


def test_a_page_in_the_way_names_the_address(bench: Bench) -> None:
    """A proxy's page with status 200 is told as what it is."""
    with (
        wire(b"<!doctype html><title>Sign in</title>", kind="text/html") as server,
        pytest.raises(ProviderError, match="an HTML page"),
    ):
        ask(bench, server.base_url)


def test_https_at_a_server_without_is_told_at_once(bench: Bench, serve: Serve) -> None:
    """A wrong scheme is a setting to change, not a fault to wait out."""
    server = serve(Scenario("m", [Rule("hello")]))
    with pytest.raises(ProviderError, match="not safe") as caught:
        ask(bench, server.base_url.replace("http://", "https://"))
    assert "--base-url" in caught.value.fix and not server.requests


def test_a_redirect_is_not_followed_with_the_key(bench: Bench, serve: Serve) -> None:
    """The key goes to the address that was given and to no other; where it points is told without its query."""
    elsewhere = serve(Scenario("m", [Rule("hello")]))
    answer = f"HTTP/1.1 307 Moved\r\nlocation: {elsewhere.base_url}?key={KEY}\r\ncontent-length: 0\r\n\r\n"
    server = Wire(answer.encode())
    with pytest.raises(ProviderError) as caught:
        ask(bench, server.base_url)
    server.close()
    assert not elsewhere.requests and KEY not in str(caught.value) and elsewhere.base_url in str(caught.value)


def test_a_proxy_of_the_environment_is_used_but_never_for_this_machine(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address elsewhere goes through the proxy, with the whole address; a local server does not."""
    local = serve(Scenario("m", [Rule("local")]))
    with wire(ANSWER) as proxy:
        monkeypatch.setenv("http_proxy", proxy.base_url.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask(bench, "http://models.invalid/v1", stream=False) == "hello"
        assert bench.door(local).ask(Seat("t2", "coder"), "s", "u").text == "local"
    lines = [head.splitlines()[0] for head in proxy.heads]
    assert lines[-1] == "POST http://models.invalid/v1/chat/completions HTTP/1.1"
    assert all("models.invalid" in line for line in lines)


def test_silence_ends_after_the_first_words_time_or_the_idle_time(bench: Bench) -> None:
    """A stream that never begins and one that stops are told apart; neither is waited for longer than configured."""
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "half an ans"}, "finish_reason": None}]})
    settings = {"answer_timeout": 0.3, "idle_timeout": 0.15, "retry": {"tries": 1}}
    keep = f": waiting\n\ndata: {chunk}\n\n".encode()
    with (
        wire(keep, kind="text/event-stream", length=-1, hold=True) as server,
        pytest.raises(ProviderError, match=r"nothing more for 0\.15 s"),
    ):
        ask(bench, server.base_url, **settings)
    with (
        wire(b": waiting\n\n", kind="text/event-stream", length=-1, hold=True) as server,
        pytest.raises(ProviderError, match="no first word in time"),
    ):
        bench.door(server.base_url, **settings).ask(Seat("t2", "coder"), "s", "u")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse at once what Linux leaves waiting")
def test_an_address_that_takes_nobody_in_is_given_up_after_the_connect_time(bench: Bench) -> None:
    """A listener whose queue is full answers no handshake: the time to reach it is a setting of its own."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        stack.enter_context(socket.create_connection(full.getsockname()))
        address = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        started = time.monotonic()
        with pytest.raises(ProviderError, match="nothing answers at http"):
            ask(bench, address, connect_timeout=0.2, answer_timeout=30.0, retry={"tries": 1})
        assert 0.15 < time.monotonic() - started < 5.0


def test_keep_alive_comments_do_not_keep_a_dead_model_alive(bench: Bench, serve: Serve) -> None:
    """Comments without end are no answer: the time for the first word runs on."""
    endless = b": still here\n\n" * 200_000
    with (
        wire(endless, kind="text/event-stream", length=-1, hold=True) as server,
        pytest.raises(ProviderError, match="no first word in time"),
    ):
        ask(bench, server.base_url, answer_timeout=0.3, retry={"tries": 1})


def test_a_finished_answer_needs_no_farewell(bench: Bench) -> None:
    """After the finish reason neither [DONE] nor the end of the connection is waited for for long."""
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": "stop"}]})
    with wire(f"data: {chunk}\n\n".encode(), kind="text/event-stream", length=-1, hold=True) as server:
        assert ask(bench, server.base_url, answer_timeout=60.0, idle_timeout=60.0) == "hello"


def test_a_slow_stream_may_take_longer_than_any_single_wait(bench: Bench, serve: Serve) -> None:
    """What counts is silence: a stream that goes on is not ended by the time that a whole answer may take."""
    slow = FaultRule("slow", options={"seconds": 0.02})
    server = serve(Scenario("m", [Rule("word " * 200)], faults=[slow]))
    assert ask(bench, server.base_url, answer_timeout=0.3, idle_timeout=0.3).split() == ["word"] * 200
    assert server.counters["calls"] == 1


def test_connections_are_kept_for_the_next_question(bench: Bench, serve: Serve) -> None:
    """Many questions of one lane go over few connections, streamed or not."""
    server = serve(Scenario("m", [Rule("hello")]))
    for stream in (True, False):
        door = bench.door(server, stream=stream)
        for number in range(5):
            assert door.ask(Seat(f"t{number}", "coder"), "s", f"question {number} {stream}").text == "hello"
    assert server.counters["calls"] == 10


@pytest.mark.parametrize("key", ["sk-line\nbreak-secret", "sk-ümlaut-secret", "sk-\u2028-secret"])
def test_a_key_that_cannot_be_sent_is_told_and_not_shown(
    bench: Bench, serve: Serve, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a line break or other letters in it ends in a sentence that does not hold it."""
    server = serve(Scenario("m", [Rule("hello")]))
    monkeypatch.setattr("tests.unit.models.bench.KEY", key)
    with pytest.raises(ProviderError) as caught:
        ask(bench, server.base_url)
    assert "OPENAI_API_KEY" in caught.value.fix and "secret" not in str(caught.value) + repr(bench.events)


def test_wrong_token_counts_do_not_spend_the_budget(bench: Bench, serve: Serve) -> None:
    """A prompt has at most as many tokens as bytes: what an endpoint counts beyond that is not believed."""
    usage = {"prompt_tokens": 10**9, "completion_tokens": -5}
    with wire(json.dumps({**json.loads(ANSWER), "usage": usage}).encode()) as server:
        door = bench.door(server.base_url)
        door.ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    assert door.usage()["prompt_tokens"] < 100 and door.usage()["completion_tokens"] > 0


def test_settings_of_the_client_library_in_the_environment_change_nothing(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address, key and proxy are those of the run, whatever other programs were told."""
    for name in ("OPENAI_PROXY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody-else")
    server = serve(Scenario("m", [Rule("hello")]))
    assert ask(bench, server.base_url) == "hello"


def test_certificates_are_loaded_for_an_address_that_has_one_only(bench: Bench, serve: Serve) -> None:
    """A question over HTTP makes no store of certificates, megabytes each; one over HTTPS makes one."""

    def stores_after(lane: str, base_url: str) -> int:
        with suppress(ProviderError):
            bench.door(base_url).ask(Seat(lane, "coder"), "s", "u")
        return sum(issubclass(type(each), ssl.SSLContext) for each in gc.get_objects())

    first, second = (serve(Scenario("m", [Rule("hello")])).base_url for _ in range(2))
    of_imports = stores_after("t1", first)
    assert stores_after("t2", second) == of_imports
    assert stores_after("t3", second.replace("http://", "https://")) == of_imports + 1


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5-codex", "o1"])
def test_every_model_is_asked_at_the_same_place(bench: Bench, serve: Serve, model: str) -> None:
    """No name of a model leads the client library to another protocol."""
    server = serve(Scenario(model, [Rule("hello")]))
    assert bench.door(server, model).ask(Seat("t1", "coder"), "s", "u").text == "hello"
    assert [body["model"] for body in server.bodies()] == [model]


def test_two_doors_do_not_share_what_they_have_learnt(bench: Bench, serve: Serve) -> None:
    """What one run has learnt of an endpoint stays its own."""
    server = serve(Scenario("m", [Rule(Reply("hello"))], faults=[FaultRule("not_stream")]))
    ask(bench, server.base_url)
    other = bench.door(server, journal=bench.folder / "other.jsonl")
    other.ask(Seat("t1", "coder"), "s", "u")
    assert [body.get("stream") for body in server.bodies()] == [True, True]
