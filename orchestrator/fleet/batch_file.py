"""The batch file: JSON Lines or YAML, one wanted run a line, each fault with its line; the good lines go on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.fleet.items import Item, read_item

MAX_BYTES = 100_000_000
"""Largest batch file that is read."""

YAML_NAMES = (".yaml", ".yml")


@dataclass(frozen=True)
class Wanted:
    """An item and the line on which it stands."""

    line: int
    item: Item


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line."""

    line: int
    message: str


@dataclass(frozen=True)
class Batch:
    """What a batch file asks for, and what of it cannot be read."""

    path: Path
    wanted: list[Wanted]
    faults: list[Fault]

    def told(self) -> list[str]:
        """Each fault with its place."""
        return [f"{self.path}:{fault.line}: {fault.message}." for fault in self.faults]


def read_batch(path: Path) -> Batch:
    """Read a batch file; raises UsageError where it is none at all."""
    text = text_of(path)
    entries = yaml_entries(path, text) if path.suffix.lower() in YAML_NAMES else json_entries(text)
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    for line, value in entries:
        item = value.message if isinstance(value, Fault) else read_item(value)
        if isinstance(item, str):
            faults.append(Fault(line, item))
        else:
            wanted.append(Wanted(line, item))
    if not wanted and not faults:
        raise UsageError(f"{path} asks for nothing.", fix='Write one line a run: {"task": "…", "repository": "."}')
    return Batch(path, wanted, faults)


def text_of(path: Path) -> str:
    """The file's text; raises UsageError."""
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.", fix="Split it.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        why = (fault.strerror or "not readable").lower()
        raise UsageError(
            f"The batch file {path} cannot be read ({why}).", fix="Name a file with one run a line."
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise UsageError(f"{path}:{line}: it is not UTF-8 text.", fix="Save it as UTF-8.") from None


def json_entries(text: str) -> Iterator[tuple[int, Any]]:
    """The value of every line that is not empty."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as fault:
            said = fault.msg if isinstance(fault, json.JSONDecodeError) else "nested too deeply"
            yield number, Fault(number, f"not valid JSON ({said})")


def yaml_entries(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """The value of every entry of a YAML list; raises UsageError where it is no list, since nothing of it is sure."""
    try:
        yaml = import_module("yaml")
    except ModuleNotFoundError:
        fix = "pip install 'opencode-orchestrator[fleet]'"
        raise UsageError("The package for YAML is not installed.", fix=fix) from None
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):  # a few of them, nested, are a file of terabytes
                line = event.start_mark.line + 1
                raise UsageError(f"{path}:{line}: references (*{event.anchor}) are not read.", fix="Write it out.")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise UsageError(f"{path}:1: it must be a list.", fix='Begin each run with "- task: …".')
        loader = yaml.SafeLoader("")
        for node in root.value:
            yield node.start_mark.line + 1, plain(loader.construct_document(node))
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        said = str(getattr(fault, "problem", "") or "not readable").strip()
        line = mark.line + 1 if mark else 1
        raise UsageError(f"{path}:{line}: not valid YAML ({said}).", fix="Correct it; nothing was started.") from None


def plain(value: Any) -> Any:
    """A value as JSON would hold it: YAML reads a time that is not quoted as one."""
    if isinstance(value, dict):
        return {name: each.isoformat() if isinstance(each, date) else each for name, each in value.items()}
    return value
