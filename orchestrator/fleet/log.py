"""A worker's log: one JSON object a line on standard error, for whatever collects logs."""

import json
import sys
from datetime import UTC, datetime

quiet = False
"""True where this process talks to a person, who did not ask for a log."""


def log(event: str, **fields: object) -> None:
    """Write a line; nobody waits for a log that cannot be written."""
    if quiet:
        return
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    try:
        print(json.dumps(line, default=str), file=sys.stderr, flush=True)
    except OSError:
        return
