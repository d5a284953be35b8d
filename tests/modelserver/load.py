"""Scenarios by name or from files: a Python module that has SCENARIOS, or JSON data.

The JSON form is one object or a list of them; every key but "name" may be left out:

    {"name": "m",
     "rules": [{"role": "coder", "contains": ["add"], "lacks": ["sub"], "offers": ["read"], "nth": 1, "times": 2,
                "reply": "text", "finish": "length", "delay": 0.1, "name": "first answer"}],
     "script": ["first answer", "second answer"], "exhausted": "no more",
     "faults": [{"kind": "e429", "role": "planner", "nth": 1, "after": 0, "times": 1, "repeat": 1, "rate": 0.5,
                 "rule": "first answer", "draw_by": "step", "options": {"retry_after": 1}}],
     "housekeeping": [{"contains": ["title"], "reply": "A title"}],
     "refuses": ["response_format:json_schema"], "strict": true, "seed": 7, "context": 4096}

A reply is text, a list of lines, or an object with the fields of `Reply`; its tool calls are objects with name and
arguments. Rules and faults mean what `Rule` and `FaultRule` say. A misspelt key is an error.
"""

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from tests.modelserver.reply import Reply, ToolCall
from tests.modelserver.scenario import FaultRule, Rule, Scenario, When, both, contains, lacks, offers, script

FOLDER = Path(__file__).parent / "scenarios"
"""Where the scenarios with a name are."""

_CONDITIONS = {"contains": contains, "lacks": lacks, "offers": offers}
_RULE_KEYS = frozenset({*_CONDITIONS, "role", "nth", "times", "name", "reply", "finish", "delay"})
_FAULT_KEYS = frozenset({*(each.name for each in fields(FaultRule)), *_CONDITIONS} - {"when"})
_REPLY_KEYS = frozenset(each.name for each in fields(Reply))
_KEYS = frozenset(
    {"name", "rules", "script", "exhausted", "faults", "housekeeping", "refuses", "strict", "seed", "context"}
)


def names() -> list[str]:
    """Return the names under which scenarios are at hand."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def find(given: str) -> list[Scenario]:
    """Return the scenarios of a name or a file; raises ValueError that lists the names, or says what is wrong in it."""
    path = Path(given)
    if not path.is_file():
        path = FOLDER / f"{given}.json"
    if not path.is_file():
        raise ValueError(f"there is no file and no scenario {given!r}; there are {', '.join(names())}")
    return load(path)


def load(path: Path) -> list[Scenario]:
    """Read the scenarios of a file; raises ValueError with what is wrong in it."""
    return from_module(path) if path.suffix == ".py" else from_json(path.read_text("utf-8"))


def from_module(path: Path) -> list[Scenario]:
    """Run a Python module and return its SCENARIOS."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    scenarios = getattr(module, "SCENARIOS", None)
    if not isinstance(scenarios, list) or not all(isinstance(each, Scenario) for each in scenarios):
        raise ValueError(f"{path} must have a list SCENARIOS of Scenario objects")
    return scenarios


def from_json(text: str) -> list[Scenario]:
    """Build scenarios from JSON data."""
    data = json.loads(text)
    try:
        return [_scenario(each) for each in (data if isinstance(data, list) else [data])]
    except KeyError as error:
        raise ValueError(f"not a scenario: the key {error} is missing") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a scenario: {error}") from error


def _scenario(data: Mapping[str, Any]) -> Scenario:
    _check(data, _KEYS, "a scenario")
    exhausted = _said(data["exhausted"]) if "exhausted" in data else None
    steps = script(*map(_said, data.get("script", [])), exhausted=exhausted)
    return Scenario(
        data["name"],
        [*(_rule(each) for each in data.get("rules", [])), *steps],
        faults=[_fault(each) for each in data.get("faults", [])],
        housekeeping=[_rule(each) for each in data.get("housekeeping", [])],
        refuses=data.get("refuses", []),
        strict=data.get("strict", True),
        seed=data.get("seed", 0),
        context=data.get("context"),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    _check(data, _RULE_KEYS, "a rule")
    extra = {name: data[name] for name in ("finish", "delay") if name in data}
    counts = {name: data[name] for name in ("role", "nth", "times", "name") if name in data}
    return Rule(_said(data["reply"], **extra), _when(data), **counts)


def _fault(data: Mapping[str, Any]) -> FaultRule:
    _check(data, _FAULT_KEYS, "a fault")
    given = {name: value for name, value in data.items() if name not in _CONDITIONS}
    return FaultRule(**given, when=_when(data))


def _when(data: Mapping[str, Any]) -> When | None:
    conditions = [make(*data[name]) for name, make in _CONDITIONS.items() if name in data]
    return both(*conditions) if conditions else None


def _said(reply: str | Sequence[str] | Mapping[str, Any], **extra: Any) -> Reply:
    if isinstance(reply, Mapping):
        _check(reply, _REPLY_KEYS, "a reply")
        calls = tuple(ToolCall(**call) for call in reply.get("tool_calls", []))
        return Reply(**{**reply, **extra, "tool_calls": calls})
    return Reply(reply if isinstance(reply, str) else "".join(f"{line}\n" for line in reply), **extra)


def _check(data: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    if unknown := sorted(set(data) - known):
        raise ValueError(f"{what} has no {', '.join(map(repr, unknown))}; it has {', '.join(sorted(known))}")
