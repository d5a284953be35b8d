"""Versions: every record says which one its shape has; what a newer program wrote is refused, never guessed at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workspace.errors import RunBroken, RunNewer

VERSION = 1
"""The version of every record that this program writes into a run's folder, and the newest one that it can read."""


def refuse_newer(record: Mapping[str, Any], place: Path) -> None:
    """Raise RunNewer for a record of a later version, RunBroken for one whose version is no version at all."""
    version = record.get("v")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RunBroken(damaged(place, "it does not say its version"))
    if version > VERSION:
        raise RunNewer(place, version, VERSION)


def damaged(place: Path, why: str) -> str:
    """The sentence about a file of a run's folder that cannot be trusted."""
    return (
        f"{place} is damaged ({why}); nothing is done with it. "
        "Put the file back from a copy, or start again with a new run"
    )
