"""A door over the scripted model server, on a real socket, with back-off short enough for tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.budget import Budget, Limits
from models.door import Door
from models.journal import Journal
from models.profiles import STANDARD
from models.resolve import Resolved
from tests.modelserver import Server

KEY = "sk-tests-0123456789"


@dataclass
class Bench:
    """Opens doors over one journal file, as a run and its resumptions do, and keeps their events."""

    folder: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)

    @property
    def journal_path(self) -> Path:
        """The journal that every door of this bench shares."""
        return self.folder / "journal.jsonl"

    def door(
        self,
        server: Server | str,
        model: str = "m",
        *,
        limits: Limits | None = None,
        per_lane: Limits | None = None,
        source: Path | None = None,
        journal: Path | None = None,
        settings: dict[str, Any] | None = None,
        **model_settings: Any,
    ) -> Door:
        """Open a door at a server (or an address) over the journal; with `source` it replays that journal.

        Keywords besides are keys of the section `model` of the settings.
        """
        log = Journal(journal or self.journal_path, source)
        spent = log.spent()
        budget = Budget(limits or Limits(), spent.usage, per_lane=per_lane, lanes=spent.lanes, seconds=spent.seconds)
        base_url = server if isinstance(server, str) else server.base_url
        kind = "endpoint" if source is None else "replay"
        resolved = Resolved(kind, model, base_url, STANDARD, "for a test", KEY)  # type: ignore[arg-type]
        retry = {"base": 0.01, "cap": 0.05, "tries": 4, "window": 5.0}
        quick = {"model": {"answer_timeout": 2.0, "idle_timeout": 1.0, "retry": retry, **model_settings}}
        door = Door(resolved, log, budget, self._emit, {**quick, **(settings or {})})
        self.doors.append(door)
        return door

    def _emit(self, type: str, /, **fields: Any) -> None:
        self.events.append({"type": type, **fields})


Serve = Callable[..., Server]
"""Starts a model server with scenarios."""
