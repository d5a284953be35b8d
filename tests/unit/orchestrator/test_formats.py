"""What scripts rely on: every event is described, with the fields that it is written with."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from orchestrator.formats import EVENTS, Seat

ROOT = Path(__file__).parents[3]
PACKAGES = ("orchestrator", "nodes", "models", "workspace", "graph")
EMITTERS = {"emit", "_emit", "_event", "event", "note", "last_word"}
NAME = re.compile(r"[a-z]+(?:\.[a-z_]+)?")
SEAT = {"_event", "event", "note"}
"""Emitters that add who asks."""


def emitted() -> Iterator[tuple[str, set[str], bool]]:
    """Every event that the sources write: type, fields, and whether more come from elsewhere."""
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            function = call.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            said = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in EMITTERS and said and NAME.fullmatch(said[0]):
                fields = {keyword.arg for keyword in call.keywords if keyword.arg}
                more = any(keyword.arg is None for keyword in call.keywords)
                yield said[0], fields | (set(Seat) if name in SEAT else set()), more


def test_every_event_that_is_written_is_described() -> None:
    """By its type and its fields; what is described is written somewhere."""
    written = defaultdict(list)
    for name, fields, more in emitted():
        written[name].append((fields, more))
    assert set(written) | {"tool.used", "tool.refused"} == set(EVENTS)
    for name, ways in written.items():
        for fields, more in ways:
            if name == "warning":
                fields -= set(Seat)  # a warning of the door names who asked
            assert fields <= set(EVENTS[name].fields), name
            assert more or fields == set(EVENTS[name].fields), name
