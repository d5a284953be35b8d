"""Delivery: the results of a batch as a folder with one table, and each run's report and patch beside it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from orchestrator.errors import UsageError
from orchestrator.fleet.arrival import arrived, same_stand_ins
from orchestrator.fleet.branches import branch_of
from orchestrator.fleet.database import Database
from orchestrator.fleet.ending import patch_of
from orchestrator.fleet.overview import batches, results
from orchestrator.fleet.place import Place
from orchestrator.fleet.store import ObjectDamaged, Store, store_of
from orchestrator.words import duration, number, one_line
from workspace.errors import WorkspaceError
from workspace.records import atomic_write
from workspace.run import Run

LEFT = """\
SELECT record FROM fleet_run AS r WHERE run = :r AND record IS NOT NULL AND (
    EXISTS (SELECT 1 FROM fleet_part AS p WHERE p.run = r.run)
    OR EXISTS (SELECT 1 FROM fleet_event AS e WHERE e.run = r.run))"""
"""The record of a run, where anything is left of it beside its result."""


def written_table(place: Place, database: Database, batch: str, folder: Path | None, branches: str | None) -> None:
    """Write ``index.html``, and a report and a patch of every run; raises UsageError where the folder is none.

    `branches` is a repository of the user's in which each verified change becomes a branch; nothing is pushed.
    """
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise UsageError(f"{folder} cannot be written ({fault.strerror}).", fix="Name another folder.") from None
    lines = []
    store = store_of(place.store, database)
    for result in results(database, batch):
        run = run_of(place, database, store, result["run"])
        patch = patch_of(run) if run else ""
        if folder is not None:
            lines.append({**result, **delivered(folder, place, run, patch, result)})
        if branches and run and patch and result["outcome"] == "verified":
            branch_of(Path(branches), run, result["task"])
    if folder is not None:
        atomic_write(folder / "index.html", page(lines, batches(database, batch)[0]), mode=0o644)


def delivered(folder: Path, place: Place, run: Run | None, patch: str, result: dict[str, Any]) -> dict[str, str]:
    """Write a run's report and patch; gives the names of the files, empty where there is nothing to write."""
    from orchestrator.commands.report import page_of

    name = f"{result['number'] + 1:05}-{result['run'][:8]}"
    names = {"report": "", "patch": ""}
    if run is not None:
        names["report"] = f"{name}.html"
        atomic_write(folder / names["report"], page_of(run, run.folder.parents[1]), mode=0o644)
    if patch:
        names["patch"] = f"{name}.patch"
        atomic_write(folder / names["patch"], patch.encode("utf-8", "surrogateescape"), mode=0o644)
    return names


def run_of(place: Place, database: Database, store: Store, name: str) -> Run | None:
    """The run's folder on this host; None where nothing of it is left."""
    home = place.home
    try:
        if place.shared:
            home = place.home / "fleet" / "results"
            rows = database.rows(LEFT, r=name)
            if not rows:
                return None
            same_stand_ins(database, home)
            record = {key: value for key, value in json.loads(rows[0]["record"]).items() if key != "commit"}
            arrived(database, store, record, home, home)
        return Run.open(home, name)
    except (ObjectDamaged, WorkspaceError):
        return None


def page(lines: list[dict[str, Any]], batch: dict[str, Any]) -> bytes:
    """The table."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"duration": duration, "line": one_line}
    template = environment.from_string(files("orchestrator.fleet").joinpath("results.html.j2").read_text("utf-8"))
    used = f"{number(batch['used']['calls'], 'call')}, {number(batch['used']['tokens'], 'token')}"
    return template.render(lines=lines, batch=batch, used=used).encode("utf-8", "replace")
