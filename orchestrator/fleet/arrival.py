"""Arrival: a run's folder on this host, made from what the database and the store keep of it, to the byte."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.hiding import SALT
from orchestrator.fleet.database import Database
from orchestrator.fleet.store import ObjectDamaged, Store
from workspace import borrowed
from workspace.lanes import open_lane
from workspace.packs import unpack
from workspace.records import atomic_write
from workspace.run import Run

Record = Mapping[str, Any]


def arrived(database: Database, store: Store, record: Record, root: Path, home: Path) -> tuple[Run, frozenset[str]]:
    """The run's folder below `home`, ready to go on, and the names of its artefacts; raises ObjectDamaged."""
    name = str(record["id"])
    folder = home / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lanes").mkdir(parents=True, mode=0o700)
    (folder / "artefacts").mkdir()
    atomic_write(folder / "run.json", json.dumps({**record, "root": str(root)}, ensure_ascii=False).encode())
    run = Run.open(home, name)
    run.repository.make()
    parts = {row["name"]: row["digest"] for row in database.rows(
        "SELECT name, digest FROM fleet_part WHERE run = :r ORDER BY seq", r=name
    )}  # fmt: skip
    lay_repository(run, parts, store)
    lay_borrowed(run, parts, store)
    artefacts = frozenset(each.removeprefix("artefact/") for each in parts if each.startswith("artefact/"))
    for each in artefacts:
        if run.artefacts.put(store.get(parts[f"artefact/{each}"])) != each:
            raise ObjectDamaged(f"artefact {each[:12]} of run {name[:8]} is another one")
    lay_lines(folder / "journal.jsonl", "journal", parts, store, database, name)
    lay_lines(folder / "events.jsonl", "event", parts, store, database, name)
    lay_lanes(run)
    return run, artefacts


def lay_lanes(run: Run) -> None:
    """The lanes as their last commit left them, since an agent goes on with what the one before it saw there."""
    base = run.repository.ref("heads/base")
    if base is None:
        return
    used = {str(event["lane"]) for event in run.events.read() if event.get("lane")}
    for name in sorted({"run", *used}):
        open_lane(run, name).checkout(run.repository.ref(f"lanes/{name}") or base)


def lay_repository(run: Run, parts: Mapping[str, str], store: Store) -> None:
    """The run's commits, and the names that lead to them."""
    for name, digest in parts.items():
        if name == "base" or name.startswith("pack/"):
            unpack(run.repository, store.get(digest))
    refs = json.loads(store.get(parts["refs"])) if "refs" in parts else {}
    for name, commit in refs.items():
        if ".." in name or name.startswith("/") or not isinstance(commit, str) or not commit.isalnum():
            raise ObjectDamaged(f"run {run.id[:8]} has a name that it cannot have: {name!r}")
        run.repository.set_ref(name, commit)


def lay_borrowed(run: Run, parts: Mapping[str, str], store: Store) -> None:
    """Which of the dependency folders that lanes link to are there on this host too."""
    if "borrowed" in parts:
        wanted = json.loads(store.get(parts["borrowed"]))
        borrowed.save(
            run.folder, [name for name in wanted if ".." not in Path(name).parts and (run.root / name).is_dir()]
        )


def lay_lines(path: Path, kind: str, parts: Mapping[str, str], store: Store, database: Database, run: str) -> None:
    """A file of records: from the rows of a run that is under way, from an object of one that has ended."""
    if kind in parts:
        atomic_write(path, store.get(parts[kind]))
        return
    rows = database.rows(f"SELECT body FROM fleet_{kind} WHERE run = :r ORDER BY seq", r=run)
    if rows:
        atomic_write(path, "".join(f"{row['body']}\n" for row in rows).encode("utf-8", "surrogatepass"))


def same_stand_ins(database: Database, home: Path) -> None:
    """Let all hosts put the same stand-ins in the place of secrets: else the prompts of a run that travels differ."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    atomic_write(home / SALT, str(database.rows("SELECT salt FROM fleet_schema")[0]["salt"]).encode())
