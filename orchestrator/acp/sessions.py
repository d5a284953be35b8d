"""The sessions of editors: a folder each, and the runs that were made there, so that they can be loaded again."""

import json
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from workspace.records import atomic_write

_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass
class EditorSession:
    """One conversation."""

    id: str
    cwd: str
    runs: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    """Actions that the user has allowed for good; not kept."""


class Sessions:
    """The sessions of one state directory."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "acp"
        self._open: dict[str, EditorSession] = {}

    def begin(self, cwd: str) -> EditorSession:
        """A new session."""
        session = EditorSession(uuid.uuid4().hex, cwd)
        self._open[session.id] = session
        return session

    def find(self, name: str) -> EditorSession | None:
        """A session that is open, or was kept."""
        if name in self._open or not _NAME.fullmatch(name):
            return self._open.get(name)
        try:
            record = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
            session = EditorSession(name, str(record["cwd"]), [str(run) for run in record["runs"]])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._open[name] = session
        return session

    def adopt(self, name: str, session: EditorSession) -> None:
        """Open a session under a name of the editor's."""
        self._open[name] = session

    def remember(self, session: EditorSession, run: str) -> None:
        """Keep that a run was made in a session."""
        if run in session.runs:
            return
        session.runs.append(run)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        record = {"v": 1, "cwd": session.cwd, "runs": session.runs}
        atomic_write(self._folder / f"{session.id}.json", json.dumps(record).encode())
