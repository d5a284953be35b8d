"""Every fault, by family; importing this package fills the catalogue."""

from tests.modelserver.catalogue import CATALOGUE, fault
from tests.modelserver.faults import (
    behaviour,
    bodies,
    commands,
    connections,
    context,
    edits_code,
    edits_meaning,
    edits_text,
    json_answers,
    messages,
    plans,
    reviews,
    statuses,
    tool_calls,
)

__all__ = [
    "CATALOGUE",
    "behaviour",
    "bodies",
    "commands",
    "connections",
    "context",
    "edits_code",
    "edits_meaning",
    "edits_text",
    "fault",
    "json_answers",
    "messages",
    "plans",
    "reviews",
    "statuses",
    "tool_calls",
]
