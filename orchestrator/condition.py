"""The condition of a run's folder: looked at before a run goes on, so that nothing damaged or newer is built upon."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from models.journal import Journal
from nodes.state import VERSION
from orchestrator.checkpoints import database_of, saver_of
from orchestrator.errors import UsageError
from orchestrator.langgraph_settings import prepare_environment
from workspace.errors import RunBroken, RunNewer
from workspace.move import journal as move_of
from workspace.run import Run
from workspace.versions import damaged

NEWEST = """\
SELECT checkpoint_id, type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ''
ORDER BY checkpoint_id DESC LIMIT 1"""


def refuse_unsound(run: Run) -> None:
    """Look at every record of a run; raises RunNewer and RunBroken with the file that is to blame."""
    for _ in run.events.read():
        pass
    move_of(run)
    begun = Journal(run.journal_path).spent().usage["calls"] > 0
    try:
        state = shared_state(run) if database_of(run) else newest_state(run.checkpoints_path, run.id)
    except UsageError:
        raise
    except Exception as error:  # sqlite's own complaints, and whatever garbage makes of the packed values
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RunBroken(damaged(run.checkpoints_path, why[:200])) from error
    if state is None and begun:
        why = "it holds no checkpoint, though the run has asked its model already"
        raise RunBroken(damaged(run.checkpoints_path, why))
    version = (state or {}).get("v", VERSION)
    if version > VERSION:
        raise RunNewer(run.checkpoints_path, version, VERSION)


def shared_state(run: Run) -> dict[str, Any] | None:
    """The newest state of a run in a shared database, None where there is none."""
    prepare_environment(os.environ)
    with saver_of(run) as saver:
        found = saver.get_tuple({"configurable": {"thread_id": run.id}})
    return dict(found.checkpoint["channel_values"]) if found else None


def newest_state(path: Path, thread: str) -> dict[str, Any] | None:
    """The newest state in a database of checkpoints, None where there is none; raises where it cannot be read."""
    if not path.exists():
        return None
    prepare_environment(os.environ)
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    serde = JsonPlusSerializer()
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(str(said).splitlines()[-1])
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone():
            return None
        rows = connection.execute(NEWEST, (thread,)).fetchall()
        for name, _, _ in rows:
            for packed in connection.execute("SELECT type, value FROM writes WHERE checkpoint_id = ?", (name,)):
                serde.loads_typed(packed)
        return dict(serde.loads_typed(rows[0][1:])["channel_values"]) if rows else None
