"""Retention: what nobody asks for any more is removed; results stay as rows of a few hundred bytes."""

import shutil
import time
from pathlib import Path

from orchestrator.fleet.database import Database
from orchestrator.fleet.place import Place
from orchestrator.fleet.port import Engine
from orchestrator.fleet.transitions import CHECKPOINTS

DAY = 86_400.0

CALLS = 180.0
"""Seconds for which calls are remembered to be counted."""

ORPHANS = DAY
"""Seconds after which an object that no row names is removed: its run may be about to name it."""


def tidy(database: Database, engine: Engine, place: Place, days: float) -> None:
    """Remove what runs that ended so many days ago have left, and what stopped processes have."""
    database.change(f"DELETE FROM fleet_call WHERE at < {{now}} - {CALLS}")
    engine.forget(time.time() - min(days, 1.0) * DAY)
    old = "SELECT run FROM fleet_run WHERE state IN ('done', 'cancelled') AND ended < {now} - :age"
    with database.transaction() as transaction:
        for table in ("fleet_journal", "fleet_event", "fleet_part"):
            transaction.change(f"DELETE FROM {table} WHERE run IN ({old})", age=days * DAY)
        for table in CHECKPOINTS if database.shared else ():
            transaction.change(f"DELETE FROM {table} WHERE thread_id IN ({old})", age=days * DAY)
        transaction.change(
            "DELETE FROM fleet_object WHERE at < {now} - :age "
            "AND NOT EXISTS (SELECT 1 FROM fleet_part WHERE fleet_part.digest = fleet_object.digest)",
            age=ORPHANS,
        )
    for tree in (place.home / "fleet" / "trees").glob("*/*"):
        remove_old(tree, days)
    for folder in (place.home / "fleet" / "work").glob("*"):
        remove_old(folder, days)


def remove_old(folder: Path, days: float) -> None:
    """Remove a folder that nobody has changed for so many days."""
    try:
        if time.time() - folder.stat().st_mtime > days * DAY:
            shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        return
