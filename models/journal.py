"""The journal of a run: every call is written down before it is sent and again when it is answered.

One mechanism, four uses: resume without paying twice, replay without a model, fork, and the record of what was asked.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypeAlias

from typing_extensions import TypedDict

from models.budget import Usage, add, no_usage
from models.seat import CallKey
from workspace.errors import RunBroken
from workspace.records import JsonLines
from workspace.versions import VERSION, damaged, refuse_newer

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
"""A JSON-plain value."""


class Recorded(TypedDict):
    """An answer as it was received: text, raw tool-call arguments, finish reason, usage, model, seconds it took.

    Only where it is so: `reasoning` (the thoughts, where there is no text), `asked` (the name of the model that was
    asked, where it took over for another), `left_out` (characters of evidence that the prompt lacked).
    """

    text: str
    calls: list[str]
    finish: str | None
    usage: Usage
    model: str
    seconds: float
    reasoning: NotRequired[str]
    asked: NotRequired[str]
    left_out: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Found:
    """A recorded answer; `own` tells this run's journal from the source, `sends` is how often it had been sent."""

    answer: Recorded
    own: bool
    sends: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What the journal of a run adds up to at open: usage of the run, of each lane, and wall seconds."""

    usage: Usage
    lanes: Mapping[str, Usage]
    seconds: float


def numbered(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a journal file with the numbers of their lines; raises RunBroken and RunNewer."""
    torn = 0
    for number, record in enumerate(JsonLines(path).lines(), 1):
        # A kill tears the last line, and the next process begins with its model: anything else is no kill.
        if torn and (record is None or record.get("type") != "model"):
            raise RunBroken(damaged(path, f"line {torn} is no record"))
        torn = 0 if record is not None else number
        if record is not None:
            refuse_newer(record, path)
            yield number, record


class _Book:
    """The contents of one journal file, by address."""

    def __init__(self, path: Path) -> None:
        self.answers: dict[tuple[CallKey, str], Recorded] = {}
        self.sends: dict[tuple[CallKey, str], int] = {}
        self.asked: dict[CallKey, str] = {}
        self.alike: dict[str, set[CallKey]] = {}
        self.lost: list[tuple[str, Usage]] = []
        self.observed: dict[str, JSON] = {}
        self.learnt: dict[str, Mapping[str, JSON]] = {}
        self.profile: Mapping[str, JSON] | None = None
        self.seconds = 0.0
        for number, record in numbered(path):
            if not self._take(record):
                raise RunBroken(damaged(path, f"line {number} is not what was written there"))

    def _take(self, record: Mapping[str, Any]) -> bool:
        """Take a record in; False for one that no version of this program has written."""
        match record:
            case {
                "type": "call",
                "key": [str(), str(), int(), int()] as key,
                "digest": str(digest),
                "model": str(model),
            }:
                address = CallKey(*key), digest
                self.sends[address] = self.sends.get(address, 0) + 1
                self.asked[address[0]] = digest
                if "request" in record:
                    likeness = likeness_of(record["request"], model)
                    self.alike.setdefault(likeness, set()).add(address[0])
            case {
                "type": "answer",
                "key": [str(), str(), int(), int()] as key,
                "digest": str(digest),
                "answer": {"text": str(), "calls": list(), "usage": {"calls": int()}, "model": str()},
            }:
                self.answers[CallKey(*key), digest] = record["answer"]
            case {"type": "lost", "key": [str(lane), str(), int(), int()], "usage": dict(usage)}:
                self.lost.append((lane, usage))  # type: ignore[arg-type]
            case {"type": "learnt", "model": str(model), "facts": dict(facts)}:
                self.learnt[model] = facts
            case {"type": "observation", "key": str(name), "value": value}:
                self.observed[name] = value
            case {"type": "model", "profile": dict(profile)}:
                self.profile = profile
            case _:
                return False
        if isinstance(elapsed := record.get("elapsed"), int | float):
            self.seconds = max(self.seconds, elapsed)
        return True


class Journal:
    """The calls and observations of one run, on disk and by address. Safe for parallel lanes.

    `source` is the journal of another run that this one replays: what it holds is handed out as if answered now.
    """

    def __init__(self, path: Path, source: Path | None = None) -> None:
        self._log = JsonLines(path)
        self._own = _Book(path)
        self._source = _Book(source) if source is not None else None
        self._lock = threading.Lock()

    def opened(self, model: str, profile: Mapping[str, JSON]) -> None:
        """Note the model and profile that serve from here on; a replay takes the profile over, prompts depend on it."""
        self._log.append({"v": VERSION, "type": "model", "model": model, "profile": profile})

    def source_profile(self) -> Mapping[str, JSON] | None:
        """Return the last profile noted in the replayed journal."""
        return self._source.profile if self._source is not None else None

    def answered(self, key: CallKey, digest: str) -> Found | None:
        """Return the recorded answer to this request at this address, from this run or from the source."""
        address = (key, digest)
        with self._lock:
            for book in (self._own, self._source):
                if book is not None and (answer := book.answers.get(address)) is not None:
                    return Found(answer, book is self._own, book.sends.get(address, 1))
        return None

    def sending(self, key: CallKey, digest: str, request: JSON, *, model: str, elapsed: float) -> None:
        """Write a call down, durably, before it is sent; the request itself is written the first time only."""
        address = (key, digest)
        with self._lock:
            sends = self._own.sends[address] = self._own.sends.get(address, 0) + 1
            self._own.asked[key] = digest
        record: dict[str, JSON] = {"type": "call", "key": list(key), "digest": digest, "send": sends, "model": model}
        if sends == 1:
            record["request"] = request
        self._log.append({"v": VERSION, **record, "elapsed": round(elapsed, 3)}, durable=True)

    def received(self, key: CallKey, digest: str, answer: Recorded, *, elapsed: float) -> None:
        """Write an answer down, durably; from now on the call counts as paid and is never sent again."""
        record = {"v": VERSION, "type": "answer", "key": list(key), "digest": digest, "answer": answer}
        self._log.append({**record, "elapsed": round(elapsed, 3)}, durable=True)
        with self._lock:
            self._own.answers[key, digest] = answer

    def lost(self, key: CallKey, usage: Usage) -> None:
        """Write down what an answer has cost that could not be used; its call is counted already."""
        unpaid: Usage = {**usage, "calls": 0}
        self._log.append({"v": VERSION, "type": "lost", "key": list(key), "usage": unpaid}, durable=True)
        with self._lock:
            self._own.lost.append((key.lane, unpaid))

    def learnt(self, model: str, facts: Mapping[str, JSON]) -> None:
        """Write down what is known of a model by now: how it is asked, how much it can read."""
        self._log.append({"v": VERSION, "type": "learnt", "model": model, "facts": facts})

    def known_of(self, model: str) -> Mapping[str, JSON]:
        """Return what an earlier process of this run had learnt of a model, nothing if it had not."""
        return self._own.learnt.get(model, {})

    def asked_at(self, key: CallKey) -> str | None:
        """Return the digest of the request that was last put at an address, by this run or by its source."""
        with self._lock:
            return next((book.asked[key] for book in (self._own, self._source) if book and key in book.asked), None)

    def claim(self, key: CallKey, likeness: str, most: int) -> bool:
        """Take one of the `most` addresses at which this run may put one question (see `likeness_of`).

        Returns whether there was one left. Looking and taking is one step, so that lanes that ask at the same moment
        know of each other; what earlier processes of the run have asked counts.
        """
        with self._lock:
            places = self._own.alike.setdefault(likeness, set())
            if key not in places and len(places) >= most:
                return False
            places.add(key)
            return True

    def observe(self, key: str, compute: Callable[[], JSON], *, from_source: bool = True) -> JSON:
        """Return the value recorded under `key`, or compute it and record it.

        For results of tools and checks that enter a prompt: a node that starts over sees the same bytes. The key must
        be unique to the place (lane, agent, attempt, what). With `from_source=False` a replay computes it anew.
        """
        with self._lock:
            if key in self._own.observed:
                return self._own.observed[key]
            known = from_source and self._source is not None and key in self._source.observed
        found = self._source.observed[key] if known and self._source is not None else compute()
        value: JSON = json.loads(json.dumps(found))
        self._log.append({"v": VERSION, "type": "observation", "key": key, "value": value}, durable=True)
        with self._lock:
            self._own.observed[key] = value
        return value

    def spent(self) -> Spent:
        """Return what the calls of this run have used, requests that were never answered included."""
        total, lanes = no_usage(), dict[str, Usage]()
        with self._lock:
            for address, sends in self._own.sends.items():
                answer = self._own.answers.get(address)
                usage: Usage = {**(answer["usage"] if answer else no_usage()), "calls": sends}
                lane = address[0].lane
                total, lanes[lane] = add(total, usage), add(lanes.get(lane, no_usage()), usage)
            for lane, usage in self._own.lost:
                total, lanes[lane] = add(total, usage), add(lanes.get(lane, no_usage()), usage)
            return Spent(total, lanes, self._own.seconds)

    def differs(self, key: CallKey) -> bool:
        """Tell whether the source holds another request at this address (a file or a setting has changed since)."""
        return self._source is not None and key in self._source.asked


def digest_of(request: JSON) -> str:
    """Return the sha256 of a request in its one canonical spelling."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def likeness_of(request: JSON, model: str) -> str:
    """Return the identity of a question to a model: a request's digest without regard to white space."""
    return digest_of({"request": _folded(request), "model": model})


def _folded(value: JSON) -> JSON:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {name: _folded(each) for name, each in value.items()}
    return [_folded(each) for each in value] if isinstance(value, Sequence) else value
