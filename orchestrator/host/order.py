"""What a host wants done: its first line."""

import json
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import UsageError

VERSION = 1
"""Version of the lines between host and command."""

COMMANDS = ("auto", "plan", "fix", "search", "review", "answer", "agents", "runs", "undo", "cancel")
"""What a host may order."""

MAX_ORDER = 1_000_000
"""Most characters of an order."""


@dataclass(frozen=True)
class Order:
    """One command: its text as the user typed it, the folder, the model, and whether every event is told.

    `attended` tells that a person can answer later what a run asks, by the command `answer`.
    """

    command: str
    text: str
    root: str
    model: str = ""
    base_url: str = ""
    events: bool = False
    attended: bool = False


def order_of(line: str) -> Order:
    """Read an order; raises UsageError where it is none, or of another version."""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UsageError("The first line on standard input is no order.", fix="This command is for other programs.")
    if value.get("v") != VERSION:
        raise UsageError(
            f"The host speaks version {value.get('v')!r}, this program version {VERSION}.",
            fix="Update both: the plugin and the Python package belong together.",
        )
    if value.get("command") not in COMMANDS:
        raise UsageError(f"There is no command {value.get('command')!r}.", fix=f"There are: {', '.join(COMMANDS)}.")
    return Order(
        command=value["command"],
        text=text_of(value, "text"),
        root=text_of(value, "root") or ".",
        model=text_of(value, "model"),
        base_url=text_of(value, "base_url"),
        events=value.get("events") is True,
        attended=value.get("attended") is True,
    )


def text_of(order: dict[str, Any], name: str) -> str:
    """A text of the order, empty where it is left out; raises UsageError where it is something else."""
    value = order.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f'"{name}" of the order must be a text.')
    return value
