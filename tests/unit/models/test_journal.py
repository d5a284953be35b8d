"""The journal: what is written down can be handed out again, whatever happens in between."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.budget import Usage, add, no_usage
from models.journal import Journal, Recorded, digest_of
from models.seat import CallKey, Seat
from workspace.errors import RunBroken, RunNewer

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def recorded(text: str, tokens: int = 3) -> Recorded:
    """An answer with a usage."""
    usage: Usage = {"calls": 1, "prompt_tokens": tokens, "completion_tokens": 2, "cost": 0.5}
    return {"text": text, "calls": [], "finish": "stop", "usage": usage, "model": "m", "seconds": 0.1}


def test_a_seat_numbers_its_calls_from_the_start_each_time() -> None:
    """A node that starts over asks for the same addresses again."""
    first, second = Seat("t1", "coder", 2), Seat("t1", "coder", 2)
    assert [first.next(), first.next()] == [second.next(), second.next()]
    assert str(second.next()) == "t1/coder, attempt 2, call 3"


@given(st.dictionaries(st.text(), JSON_VALUES))
def test_the_digest_does_not_depend_on_the_order_of_keys(request: dict[str, Any]) -> None:
    """The same request has the same digest, however it was built."""
    assert digest_of(request) == digest_of(dict(reversed(request.items())))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=5), JSON_VALUES), max_size=6))
def test_observations_come_back_with_the_same_bytes(tmp_path_factory: Any, values: list[tuple[str, Any]]) -> None:
    """An observed value is the same before and after a resume, and is computed once."""
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    first = [Journal(path).observe(key, partial(lambda value: value, value)) for key, value in values]
    resumed = Journal(path)
    assert first == [resumed.observe(key, never) for key, _ in values]


def never() -> Any:
    """Fail the test: it was recorded, so it must not be computed."""
    raise AssertionError("computed again")


def test_a_replay_may_compute_anew(tmp_path: Path) -> None:
    """A replay takes observations over, unless the caller wants them fresh."""
    Journal(tmp_path / "a").observe("t1/check", lambda: "recorded")
    replay = Journal(tmp_path / "b", tmp_path / "a")
    assert replay.observe("t1/check", never) == "recorded"
    fresh = Journal(tmp_path / "c", tmp_path / "a")
    assert fresh.observe("t1/check", lambda: "fresh", from_source=False) == "fresh"


def test_a_failing_observation_is_not_recorded(tmp_path: Path) -> None:
    """What raised is computed again next time."""
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(AssertionError):
        journal.observe("k", never)
    assert journal.observe("k", lambda: 1) == 1


@pytest.mark.parametrize("cut", range(2, 40, 7))
def test_a_torn_last_line_loses_only_itself(tmp_path: Path, cut: int) -> None:
    """A crash in the middle of a write leaves everything before it, and the next record is whole."""
    path = tmp_path / "journal.jsonl"
    keys = [CallKey("t1", "coder", 1, number) for number in range(3)]
    journal = Journal(path)
    for key in keys[:2]:
        journal.sending(key, "d", {"q": 1}, model="m", elapsed=0.0)
        journal.received(key, "d", recorded(str(key.ordinal)), elapsed=0.0)
    path.write_bytes(path.read_bytes()[:-cut])
    resumed = Journal(path)
    found = resumed.answered(keys[0], "d")
    assert found is not None and found.answer["text"] == "0"
    assert resumed.answered(keys[1], "d") is None
    resumed.opened("m", {})
    resumed.received(keys[2], "d", recorded("2"), elapsed=0.0)
    assert Journal(path).answered(keys[2], "d") is not None


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0",
        b"[]",
        b'{"v":1,"type":"answer","key":["a","b",0,0],"digest":"d","answer":{}}',
        b'{"v":1,"type":"odd"}',
    ],
)
def test_what_no_kill_leaves_behind_is_no_journal(tmp_path: Path, line: bytes) -> None:
    """Garbage among the records: the calls and their costs are not known any more, so nothing is built upon them."""
    path = tmp_path / "journal.jsonl"
    Journal(path).received(CallKey("t1", "coder", 1, 0), "d", recorded("0"), elapsed=0.0)
    whole = path.read_bytes()
    path.write_bytes(line + b"\n" + whole)
    with pytest.raises(RunBroken, match=f"{path} is damaged .line 1 "):
        Journal(path)
    path.write_bytes(whole.replace(b'"v":1', b'"v":2'))
    with pytest.raises(RunNewer, match=str(path)):
        Journal(path)


def test_parallel_lanes_lose_nothing(tmp_path: Path) -> None:
    """Eight threads that write at once leave every call and every answer readable."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)

    def lane(name: str) -> None:
        seat = Seat(name, "coder")
        for _ in range(20):
            key = seat.next()
            journal.sending(key, "d", {"lane": name}, model="m", elapsed=1.5)
            journal.received(key, "d", recorded(f"{name} {key.ordinal}" + "x" * 5000), elapsed=2.5)

    threads = [threading.Thread(target=lane, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    resumed = Journal(path)
    spent = resumed.spent()
    assert spent.usage["calls"] == 160 and spent.seconds == 2.5
    assert {lane: usage["calls"] for lane, usage in spent.lanes.items()} == {f"t{number}": 20 for number in range(8)}
    assert all(resumed.answered(CallKey(f"t{n}", "coder", 1, i), "d") for n in range(8) for i in range(20))


class JournalMachine(RuleBasedStateMachine):
    """Any order of sends, answers and resumptions: an answer is kept, spent usage adds up, nothing is invented."""

    fresh: Callable[[], Path]

    @initialize()
    def open(self) -> None:
        """Start with an empty journal."""
        self.path = type(self).fresh()
        self.journal = Journal(self.path)
        self.sends: dict[tuple[CallKey, str], int] = {}
        self.answers: dict[tuple[CallKey, str], Recorded] = {}

    @rule(ordinal=st.integers(0, 3), digest=st.sampled_from("ab"))
    def send(self, ordinal: int, digest: str) -> None:
        """Write a call down."""
        key = CallKey("t1", "coder", 1, ordinal)
        self.journal.sending(key, digest, {"question": digest}, model="m", elapsed=1.0)
        self.sends[key, digest] = self.sends.get((key, digest), 0) + 1

    @rule(ordinal=st.integers(0, 3), digest=st.sampled_from("ab"), tokens=st.integers(0, 9), text=st.text())
    def answer(self, ordinal: int, digest: str, tokens: int, text: str) -> None:
        """Write an answer to a call that was sent."""
        address = (CallKey("t1", "coder", 1, ordinal), digest)
        if address in self.sends:
            self.answers[address] = recorded(text, tokens)
            self.journal.received(*address, self.answers[address], elapsed=1.0)

    @rule()
    def resume(self) -> None:
        """Open the journal in another process."""
        self.journal = Journal(self.path)

    @invariant()
    def agrees(self) -> None:
        """The journal hands out what was answered, counts what was sent, and knows nothing else."""
        if not hasattr(self, "journal"):
            return
        for ordinal in range(4):
            for digest in "ab":
                address = (CallKey("t1", "coder", 1, ordinal), digest)
                found = self.journal.answered(*address)
                assert (found.answer if found else None) == self.answers.get(address)
        total = no_usage()
        for address, sends in self.sends.items():
            answer = self.answers.get(address)
            total = add(total, {**(answer["usage"] if answer else no_usage()), "calls": sends})
        assert self.journal.spent().usage == total


def test_any_history_of_a_journal_is_told_truly(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The state machine above, over real files."""
    from hypothesis.stateful import run_state_machine_as_test

    JournalMachine.fresh = staticmethod(lambda: tmp_path_factory.mktemp("machine") / "journal.jsonl")
    run_state_machine_as_test(JournalMachine, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))
