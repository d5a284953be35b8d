"""What a run has asked and been told, as its journal holds it: for people who read a run, not for the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.journal import JSON, Recorded, numbered
from models.seat import CallKey
from workspace.errors import RunBroken
from workspace.versions import damaged


@dataclass(slots=True)
class Asked:
    """One request and its answer; there is none where it never came."""

    key: CallKey
    model: str
    request: JSON = None
    sends: int = 0
    answer: Recorded | None = None


@dataclass(slots=True)
class Told:
    """A journal in the order in which it was written."""

    calls: list[Asked] = field(default_factory=list)
    observed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What tools and checks have said, by the key under which it was noted; records only."""


def read(path: Path) -> Told:
    """Read a journal, a run's that goes on included; raises RunBroken and RunNewer."""
    told, places = Told(), dict[tuple[CallKey, str], Asked]()
    for number, record in numbered(path):
        try:
            _take(record, told, places)
        except (KeyError, TypeError, ValueError):
            raise RunBroken(damaged(path, f"line {number} is not what was written there")) from None
    return told


def _take(record: Mapping[str, Any], told: Told, places: dict[tuple[CallKey, str], Asked]) -> None:
    match record["type"]:
        case "call":
            address = CallKey(*record["key"]), str(record["digest"])
            if address not in places:
                places[address] = Asked(address[0], record["model"], record.get("request"))
                told.calls.append(places[address])
            places[address].sends = record["send"]
        case "answer":
            if found := places.get((CallKey(*record["key"]), str(record["digest"]))):
                found.answer = _whole(record["answer"])
        case "observation" if isinstance(record["value"], Mapping):
            told.observed[record["key"]] = record["value"]


def _whole(answer: Recorded) -> Recorded:
    """The answer; raises KeyError where a part of it is missing."""
    usage = answer["usage"]
    return {
        **answer,
        "text": answer["text"],
        "calls": answer["calls"],
        "model": answer["model"],
        "finish": answer["finish"],
        "seconds": answer["seconds"],
        "usage": {
            "calls": usage["calls"],
            "prompt_tokens": usage["prompt_tokens"],
            "completion_tokens": usage["completion_tokens"],
            "cost": usage["cost"],
        },
    }
