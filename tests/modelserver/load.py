"""Scenarios from files: a Python module that has SCENARIOS, or JSON data.

The JSON form, one object or a list of them:

    {"name": "m",
     "rules": [{"role": "coder", "contains": ["add"], "nth": 1, "times": 2, "reply": "text", "finish": "length"}],
     "faults": [{"kind": "e429", "role": "planner", "nth": 1, "times": 1, "options": {"retry_after": 1}}],
     "housekeeping": [{"contains": ["title"], "reply": "A title"}],
     "refuses": ["response_format:json_schema"], "strict": true, "seed": 7}

A reply is text, or an object with the fields of `Reply`; its tool calls are objects with name and arguments.
"""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.modelserver.reply import Reply, ToolCall
from tests.modelserver.scenario import FaultRule, Rule, Scenario, When, both, contains, lacks


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
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a scenario: {type(error).__name__} {error}") from error


def _scenario(data: Mapping[str, Any]) -> Scenario:
    return Scenario(
        data["name"],
        [_rule(each) for each in data.get("rules", [])],
        faults=[_fault(each) for each in data.get("faults", [])],
        housekeeping=[_rule(each) for each in data.get("housekeeping", [])],
        refuses=data.get("refuses", []),
        strict=data.get("strict", True),
        seed=data.get("seed", 0),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        _reply(data),
        _when(data),
        data.get("role", ""),
        data.get("nth"),
        data.get("times"),
        data.get("name", ""),
    )


def _fault(data: Mapping[str, Any]) -> FaultRule:
    return FaultRule(
        data["kind"],
        _when(data),
        data.get("role", ""),
        data.get("nth"),
        data.get("times", 1),
        data.get("repeat"),
        data.get("rate", 1.0),
        data.get("options", {}),
    )


def _when(data: Mapping[str, Any]) -> When | None:
    conditions = [contains(*data["contains"])] if "contains" in data else []
    conditions += [lacks(*data["lacks"])] if "lacks" in data else []
    return both(*conditions) if conditions else None


def _reply(data: Mapping[str, Any]) -> Reply:
    reply = data["reply"]
    if isinstance(reply, str):
        return Reply(reply, finish=data.get("finish"), delay=data.get("delay", 0.0))
    calls = tuple(ToolCall(**call) for call in reply.get("tool_calls", []))
    return Reply(**{**reply, "tool_calls": calls})
