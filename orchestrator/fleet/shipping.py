"""Shipping: what a run has made since the last time goes to where every host finds it, before a checkpoint names it."""

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from orchestrator.fleet.database import Database
from orchestrator.fleet.meter import Meter
from orchestrator.fleet.patience import waited_for
from orchestrator.fleet.store import Store
from workspace.packs import loose, names, objects_below, packed
from workspace.run import Run

PART = """\
INSERT INTO fleet_part (run, name, digest) VALUES (:run, :name, :digest)
ON CONFLICT (run, name) DO UPDATE SET digest = excluded.digest"""

EVENT = "INSERT INTO fleet_event (run, seq, body) VALUES (:run, :seq, :body) ON CONFLICT DO NOTHING"

LINE = "INSERT INTO fleet_journal (run, name, body) VALUES (:run, :name, :body) ON CONFLICT DO NOTHING"


class Shipper:
    """Ships one run. Safe for threads. Every row that it writes is refused once the run is another process's."""

    def __init__(self, run: Run, database: Database, store: Store, arrived: frozenset[str] = frozenset()) -> None:
        self._run, self._database, self._store = run, database, store
        self._artefacts = set(arrived)
        self._objects: set[str] = loose(run.repository)
        self._names: Mapping[str, str] = names(run.repository)
        self._read = self._events.stat().st_size if self._events.exists() else 0
        self._lock = threading.Lock()

    def ship(self) -> None:
        """Ship what is new: first the objects, then the rows that name them; raises LeaseLost.

        Waits for a database that is away: the calls that are under way meanwhile are paid for.
        """
        with self._lock:
            parts = {**self._new_artefacts(), **self._new_objects()}
            events, size = self._new_events()
            if parts or events:
                waited_for(lambda: self._written(parts, events))
            self._read = size

    def _written(self, parts: Mapping[str, str], events: list[tuple[int, str]]) -> None:
        with self._database.transaction() as transaction:
            transaction.many(PART, [self._row(name=name, digest=parts[name]) for name in parts])
            transaction.many(EVENT, [self._row(seq=seq, body=body) for seq, body in events])

    def _row(self, **values: Any) -> dict[str, Any]:
        return {"run": self._run.id, **values}

    @property
    def _events(self) -> Any:
        return self._run.folder / "events.jsonl"

    def _new_artefacts(self) -> dict[str, str]:
        folder, parts = self._run.folder / "artefacts", {}
        for path in folder.glob("??/*"):
            name = path.parent.name + path.name
            if not path.name.startswith(".") and name not in self._artefacts:
                parts[f"artefact/{name}"] = self._store.put(path.read_bytes())
                self._artefacts.add(name)
        return parts

    def _new_objects(self) -> dict[str, str]:
        repository, parts = self._run.repository, dict[str, str]()
        refs, found = names(repository), loose(repository)
        if base := None if "heads/base" in self._names else refs.get("heads/base"):
            tree = repository.tree_of(base)
            parts["base"] = self._base(tree)
            self._objects |= objects_below(repository, tree)
            borrowed = (self._run.folder / "borrowed.json").read_bytes()
            parts["borrowed"] = self._store.put(borrowed)
        if new := found - self._objects:
            pack = packed(repository, new)
            parts[f"pack/{hashlib.sha256(pack).hexdigest()[:16]}"] = self._store.put(pack)
        if refs != self._names:
            parts["refs"] = self._store.put(json.dumps(refs).encode())
        self._objects |= found
        self._names = refs
        return parts

    def _base(self, tree: str) -> str:
        """The pack of a tree that all runs of it share."""
        look = "SELECT digest FROM fleet_part WHERE run = :t AND name = 'pack'"
        known = waited_for(lambda: self._database.rows(look, t=f"tree/{tree}"))
        if known:
            return str(known[0]["digest"])
        digest = self._store.put(packed(self._run.repository, objects_below(self._run.repository, tree)))
        self._database.patiently(PART, run=f"tree/{tree}", name="pack", digest=digest)
        return digest

    def _new_events(self) -> tuple[list[tuple[int, str]], int]:
        if not self._events.exists():
            return [], 0
        with self._events.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        lines = [line.decode("utf-8", "surrogatepass") for line in whole.splitlines()]
        return [(int(json.loads(line)["seq"]), line) for line in lines], self._read + len(whole)


class SharedJournal:
    """Keeps a run's journal in the database: a call stands there before it is sent, an answer before it is used."""

    def __init__(self, run: Run, database: Database, meter: Meter) -> None:
        self._run, self._database, self._meter = run, database, meter

    def before(self, record: Mapping[str, Any]) -> None:
        """Write a call down before it stands in the file; raises LeaseLost, and BatchSpent where it may not be sent."""
        self._meter.before(record)
        if record.get("type") == "call":
            self._keep(record)

    def after(self, record: Mapping[str, Any]) -> None:
        """Write all else down once it stands in the file: what was paid for waits for a database that is away."""
        if record.get("type") != "call":
            self._keep(record)
        self._meter.after(record)

    def _keep(self, record: Mapping[str, Any]) -> None:
        body = json.dumps(record, ensure_ascii=True, separators=(",", ":"))
        self._database.patiently(LINE, run=self._run.id, name=name_of(record, body), body=body)


def name_of(record: Mapping[str, Any], body: str) -> str:
    """What a record is about: the first one about it stands."""
    kind = record.get("type")
    about = (
        [record.get(name) for name in ("key", "digest", "send")] if kind in ("call", "answer", "observation") else body
    )
    return f"{kind}/{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]}"
