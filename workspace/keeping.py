"""Keeping: who else takes in the records that are appended to a file of a run, such as a database that hosts share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol


class Keeper(Protocol):
    """Is told of every record of one file, before it stands there and when it does. What it raises, the writer gets."""

    def before(self, record: Mapping[str, Any]) -> None:
        """Hear what is about to be written; nothing is written where this raises."""
        ...

    def after(self, record: Mapping[str, Any]) -> None:
        """Hear what was written."""
        ...


_keepers: dict[Path, Keeper] = {}


def keeper_of(path: Path) -> Keeper | None:
    """Who keeps the records of a file in this process; None where nobody does."""
    return _keepers.get(path)


@contextmanager
def kept_by(path: Path, keeper: Keeper) -> Iterator[None]:
    """Let a keeper hear of the records of a file for a while."""
    _keepers[path] = keeper
    try:
        yield
    finally:
        del _keepers[path]
