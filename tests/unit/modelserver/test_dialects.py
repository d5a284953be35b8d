"""Kinds of servers: each has its own errors, fields, pages, and way with a prompt that is too long."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.modelserver import FaultRule, Reply, Rule, Scenario, Server
from tests.modelserver.dialects import DIALECTS
from tests.unit.modelserver.client import ask, chat, get, post

Serve = Callable[..., Server]

EVERY = pytest.mark.parametrize("kind", list(DIALECTS))
LONG = "BEGINNING " + "x" * 8000


def played(serve: Serve, kind: str, *faults: FaultRule, context: int | None = None, more: bool = False) -> Server:
    """A server of a kind with one model, or two."""
    rules = [Rule("saw it", when=lambda request: "BEGINNING" in request.text), Rule(Reply("did not", reasoning="hm"))]
    scenarios = [Scenario(name, rules, faults=faults, context=context) for name in (["m", "n"] if more else ["m"])]
    return serve(*scenarios, dialect=kind)


@EVERY
@pytest.mark.parametrize("stream", [pytest.param(False, id="whole"), pytest.param(True, id="streamed")])
def test_an_answer_is_an_answer_everywhere(serve: Serve, kind: str, stream: bool) -> None:
    """Text, finish reason and usage are the same; only what stands around them differs."""
    body = chat("x", stream=stream, stream_options={"include_usage": True})
    answer = ask(played(serve, kind), body)
    assert (answer.text, answer.finish, answer.end) == ("did not", "stop", "whole")
    last = answer.chunks[-1] if stream else answer.value
    assert last["usage"]["total_tokens"] == sum(last["usage"][name] for name in ("prompt_tokens", "completion_tokens"))


def test_fields_that_only_some_have(serve: Serve) -> None:
    """Fingerprints, timings, statistics, empty lists of calls, and where the thoughts are."""
    values = {kind: ask(played(serve, kind), chat("x")).value for kind in DIALECTS}
    messages = {kind: value["choices"][0]["message"] for kind, value in values.items()}
    assert values["ollama"]["system_fingerprint"] == "fp_ollama" and values["lmstudio"]["stats"] == {}
    assert values["llama-server"]["timings"]["predicted_n"] > 0
    assert "system_fingerprint" not in values["vllm"] and messages["vllm"]["tool_calls"] == []
    thoughts = {kind: [name for name in message if name.startswith("reasoning")] for kind, message in messages.items()}
    assert thoughts == {kind: ["reasoning" if kind == "ollama" else "reasoning_content"] for kind in DIALECTS}


def test_how_a_stream_begins(serve: Serve) -> None:
    """With a chunk for the role, whose text is empty or null; or with the role in every chunk."""
    first = {kind: ask(played(serve, kind), chat("x", stream=True)).deltas for kind in DIALECTS}
    assert first["openai"][0] == first["vllm"][0] == {"role": "assistant", "content": ""}
    assert first["llama-server"][0] == {"role": "assistant", "content": None}
    assert all(delta["role"] == "assistant" for delta in first["ollama"])
    assert first["ollama"][-1] == {"role": "assistant", "content": ""}


def test_how_models_are_listed(serve: Serve) -> None:
    """Only some say how much a model can hold, and only some say it here."""
    listed = {kind: get(played(serve, kind, context=2000), "/v1/models").value["data"][0] for kind in DIALECTS}
    assert {entry["id"] for entry in listed.values()} == {"m"}
    assert listed["vllm"]["max_model_len"] == 2000 and listed["llama-server"]["meta"]["n_ctx_train"] == 32_768
    assert listed["ollama"]["owned_by"] == "library" and "created" not in listed["lmstudio"]


def test_where_the_size_of_the_context_is_told(serve: Serve) -> None:
    """Each on a page of its own, what is loaded apart from what the model was trained for."""
    ollama = played(serve, "ollama", context=2000)
    shown = post(ollama, "/api/show", {"model": "m"}).value
    assert shown["model_info"]["qwen2.context_length"] == 32_768 and "2000" in shown["parameters"]
    assert get(ollama, "/api/ps").value["models"][0]["context_length"] == 2000
    assert post(ollama, "/api/show", {"model": "z"}).status == 404
    studio = get(played(serve, "lmstudio", context=2000), "/api/v0/models/m").value
    assert (studio["loaded_context_length"], studio["max_context_length"]) == (2000, 32_768)
    props = get(played(serve, "llama-server", context=2000), "/props").value
    assert props["default_generation_settings"]["n_ctx"] == 2000


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("openai", 400, "maximum context length is 500 tokens"),
        ("llama-server", 400, "exceeds the available context size (500 tokens)"),
        ("vllm", 400, "in the messages, 30 in the completion"),
        ("lmstudio", 400, "context length of only 500 tokens"),
    ],
)
def test_a_prompt_that_is_too_long_is_refused_in_its_words(serve: Serve, kind: str, status: int, words: str) -> None:
    """With the limit in the message; a prompt that fits is answered."""
    server = played(serve, kind, context=500)
    answer = ask(server, chat(LONG, max_tokens=30))
    assert answer.status == status and words in answer.body.decode()
    assert ask(server, chat("x", max_tokens=30)).status == 200


def test_fields_of_an_overflow(serve: Serve) -> None:
    """llama-server has both numbers as fields, vLLM counts the wanted answer, LM Studio's error is a bare string."""
    error = ask(played(serve, "llama-server", context=500), chat(LONG)).value["error"]
    assert (error["n_ctx"], error["type"], error["code"]) == (500, "exceed_context_size_error", 400)
    assert error["n_prompt_tokens"] > 2000
    assert ask(played(serve, "vllm", context=500), chat("x", max_tokens=600)).status == 400
    assert isinstance(ask(played(serve, "lmstudio", context=500), chat(LONG)).value["error"], str)


def test_ollama_cuts_in_silence(serve: Serve) -> None:
    """It answers what it still sees, and usage shows the limit."""
    answer = ask(played(serve, "ollama", context=500), chat(LONG))
    assert (answer.status, answer.text, answer.value["usage"]["prompt_tokens"]) == (200, "did not", 500)


def test_unknown_models(serve: Serve) -> None:
    """A 404 in each one's words; llama-server and LM Studio serve their one model under any name."""
    found = {kind: ask(played(serve, kind), chat("x", model="z")) for kind in DIALECTS}
    assert {kind: answer.status for kind, answer in found.items()} == {
        "openai": 404, "ollama": 404, "vllm": 404, "lmstudio": 200, "llama-server": 200,
    }  # fmt: skip
    assert "try pulling it first" in found["ollama"].value["error"]["message"]
    assert found["vllm"].value["error"]["type"] == "NotFoundError"
    assert ask(played(serve, "llama-server", more=True), chat("x", model="z")).status == 400


@EVERY
def test_a_call_that_the_server_cannot_parse(serve: Serve, kind: str) -> None:
    """Status 500 in the words of each one's parser."""
    answer = ask(played(serve, kind, FaultRule("T5")), chat("x"))
    assert answer.status == 500 and "pars" in answer.body.decode().lower()


@EVERY
def test_faults_have_the_error_body_of_the_server(serve: Serve, kind: str) -> None:
    """The code is a word, null or the status, as that server has it."""
    error = ask(played(serve, kind, FaultRule("e503")), chat("x")).value["error"]
    expected: dict[str, Any] = {"openai": "unavailable", "lmstudio": "unavailable", "ollama": None}
    assert error["code"] == expected.get(kind, 503)


def test_parameters_that_only_some_take(serve: Serve) -> None:
    """LM Studio refuses JSON mode without a schema, vLLM tools without its flags."""
    tools = [{"type": "function", "function": {"name": "look"}}]
    asked: tuple[dict[str, Any], ...] = ({"response_format": {"type": "json_object"}}, {"tools": tools})
    found = {kind: [ask(played(serve, kind), chat("x", **more)).status for more in asked] for kind in DIALECTS}
    refused = {"lmstudio": [400, 200], "vllm": [200, 400]}
    assert found == {kind: refused.get(kind, [200, 200]) for kind in DIALECTS}


@EVERY
def test_heads_have_no_body(serve: Serve, kind: str) -> None:
    """HEAD has the head of GET, and nothing after it."""
    server = played(serve, kind)
    head, whole = get(server, "/v1/models", "HEAD"), get(server, "/v1/models")
    assert (head.status, head.headers, head.body) == (whole.status, whole.headers, b"")
    assert get(server, "/v1/models/m").status == 200 or kind == "lmstudio"


def test_what_is_not_there(serve: Serve) -> None:
    """JSON, plain text, a framework's words, or 200 with an error in it."""
    found = {kind: get(played(serve, kind), "/v1/nowhere") for kind in DIALECTS}
    assert {kind: answer.status for kind, answer in found.items()} == {**dict.fromkeys(DIALECTS, 404), "lmstudio": 200}
    assert found["ollama"].body == b"404 page not found" and found["vllm"].value == {"detail": "Not Found"}
    assert "Unexpected endpoint" in found["lmstudio"].value["error"]
    assert found["llama-server"].value["error"]["message"] == "File Not Found"


def test_health(serve: Serve) -> None:
    """The pages at which one sees that a server is there."""
    assert get(played(serve, "ollama"), "/").body == b"Ollama is running"
    assert get(played(serve, "ollama"), "/api/version").value["version"]
    assert get(played(serve, "llama-server"), "/health").value == {"status": "ok"}
    assert get(played(serve, "vllm"), "/health").status == 200 and get(played(serve, "vllm"), "/version").value
    assert get(played(serve, "openai"), "/health").status == 404
