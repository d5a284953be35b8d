"""Where the checkpoints of a run are: a file in its folder, or the PostgreSQL database that a team shares."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any

from orchestrator.errors import UsageError
from workspace.run import Run

SECONDS = 10
"""How long a database is waited for."""


def database_of(run: Run) -> str:
    """The URL of the shared database; empty where the run keeps its checkpoints itself."""
    return str(run.settings.get("checkpoints") or "")


@contextmanager
def saver_of(run: Run) -> Iterator[Any]:
    """The saver of a run's checkpoints, ready; raises UsageError where the database cannot be used."""
    if url := database_of(run):
        with shared_saver(url) as saver:
            yield saver
        return
    from langgraph.checkpoint.sqlite import SqliteSaver

    # langgraph writes to it from a thread of its own
    with closing(sqlite3.connect(run.checkpoints_path, check_same_thread=False, timeout=30)) as connection:
        saver = SqliteSaver(connection)
        saver.setup()
        connection.execute("PRAGMA synchronous=NORMAL")
        yield saver


@contextmanager
def shared_saver(url: str) -> Iterator[Any]:
    """A saver on a PostgreSQL database; raises UsageError where it cannot be reached, or its package is missing."""
    try:
        postgres, psycopg = import_module("langgraph.checkpoint.postgres"), import_module("psycopg")
        rows = import_module("psycopg.rows").dict_row
    except ModuleNotFoundError:
        raise UsageError(
            "The packages for checkpoints in PostgreSQL are not installed.",
            fix="pip install 'opencode-orchestrator[postgres]'",
        ) from None
    try:
        connection = psycopg.connect(
            url, autocommit=True, prepare_threshold=0, row_factory=rows, connect_timeout=SECONDS
        )
        saver = postgres.PostgresSaver(connection)
    except psycopg.Error as error:
        raise unreachable(error) from None
    with closing(connection):
        try:
            saver.setup()
        except psycopg.errors.UniqueViolation:
            saver.setup()  # another run has made the tables at the same moment
        except psycopg.Error as error:
            raise unreachable(error) from None
        yield saver


def unreachable(error: Exception) -> UsageError:
    """The sentence for a database that does not serve."""
    why = " ".join(str(error).split())
    return UsageError(
        f"The database of checkpoints cannot be used ({why[:300]}).",
        fix="Start it, or correct `checkpoints` in your configuration.",
    )
