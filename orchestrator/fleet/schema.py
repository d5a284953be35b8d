"""The schema of the fleet's database: made, brought up to date, and refused where it is another program's."""

import secrets
from importlib.resources import files

import sqlalchemy as sa

from orchestrator.checkpoints import shared_saver
from orchestrator.errors import UsageError
from orchestrator.fleet.database import Database, unreachable

VERSION = 2
"""What this program reads and writes. A worker of another version is refused: they would not mean the same."""

LOCK = 4217
"""Of PostgreSQL's advisory locks the one that who changes the schema holds."""

PATIENCE = 60.0
"""Seconds that another process may take to make the tables."""

MIGRATIONS = {
    1: "ALTER TABLE fleet_worker ADD COLUMN endpoints text NOT NULL DEFAULT '[]';\n"
    "ALTER TABLE fleet_run ADD COLUMN came bigint NOT NULL DEFAULT 0;",
}
"""The script that leads from each version to the next one."""


def prepared(database: Database) -> Database:
    """The database, with this program's schema; raises UsageError where it cannot be reached or has another one."""
    try:
        if version_of(database) != VERSION:
            brought_up(database)
        return database
    except sa.exc.DBAPIError as fault:
        raise unreachable(fault) from None


def verified(database: Database) -> Database:
    """The same for a process that may not change the schema."""
    try:
        version = version_of(database)
    except sa.exc.DBAPIError as fault:
        raise unreachable(fault) from None
    if version is None:
        raise UsageError("The fleet's database is empty.", fix="Prepare it once with: orchestrator worker --prepare")
    refuse_other(version)
    if version < VERSION:
        fix = "Bring it up to date with: orchestrator worker --prepare"
        raise UsageError(f"The fleet's database has schema {version}, this program needs {VERSION}.", fix=fix)
    return database


def version_of(database: Database) -> int | None:
    """The version of the schema; None where there is none."""
    with database.transaction() as transaction:
        look = (
            "SELECT to_regclass('fleet_schema') IS NOT NULL AS there"
            if database.shared
            else "SELECT count(*) AS there FROM sqlite_master WHERE name = 'fleet_schema'"
        )
        if not transaction.rows(look)[0]["there"]:
            return None
        return int(transaction.rows("SELECT version FROM fleet_schema")[0]["version"])


def brought_up(database: Database) -> None:
    """Make the tables, or bring them up to date, one process at a time."""
    with database.alone(LOCK, PATIENCE):
        version = version_of(database)
        refuse_other(version or 0)
        if database.shared:
            with shared_saver(database.url):
                pass  # the tables of checkpoints are made outside of any transaction: their set-up waits for all others
        with database.transaction() as transaction:
            if version is None:
                transaction.script(tables(shared=database.shared))
                transaction.change("INSERT INTO fleet_schema VALUES (:v, :s)", v=VERSION, s=secrets.token_hex(16))
            for step in range(version or VERSION, VERSION):
                transaction.script(MIGRATIONS[step])
                transaction.change("UPDATE fleet_schema SET version = :v", v=step + 1)
            if database.shared:
                transaction.script(file_text("fence.sql"))


def tables(*, shared: bool) -> str:
    """The statements that make the tables."""
    serial = "bigserial PRIMARY KEY" if shared else "INTEGER PRIMARY KEY AUTOINCREMENT"
    return file_text("schema.sql").replace("{serial}", serial).replace("{bytes}", "bytea" if shared else "blob")


def file_text(name: str) -> str:
    """A script of this package."""
    return files("orchestrator.fleet").joinpath(name).read_text("utf-8")


def refuse_other(version: int) -> None:
    """Raises UsageError for a schema that a newer program has made."""
    if version > VERSION:
        raise UsageError(
            f"The fleet's database has schema {version}, this program knows {VERSION}.",
            fix="Update this program: pip install --upgrade opencode-orchestrator",
        )
