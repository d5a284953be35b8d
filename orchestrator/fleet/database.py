"""The fleet's database: SQLite in the state directory, or a PostgreSQL that all hosts share."""

import atexit
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from orchestrator.errors import UsageError
from orchestrator.fleet.patience import waited_for

LOST = "23F01"
"""What the fence says (its own SQLSTATE): another process holds the run now."""


class LeaseLost(Exception):
    """Another process holds the run, or it was cancelled: this one may write nothing any more."""


class Database:
    """Connections to the fleet's database. Safe for threads.

    `epoch` is the one that this process holds of a run; only with it can it write what belongs to a run. `lost` is
    called when the database refuses that.
    """

    def __init__(self, url: str, epoch: int | None = None, lost: Callable[[], object] | None = None) -> None:
        self.url = url
        self._lost = lost
        self.shared = not url.startswith("sqlite")
        self.now = (
            "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
            if self.shared
            else "((julianday('now') - 2440587.5) * 86400.0)"
        )
        options = [f"-c fleet.epoch={epoch}"] if epoch is not None else []
        connect: dict[str, Any] = {"timeout": 30}
        if self.shared:
            connect = {"connect_timeout": 10, "options": " ".join(options), "application_name": "orchestrator"}
        self._engine = sa.create_engine(dialect_url(url), connect_args=connect, pool_pre_ping=True, pool_size=3)
        atexit.register(self.close)
        if not self.shared:
            sa.event.listen(self._engine, "connect", _prepare)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Several statements that hold together, or not at all; raises LeaseLost, and sqlalchemy's OperationalError."""
        try:
            with self._engine.begin() as connection:
                if not self.shared:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield Transaction(connection, self.now)
        except sa.exc.DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", "") == LOST:
                if self._lost is not None:
                    self._lost()
                raise LeaseLost(str(fault.orig).splitlines()[0]) from None
            raise

    def rows(self, text: str, **values: Any) -> list[Mapping[str, Any]]:
        """What one statement gives; ``{now}`` in it is the database's own time."""
        with self.transaction() as transaction:
            return transaction.rows(text, **values)

    def change(self, text: str, **values: Any) -> int:
        """How many rows one statement changed."""
        with self.transaction() as transaction:
            return transaction.change(text, **values)

    def patiently(self, text: str, **values: Any) -> int:
        """The same, waiting for a database that is away."""
        return waited_for(lambda: self.change(text, **values))

    @contextmanager
    def alone(self, lock: int, patience: float) -> Iterator[None]:
        """Be the only process that holds a lock; raises UsageError where it is not to be had for so many seconds.

        Asked for again and again, never waited for in a statement: what builds an index beside running transactions
        would wait for it for ever.
        """
        if not self.shared:
            yield  # a file of one machine, on which one worker is
            return
        end = time.monotonic() + patience
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.execute(sa.text(f"SELECT pg_try_advisory_lock({lock})")).scalar():
                if time.monotonic() > end:
                    raise UsageError("Another process keeps the fleet's database to itself.", fix="Try again later.")
                time.sleep(0.2)
            try:
                yield
            finally:
                connection.execute(sa.text(f"SELECT pg_advisory_unlock({lock})"))

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


class Transaction:
    """Statements of one transaction."""

    def __init__(self, connection: sa.Connection, now: str) -> None:
        self._connection = connection
        self._now = now

    def rows(self, text: str, **values: Any) -> list[Mapping[str, Any]]:
        """What a statement gives."""
        return [dict(row) for row in self._connection.execute(self._text(text), values).mappings()]

    def change(self, text: str, **values: Any) -> int:
        """How many rows a statement changed."""
        return int(self._connection.execute(self._text(text), values).rowcount)

    def many(self, text: str, values: Sequence[Mapping[str, Any]]) -> None:
        """The same statement for many values."""
        if values:
            self._connection.execute(self._text(text), [dict(each) for each in values])

    def script(self, text: str) -> None:
        """Statements as they stand in a file, divided by a semicolon at the end of a line."""
        for statement in statements(text):
            self._connection.exec_driver_sql(statement.replace("%", "%%") if "%" in statement else statement)

    def _text(self, text: str) -> sa.TextClause:
        return sa.text(text.replace("{now}", self._now))


def statements(script: str) -> list[str]:
    """The statements of a script; a body in dollar quotes is one."""
    found, current, quoted = [], "", False
    for line in script.splitlines():
        if not quoted and line.startswith("--"):
            continue
        current += line + "\n"
        quoted ^= line.count("$$") % 2 == 1
        if not quoted and line.rstrip().endswith(";"):
            found.append(current)
            current = ""
    return [each for each in found if each.strip()]


def dialect_url(url: str) -> str:
    """The URL with the driver that is used."""
    head, _, tail = url.partition("://")
    return f"postgresql+psycopg://{tail}" if head in ("postgres", "postgresql") else url


def local_url(home: Path) -> str:
    """The database of one machine, in its state directory."""
    return f"sqlite:///{home / 'fleet' / 'fleet.sqlite'}"


def unreachable(fault: Exception) -> UsageError:
    """The sentence for a database that does not serve."""
    why = " ".join(str(getattr(fault, "orig", fault)).split())
    return UsageError(
        f"The fleet's database cannot be used ({why[:300]}).", fix="Start it, or correct `fleet.database`."
    )


def _prepare(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so, and take the lock to write at once
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
