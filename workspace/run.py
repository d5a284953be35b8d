"""A run is a folder that any process can reopen."""

import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workspace.artefacts import ArtefactStore
from workspace.errors import RootUnusable, RunAmbiguous, RunBroken, RunBusy, RunNotFound
from workspace.events import EventLog
from workspace.records import atomic_write
from workspace.repository import Repository
from workspace.versions import VERSION, damaged, refuse_newer

SHORTEST_NAME = 4
"""Characters of a run's id that a name needs at least."""


@dataclass(frozen=True)
class Run:
    """A run's folder and what it holds."""

    id: str
    folder: Path
    root: Path
    request: str
    created: str
    """ISO 8601 in UTC."""
    settings: Mapping[str, Any]
    parent: str | None
    events: EventLog = field(repr=False, compare=False)
    artefacts: ArtefactStore = field(repr=False, compare=False)
    repository: Repository = field(repr=False, compare=False)

    @classmethod
    def create(
        cls,
        home: Path,
        root: Path,
        request: str,
        settings: Mapping[str, Any],
        *,
        run_id: str | None = None,
        parent: str | None = None,
    ) -> "Run":
        """Make the folder of a new run over the project folder ``root``.

        Raises RootUnusable where the project folder cannot be worked on.
        """
        root = usable_root(root)
        name = run_id or str(uuid.uuid4())
        folder = home / "runs" / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # the user's code lies below: nobody else may look
        for part in ("artefacts", "lanes"):
            (folder / part).mkdir(exist_ok=True)
        record = {
            "v": VERSION,
            "id": name,
            "root": str(root),
            "request": request,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": dict(settings),
            "parent": parent,
        }
        run = cls._of(folder, record)
        run.repository.make()
        atomic_write(folder / "run.json", json.dumps(record, ensure_ascii=False, indent=1).encode())
        return run

    @classmethod
    def open(cls, home: Path, name: str) -> "Run":
        """The run of this id, of this beginning of an id (4 characters or more), or the newest one for ``last``.

        Raises RunNotFound, RunAmbiguous or RunBroken.
        """
        folder = home / "runs" / _found(home, name)
        return cls._of(folder, _record(folder))

    @classmethod
    def _of(cls, folder: Path, record: Mapping[str, Any]) -> "Run":
        return cls(
            id=record["id"],
            folder=folder,
            root=Path(record["root"]),
            request=record["request"],
            created=record["created"],
            settings=record["settings"],
            parent=record.get("parent"),
            events=EventLog(folder / "events.jsonl", record["id"]),
            artefacts=ArtefactStore(folder / "artefacts"),
            repository=Repository(folder / "repo.git", record["created"]),
        )

    @property
    def journal_path(self) -> Path:
        """The journal of model calls and observations."""
        return self.folder / "journal.jsonl"

    @property
    def checkpoints_path(self) -> Path:
        """The database of the graph's checkpoints."""
        return self.folder / "checkpoints.sqlite"

    @property
    def lanes_path(self) -> Path:
        """The folder of the lanes."""
        return self.folder / "lanes"

    @property
    def apply_path(self) -> Path:
        """The journal of the apply step."""
        return self.folder / "apply.json"

    def with_settings(self, settings: Mapping[str, Any]) -> "Run":
        """The same run with other settings, written to its record."""
        path = self.folder / "run.json"
        record = {**_record(self.folder), "settings": dict(settings)}
        atomic_write(path, json.dumps(record, ensure_ascii=False, indent=1).encode())
        return Run._of(self.folder, record)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one process that drives this run; raises RunBusy. The lock ends with the process, however it ends."""
        with held(self.folder, self.id):
            yield


@contextlib.contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a run's folder; raises RunBusy, and RunNotFound where the folder has gone."""
    try:
        file = (folder / "lock").open("a+")
    except FileNotFoundError:
        raise RunNotFound(f"run {name} is not there any more; see: orchestrator runs") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            text = file.read().strip()
            raise RunBusy(name, int(text) if text.isdigit() else 0) from None
        if not folder.exists():
            raise RunNotFound(f"run {name} was removed just now; see: orchestrator runs")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def state_home(env: Mapping[str, str]) -> Path:
    """The folder that holds all runs and fetched models."""
    if named := env.get("ORCHESTRATOR_HOME"):
        return Path(named).expanduser().absolute()
    state = env.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "opencode-orchestrator"


def list_runs(home: Path) -> list[Run]:
    """All runs, the newest first; a damaged folder is passed over."""
    runs = []
    for name in _names(home):
        with contextlib.suppress(RunBroken):
            runs.append(Run.open(home, name))
    return sorted(runs, key=lambda run: (run.created, (run.folder / "run.json").stat().st_mtime_ns), reverse=True)


def unreadable(home: Path) -> list[str]:
    """The names of the run folders that are damaged, or a newer program's."""
    readable = {run.id for run in list_runs(home)}
    return sorted(name for name in _names(home) if name not in readable)


def usable_root(root: Path) -> Path:
    """The absolute project folder; raises RootUnusable."""
    absolute = root.expanduser().absolute()
    if not absolute.exists():
        raise RootUnusable(f"{absolute} does not exist; name an existing folder with --root")
    if not absolute.is_dir():
        raise RootUnusable(f"{absolute} is not a folder; name the project's folder with --root")
    if not os.access(absolute, os.R_OK | os.X_OK):
        raise RootUnusable(f"{absolute} cannot be read; check its permissions")
    return absolute.resolve()


def _record(folder: Path) -> dict[str, Any]:
    """What stands in a run's record; raises RunBroken and RunNewer."""
    place = folder / "run.json"
    try:
        record = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RunBroken(damaged(place, str(error))) from error
    if not isinstance(record, dict):
        raise RunBroken(damaged(place, "it holds no record"))
    refuse_newer(record, place)
    kinds = {"id": str, "root": str, "request": str, "created": str, "settings": dict}
    wrong = [name for name, kind in kinds.items() if not isinstance(record.get(name), kind)]
    if wrong or record["id"] != folder.name:
        raise RunBroken(damaged(place, f"its {', '.join(wrong) or 'id'} cannot be right"))
    return record


def _names(home: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(home / "runs") if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def _found(home: Path, name: str) -> str:
    if name == "last":
        runs = list_runs(home)
        if not runs:
            raise RunNotFound("there is no run yet; start one with: orchestrator auto TASK")
        return runs[0].id
    names = _names(home)
    if name in names:
        return name
    if len(name) < SHORTEST_NAME:
        raise RunNotFound(f"{name!r} is too short for a run's name: give {SHORTEST_NAME} characters or more, or last")
    found = [n for n in names if n.startswith(name)]
    if not found:
        raise RunNotFound(f"no run is called {name!r}; see: orchestrator runs")
    if len(found) > 1:
        raise RunAmbiguous(f"{len(found)} runs begin with {name!r}; give more of its name")
    return found[0]
