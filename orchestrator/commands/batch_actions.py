"""What is done to a batch that was submitted: status, watch, cancel, retry, results."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestrator.fleet import overview, transitions
from orchestrator.fleet.database import Database
from orchestrator.fleet.delivery import written_table
from orchestrator.fleet.place import Place, place_of
from orchestrator.fleet.watching import followed, one_batch
from orchestrator.result import line_of
from orchestrator.words import clean, number


def opened(options: Namespace) -> tuple[Place, Database, str]:
    """The fleet, its database, and the batch that is named."""
    place = place_of(options)
    database = place.database()
    return place, database, overview.batch_named(database, options.batch or "last")


def status(options: Namespace) -> int:
    """How far every batch is, or one, and who works."""
    place = place_of(options)
    database = place.database()
    batch = overview.batch_named(database, options.batch) if options.batch else ""
    found, living = overview.batches(database, batch), overview.workers(database, place.settings.fleet.lease)
    unknown = overview.unknown_endpoints(database, living) if living else {}
    if options.json:
        print(line_of({"v": 1, "batches": found, "workers": living, "unknown_endpoints": unknown}))
        return 0
    for each in found:
        print(one_batch(each))
    if not found:
        print("No batch yet. Submit one with: orchestrator batch FILE")
    for worker in living:
        doing = "leaves" if worker["draining"] else f"{worker['running']} of {number(worker['slots'], 'slot')} busy"
        print(clean(f"worker {worker['id']}  {doing}  version {worker['program']}"))
    for sentence in odd(living, unknown):
        print(clean(sentence))
    if not living and any(each["waiting"] or each["running"] for each in found):
        print("No worker is up. Start one with: orchestrator worker")
    return 0


def odd(living: list[dict[str, Any]], unknown: dict[str, int]) -> Iterator[str]:
    """What keeps a fleet from working as its owner expects, a sentence each."""
    for endpoint, count in unknown.items():
        waits = "wait" if count > 1 else "waits"
        yield f"{number(count, 'run')} {waits} for the endpoint {endpoint!r}, which no worker knows (fleet.endpoints)."
    if len(versions := overview.versions_of(living)) > 1:
        yield f"The workers have different versions ({', '.join(versions)}). Update them: their prompts may differ."


def watch(options: Namespace) -> int:
    """Follow a batch to its end; the exit code is that of its worst outcome."""
    _, database, batch = opened(options)
    followed(database, batch)
    return overview.worst(database, batch)


def cancel(options: Namespace) -> int:
    """Cancel what of a batch has not ended, or one run of any batch."""
    place = place_of(options)
    database = place.database()
    if options.run:
        hit = transitions.cancel(database, run=run_named(database, options.run))
    else:
        hit = transitions.cancel(database, batch=overview.batch_named(database, options.batch or "last"))
    said(options, {"cancelled": hit}, f"{number(hit, 'run')} cancelled")
    return 0


def retry(options: Namespace) -> int:
    """Queue again what of a batch ended, and not as verified."""
    _, database, batch = opened(options)
    hit = transitions.retry(database, batch, options.outcome or [])
    said(options, {"batch": batch, "queued": hit}, f"{number(hit, 'run')} queued again")
    return 0


def results(options: Namespace) -> int:
    """Print the results as JSON Lines; as a page with reports and patches where a folder is named."""
    place, database, batch = opened(options)
    if options.out or options.branches:
        written_table(place, database, batch, Path(options.out) if options.out else None, options.branches)
    for result in overview.results(database, batch):
        print(line_of(result))
    sys.stdout.flush()
    return overview.worst(database, batch)


def run_named(database: Database, name: str) -> str:
    """The id of a run of a fleet by its beginning; as it is where there is none."""
    prefix = name.replace("%", "").replace("_", "")
    rows = database.rows("SELECT run FROM fleet_run WHERE run LIKE :n LIMIT 2", n=f"{prefix}%")
    return str(rows[0]["run"]) if len(rows) == 1 else name


def said(options: Namespace, told: dict[str, Any], sentence: str) -> None:
    """Tell what was done."""
    print(line_of({"v": 1, **told}) if options.json else f"{sentence}.")
