"""Every fault, by family; importing this package fills the catalogue."""

from tests.modelserver.catalogue import CATALOGUE, fault
from tests.modelserver.faults import bodies, connections, context, json_answers, messages, statuses, tool_calls

__all__ = [
    "CATALOGUE",
    "bodies",
    "connections",
    "context",
    "fault",
    "json_answers",
    "messages",
    "statuses",
    "tool_calls",
]
