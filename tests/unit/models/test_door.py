"""The door over a real socket: structured answers, recovery from every fault of the spine, and nothing asked twice."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from models.budget import Limits
from models.errors import (
    BudgetSpent,
    ContextOverflow,
    ModelError,
    PriceUnknown,
    ProviderError,
    RecordingIncomplete,
    Unanswerable,
)
from models.seat import Seat
from tests.modelserver import FaultRule, Reply, Rule, Scenario, Server, ToolCall, contains, script
from tests.unit.models.bench import KEY, Bench, Serve


class Finding(BaseModel):
    """One finding of a review."""

    path: str
    message: str


class Review(BaseModel):
    """A small verdict with a nested list; lax on purpose, the door is strict."""

    verdict: Literal["pass", "fail"]
    findings: list[Finding] = []


GOOD = json.dumps({"verdict": "fail", "findings": [{"path": "a.py", "message": "is {odd}"}]})
SYSTEM = "You are the Reviewer."


def review(bench_door: Any, **options: Any) -> Review:
    """Ask the question that most tests ask."""
    answer: Review = bench_door.structured(Seat("t1", "reviewer"), SYSTEM, "Review the change.", Review, **options)
    return answer


def scenario(*faults: FaultRule, name: str = "m", **options: Any) -> Scenario:
    """A model that gives the right answer under the faults."""
    return Scenario(name, [Rule(GOOD)], faults=faults, **options)


ONCE = [
    ("e429", {}, 2),
    ("e429", {"retry_after": "0.02"}, 2),
    ("e429", {"retry_after": "date"}, 2),
    ("e500", {}, 2),
    ("e502", {}, 2),
    ("e503", {}, 2),
    ("html", {}, 2),
    ("html502", {"status": 502}, 2),
    ("badbody", {"how": "json"}, 2),
    ("badbody", {"how": "empty"}, 2),
    ("badbody", {"how": "shape"}, 2),
    ("badbody", {"how": "choices"}, 2),
    ("reset", {}, 2),
    ("reset", {"after_headers": True}, 2),
    ("timeout", {"seconds": 5}, 2),
    ("truncate", {}, 2),
    ("empty", {"content": ""}, 2),
    ("empty", {"content": None}, 2),
    ("empty", {"content": " \n"}, 2),
    ("think", {}, 1),
    ("think", {"how": "close_only"}, 1),
    ("think", {"how": "unclosed"}, 2),
    ("think", {"how": "only"}, 2),
    ("think", {"how": "field"}, 2),
    ("length", {}, 2),
    ("finish_null", {}, 2),
    ("wrapped", {"how": "fence"}, 1),
    ("wrapped", {"how": "prose"}, 1),
    ("wrapped", {"how": "twice"}, 1),
    ("wrapped", {"how": "wrong_first"}, 1),
    ("badjson_cut", {"at": 0.3}, 2),
    ("badjson_cut", {"at": 0.97}, 2),
    ("schema_miss", {"how": "missing"}, 2),
    ("schema_miss", {"how": "extra"}, 2),
    ("schema_miss", {"how": "null"}, 2),
]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(("kind", "options", "requests"), ONCE, ids=[f"{kind}-{opts}" for kind, opts, _ in ONCE])
def test_one_fault_costs_at_most_one_more_request(
    bench: Bench, serve: Serve, kind: str, options: dict[str, Any], requests: int, stream: bool
) -> None:
    """Every passing fault and every weak answer is recovered from, and no half answer is ever taken."""
    server = serve(scenario(FaultRule(kind, options=options)))
    assert review(bench.door(server, stream=stream)) == Review.model_validate_json(GOOD)
    assert all(body.get("stream", False) is stream for body in server.bodies())
    assert server.counters["calls"] == requests
    assert server.counters["identical"] <= 1


@pytest.mark.parametrize(
    ("kind", "status", "fix"),
    [("e401", 401, "OPENAI_API_KEY"), ("e403", 403, "OPENAI_API_KEY"), ("e404_model", 404, "--model"),
     ("e429_quota", 429, "--base-url")],
)  # fmt: skip
def test_a_fault_that_lasts_fails_at_once_and_names_the_setting(
    bench: Bench, serve: Serve, kind: str, status: int, fix: str
) -> None:
    """A wrong key, an unknown model and a used-up quota are told within two seconds and one request."""
    server = serve(scenario(FaultRule(kind, times=None)))
    door = bench.door(server)
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        review(door)
    assert time.monotonic() - started < 2.0
    assert (caught.value.status, server.counters["calls"]) == (status, 1)
    assert fix in caught.value.fix and fix in str(caught.value)


@pytest.mark.parametrize("kind", ["e500", "e429", "html", "reset"])
def test_a_fault_that_never_ends_ends_the_call(bench: Bench, serve: Serve, kind: str) -> None:
    """Tries are bounded, and the last fault is in the message."""
    server = serve(scenario(FaultRule(kind, times=None)))
    with pytest.raises(ProviderError, match="failed 4 times"):
        review(bench.door(server))
    assert server.counters["calls"] == 4


def test_an_endpoint_that_is_not_there_is_told_quickly(bench: Bench, serve: Serve) -> None:
    """Nothing listening at the address is a ProviderError that names the address, within two seconds."""
    server = serve(scenario())
    server.stop()
    started = time.monotonic()
    with pytest.raises(ProviderError, match="nothing answers at http"):
        review(bench.door(server))
    assert time.monotonic() - started < 2.0


def test_a_wait_longer_than_the_window_is_not_begun(bench: Bench, serve: Serve) -> None:
    """An endpoint that asks for an hour's patience is given up at once."""
    server = serve(scenario(FaultRule("e429", times=None, options={"retry_after": 3600})))
    started = time.monotonic()
    with pytest.raises(ProviderError):
        review(bench.door(server))
    assert time.monotonic() - started < 2.0 and server.counters["calls"] == 1


def test_a_wait_beyond_the_time_budget_spends_the_budget(bench: Bench, serve: Serve) -> None:
    """Where the run's time ends before the wait does, it is the budget that ends the call."""
    server = serve(scenario(FaultRule("e429", times=None, options={"retry_after": 3})))
    with pytest.raises(BudgetSpent) as caught:
        review(bench.door(server, limits=Limits(seconds=2.0)))
    assert caught.value.limit == "seconds"


@pytest.mark.parametrize("style", ["openai", "llama.cpp", "vllm"])
def test_a_prompt_that_is_too_long_is_told_with_the_limit(bench: Bench, serve: Serve, style: str) -> None:
    """A context overflow is no reason to step response_format down or to retry; the limit is read from the message."""
    server = serve(scenario(FaultRule("e400_ctx", times=None, options={"style": style, "limit": 16})))
    with pytest.raises(ContextOverflow) as caught:
        review(bench.door(server))
    assert (caught.value.limit, server.counters["calls"]) == (16, 1)


def test_response_format_steps_down_and_is_remembered(bench: Bench, serve: Serve) -> None:
    """json_schema, then json_object, then nothing; the second question starts where the first one ended."""
    server = serve(scenario(refuses=["response_format"]))
    door = bench.door(server)
    review(door)
    review(door, temperature=0.9)
    formats = [body.get("response_format", {}).get("type") for body in server.bodies()]
    assert formats == ["json_schema", "json_object", None, None]


@pytest.mark.parametrize("parameter", ["temperature", "seed", "max_tokens", "response_format:json_schema"])
def test_a_refused_parameter_is_left_out_from_then_on(bench: Bench, serve: Serve, parameter: str) -> None:
    """A model that knows no such parameter costs one more request once, not each time."""
    server = serve(scenario(refuses=[parameter]))
    door = bench.door(server)
    review(door, seed=1)
    review(door, seed=2)
    assert server.counters["calls"] == 3


def test_a_refused_request_that_nothing_mends_is_a_provider_error(bench: Bench, serve: Serve) -> None:
    """A 400 is not asked for ever."""
    server = serve(scenario(refuses=["messages"]))
    with pytest.raises(ProviderError, match="refuses the request"):
        review(bench.door(server))
    assert server.counters["calls"] == 3


def test_the_request_carries_the_schema_and_no_tools(bench: Bench, serve: Serve) -> None:
    """The schema stands in the prompt and in response_format; tools and tool_choice are never sent with it."""
    server = serve(scenario())
    review(bench.door(server), max_tokens=77, temperature=0.3, seed=5)
    (body,) = server.bodies()
    assert '"verdict"' in body["messages"][1]["content"] and "additionalProperties" not in body
    assert body["response_format"]["json_schema"]["name"] == "Review"
    assert (body["max_tokens"], body["temperature"], body["seed"], body["model"]) == (77, 0.3, 5, "m")
    assert not {"tools", "tool_choice", "max_completion_tokens", "n"} & set(body)


def test_an_answer_in_the_tool_channel_is_taken(bench: Bench, serve: Serve) -> None:
    """Some servers answer with a tool call that nobody offered; valid arguments are an answer, cut ones are not."""
    calls = [Reply(None, tool_calls=(ToolCall("Review", text),)) for text in (GOOD[:-5], GOOD)]
    server = serve(Scenario("m", script(*calls)))
    assert review(bench.door(server)).verdict == "fail"
    second = server.bodies()[1]
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "user"]
    assert "tool_calls" not in second["messages"][2]


def test_a_re_ask_carries_the_error_and_the_last_exchange_only(bench: Bench, serve: Serve) -> None:
    """Two re-asks at most; each shows the model its last answer and what is wrong with it, nothing older."""
    answers = [json.dumps({"verdict": verdict}) for verdict in ("perhaps", "maybe", "unsure")]
    server = serve(Scenario("m", script(*answers, exhausted="late")))
    with pytest.raises(Unanswerable) as caught:
        review(bench.door(server))
    assert caught.value.reason == "invalid" and "unsure" in caught.value.answer
    last = server.bodies()[-1]["messages"]
    assert len(server.requests) == 3 and len(last) == 4
    assert "maybe" in last[2]["content"] and "verdict" in last[3]["content"] and "perhaps" not in json.dumps(last)


def test_a_semantic_check_is_asked_again_like_a_schema_error(bench: Bench, serve: Serve) -> None:
    """What a schema cannot say, a check says; its objection goes to the model."""
    objection = "a failing verdict needs a finding"

    def check(answer: Review) -> str | None:
        return objection if answer.verdict == "fail" and not answer.findings else None

    server = serve(Scenario("m", [Rule(GOOD, when=contains(objection)), Rule('{"verdict": "fail"}')]))
    assert review(bench.door(server), check=check).findings
    assert server.counters["calls"] == 2


def test_the_same_request_is_never_answered_three_times(bench: Bench, serve: Serve) -> None:
    """An empty answer is asked again once unchanged, then with other sampling, then given up."""
    server = serve(Scenario("m", [Rule("")]))
    with pytest.raises(Unanswerable) as caught:
        bench.door(server).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.")
    assert caught.value.reason == "empty"
    assert (server.counters["calls"], server.counters["identical"]) == (3, 2)


def test_a_cut_answer_gets_more_room_and_is_never_used(bench: Bench, serve: Serve) -> None:
    """finish_reason "length" drops the answer whole and doubles the room for the next."""
    server = serve(Scenario("m", [Rule("the whole answer")], faults=[FaultRule("length")]))
    answer = bench.door(server).ask(Seat("t1", "coder"), "You are the Coder.", "Write it.", max_tokens=100)
    assert answer.text == "the whole answer"
    assert [body["max_tokens"] for body in server.bodies()] == [100, 200]


def test_an_answer_that_is_always_cut_is_given_up(bench: Bench, serve: Serve) -> None:
    """Where there is no more room to give, the same request is not repeated for ever either."""
    server = serve(Scenario("m", [Rule("cut")], faults=[FaultRule("length", times=None)]))
    for number, room in enumerate((100, 60_000)):
        with pytest.raises(Unanswerable) as caught:
            bench.door(server).ask(Seat(f"t{number}", "coder"), "s", f"u {number}", max_tokens=room)
        assert caught.value.reason == "cut"
    asked = [(body["max_tokens"], body["temperature"]) for body in server.bodies()]
    assert asked[:3] == [(100, 0.2), (200, 0.2), (400, 0.2)]
    assert asked[3:] == [(60_000, 0.2), (60_000, 0.2), (60_000, 0.6)]


def test_a_refusal_is_not_asked_again(bench: Bench, serve: Serve) -> None:
    """A content filter decides the same way twice."""
    server = serve(scenario(FaultRule("filter", times=None)))
    with pytest.raises(Unanswerable) as caught:
        review(bench.door(server))
    assert (caught.value.reason, server.counters["calls"]) == ("refused", 1)


def test_agent_settings_choose_model_and_temperature(bench: Bench, serve: Serve) -> None:
    """An agent's own model and temperature are used for it and for no other; the caller's temperature wins."""
    server = serve(scenario(), scenario(name="big"))
    settings = {"agents": {"reviewer": {"model": "big", "temperature": 0.7}}}
    door = bench.door(server, settings=settings)
    door.ask(Seat("t1", "reviewer"), "s", "u")
    door.ask(Seat("t1", "reviewer"), "s", "u", temperature=0.1)
    door.ask(Seat("t1", "coder"), "s", "u")
    assert [(body["model"], body["temperature"]) for body in server.bodies()] == [
        ("big", 0.7),
        ("big", 0.1),
        ("m", 0.2),
    ]


def test_a_resumed_node_is_handed_the_recorded_answers(bench: Bench, serve: Serve) -> None:
    """A new door over the same journal answers the same questions without a single request, re-asks included."""
    server = serve(scenario(FaultRule("schema_miss")))
    first = review(bench.door(server))
    sent, spent = server.counters["calls"], bench.doors[0].usage()
    second = bench.door(server)
    assert review(second) == first
    assert server.counters["calls"] == sent == 2
    assert second.usage() == spent
    assert [event["recorded"] for event in bench.events if event["type"] == "call.finished"] == [False] * 2 + [True] * 2


def test_a_changed_question_is_asked_anew(bench: Bench, serve: Serve) -> None:
    """The digest is part of the address: another prompt, schema or sampling is another call."""
    server = serve(scenario())
    review(bench.door(server))
    review(bench.door(server), temperature=0.9)
    assert server.counters["calls"] == 2


def test_a_call_that_was_sent_but_not_answered_is_asked_again(bench: Bench, serve: Serve) -> None:
    """After a crash between question and answer the question is sent again, and both sends count as calls."""
    server = serve(scenario())
    review(bench.door(server))
    lines = bench.journal_path.read_text().splitlines()
    bench.journal_path.write_text("\n".join(line for line in lines if '"answer"' not in line) + "\n")
    resumed = bench.door(server)
    review(resumed)
    assert server.counters["calls"] == 2 == resumed.usage()["calls"]


def test_a_recording_replays_without_any_network(bench: Bench, serve: Serve, tmp_path: Path) -> None:
    """Another run's journal answers everything, with the same usage, and with nothing to connect to."""
    server = serve(scenario(FaultRule("schema_miss")))
    live = bench.door(server)
    first = review(live)
    server.stop()
    replay = bench.door("http://127.0.0.1:9/v1", source=bench.journal_path, journal=tmp_path / "replay.jsonl")
    assert review(replay) == first
    assert replay.usage() == live.usage()
    again = bench.door("http://127.0.0.1:9/v1", source=tmp_path / "replay.jsonl", journal=tmp_path / "third.jsonl")
    assert review(again) == first


@pytest.mark.parametrize(("asked_before", "told"), [(True, "asked something else"), (False, "ends before it")])
def test_a_recording_that_lacks_a_call_says_which(bench: Bench, serve: Serve, asked_before: bool, told: str) -> None:
    """A replay never calls a model: it names the missing call and why it is missing."""
    server = serve(scenario())
    if asked_before:
        review(bench.door(server), temperature=0.9)
    else:
        bench.door(server).ask(Seat("t2", "coder"), "s", "u")
    replay = bench.door("http://127.0.0.1:9/v1", source=bench.journal_path, journal=bench.folder / "replay.jsonl")
    with pytest.raises(RecordingIncomplete, match=told) as caught:
        review(replay)
    assert "t1/reviewer, attempt 1, call 1" in str(caught.value)


@pytest.mark.parametrize("limits", [Limits(calls=2), Limits(tokens=400)])
def test_nothing_is_sent_past_the_budget(bench: Bench, serve: Serve, limits: Limits) -> None:
    """The limit is checked before each request, retries included, and holds over a resume."""
    server = serve(scenario(FaultRule("e500")))
    door = bench.door(server, limits=limits)
    seat = Seat("t1", "reviewer")
    with pytest.raises(BudgetSpent):
        for _ in range(10):
            door.structured(seat, SYSTEM, "Review the change.", Review)
    sent = server.counters["calls"]
    assert sent == 2 if limits.calls else door.usage()["prompt_tokens"] <= 400
    with pytest.raises(BudgetSpent):
        bench.door(server, limits=limits).structured(Seat("t9", "reviewer"), SYSTEM, "Another.", Review)
    assert server.counters["calls"] == sent


def test_a_lane_has_a_budget_of_its_own(bench: Bench, serve: Serve) -> None:
    """One task's spent budget ends that task's calls and leaves the others theirs."""
    server = serve(scenario())
    door = bench.door(server, per_lane=Limits(calls=1))
    door.ask(Seat("t1", "coder"), "s", "u")
    with pytest.raises(BudgetSpent) as caught:
        door.ask(Seat("t1", "coder", 2), "s", "u")
    assert caught.value.lane == "t1"
    door.ask(Seat("t2", "coder"), "s", "u")


def test_parallel_lanes_cannot_pass_the_budget_together(bench: Bench, serve: Serve) -> None:
    """Eight lanes that ask at once send exactly as many requests as are allowed."""
    server = serve(Scenario("m", [Rule(Reply("ok", delay=0.05))]))
    door = bench.door(server, limits=Limits(calls=5))
    outcomes: list[str] = []

    def lane(number: int) -> None:
        try:
            door.ask(Seat(f"t{number}", "coder"), "s", f"task {number}")
            outcomes.append("answered")
        except BudgetSpent:
            outcomes.append("spent")

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered"] * 5 + ["spent"] * 3
    assert server.counters["calls"] == 5 and server.counters["concurrency"] > 1


def test_money_is_counted_and_needs_a_price(bench: Bench, serve: Serve) -> None:
    """Cost follows the configured price and is unknown without one; a limit without a price is refused at the start."""
    server = serve(scenario())
    door = bench.door(server)
    review(door)
    assert door.usage()["cost"] is None
    with pytest.raises(PriceUnknown, match=r"prices\.m"):
        bench.door(server, limits=Limits(cost=1.0))
    prices = {"prices": {"m": {"prompt": 1_000_000.0, "completion": 0.0}}}
    tokens = door.usage()["prompt_tokens"]
    limits = Limits(cost=1.5 * tokens)
    priced = bench.door(server, limits=limits, settings=prices, journal=bench.folder / "priced.jsonl")
    review(priced)
    assert priced.usage()["cost"] == tokens
    sent = server.counters["calls"]
    with pytest.raises(BudgetSpent) as caught:
        review(priced, temperature=0.5)
    assert (caught.value.limit, server.counters["calls"]) == ("cost", sent)


@pytest.mark.parametrize("usage", ["missing", "null", "zero"])
def test_an_endpoint_that_does_not_count_is_counted_for(bench: Bench, serve: Serve, usage: Any) -> None:
    """Without token numbers from the endpoint a budget still ends."""
    server = serve(Scenario("m", [Rule(Reply("twelve chars", usage=usage))]))
    door = bench.door(server)
    door.ask(Seat("t1", "coder"), "sys", "x" * 400)
    assert door.usage()["prompt_tokens"] >= 100 and door.usage()["completion_tokens"] == 3


def test_the_key_is_nowhere(bench: Bench, serve: Serve) -> None:
    """The API key is sent and is neither in the journal, nor in events, nor in any text of the objects or errors."""
    echo = f"Incorrect API key provided: {KEY}. You can find yours at …"
    server = serve(scenario(), scenario(FaultRule("e401", times=None, options={"message": echo}), name="echo"))
    door = bench.door(server)
    review(door)
    with pytest.raises(ProviderError) as caught:
        bench.door(server, "echo").ask(Seat("t1", "coder"), "s", "u")
    error = caught.value
    told = [bench.journal_path.read_text(), repr(bench.events), repr(error), str(error), str(error.__context__)]
    assert KEY not in "".join([*told, repr(vars(door)), repr(door._resolved)])


def test_infill_is_asked_recorded_and_handed_out_again(bench: Bench, serve: Serve) -> None:
    """Infill goes through the same journal and budget as every other call."""
    server = serve(Scenario("m", [Rule("return a + b", role="infill", when=contains("def add"))]))
    door = bench.door(server)
    for _ in range(2):
        text = door.infill(Seat("t1", "coder"), "def add(a, b):\n    ", "\n", stop=["\n"], n_predict=20, seed=3)
        assert text == "return a + b"
        door = bench.door(server)
    assert (server.counters["calls"], door.usage()["calls"]) == (1, 1)
    (body,) = server.bodies()
    assert (body["stop"], body["n_predict"], body["seed"]) == (["\n"], 20, 3)


def test_an_endpoint_without_infill_is_unanswerable(bench: Bench, serve: Serve) -> None:
    """A server that has no such thing is told apart from one that is broken, so that the next strategy is tried."""
    server = serve(scenario(FaultRule("e404_model", role="infill", times=None)))
    with pytest.raises(Unanswerable, match="no infill"):
        bench.door(server).infill(Seat("t1", "coder"), "a", "b")


def test_the_door_opens_without_the_heavy_imports(tmp_path: Path) -> None:
    """A command that asks no model, and a run whose answers are all recorded, never pay for the client library."""
    code = "import sys, models.door, models.resolve, models.answers; print([m for m in HEAVY if m in sys.modules])"
    heavy = "HEAVY = ('langchain_core', 'pydantic', 'httpx', 'urllib.request')"
    command = [sys.executable, "-c", f"{heavy}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("infill", [False, True])
@pytest.mark.parametrize("waiting_for", ["its next try", "an answer"])
def test_closing_the_door_ends_a_call_that_waits(bench: Bench, serve: Serve, waiting_for: str, infill: bool) -> None:
    """Ctrl-C waits neither for a back-off nor for a slow model."""
    fault = FaultRule("e503") if waiting_for == "its next try" else FaultRule("timeout", options={"seconds": 60})
    server = serve(scenario(fault))
    retry = {"base": 60.0, "cap": 60.0, "window": 600.0}
    door = bench.door(server, settings={"model": {"answer_timeout": 120.0, "retry": retry}})
    failed: list[Exception] = []

    def ask() -> None:
        try:
            door.infill(Seat("t1", "coder"), "a", "b") if infill else review(door)
        except ModelError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert server.settled(requests=1, ended=1 if waiting_for == "its next try" else 0, timeout=10)
    door.close()
    thread.join(timeout=5)
    assert [str(error) for error in failed] == ["the run was ended while it waited for the model"]


@pytest.mark.parametrize(
    "base_url", ["http://", "http://[bad/v1", "http://no such host/v1", "http://127.0.0.1:99999/v1"]
)
def test_an_address_that_is_none_is_a_provider_error(bench: Bench, base_url: str) -> None:
    """A mistyped address ends in a sentence, not in a traceback."""
    with pytest.raises(ProviderError):
        review(bench.door(base_url))


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 0, 1.5, True, [], {}, [None], ["x"], {"content": 1}, [{}]]
)
MESSAGES = st.dictionaries(st.sampled_from(["role", "content", "tool_calls", "function_call", "refusal"]), VALUES)
CHOICES = st.dictionaries(st.sampled_from(["message", "finish_reason", "index", "delta"]), st.one_of(VALUES, MESSAGES))
SHAPES = st.dictionaries(
    st.sampled_from(["choices", "usage", "error", "id", "model", "object"]),
    st.one_of(VALUES, st.lists(CHOICES, max_size=2)),
)


@given(st.one_of(st.binary(max_size=100), SHAPES.map(lambda shape: json.dumps(shape).encode())))
@settings(max_examples=25, deadline=None)
def test_no_body_breaks_the_door(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    """Whatever comes back with status 200, it is an answer, or an error that the caller knows."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    with Server(Scenario("m", [Rule("x")], faults=[FaultRule("raw", times=None, options={"body": body})])) as server:
        door = bench.door(server)
        with contextlib.suppress(ProviderError, Unanswerable), contextlib.closing(door):
            assert door.ask(Seat("t1", "coder"), "s", "u").text
