"""Checkpoints of a run that travels: in the shared database, behind the fence, each after all that it names."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.rows import dict_row

from orchestrator.fleet.database import LOST, LeaseLost
from orchestrator.fleet.patience import waited_for
from workspace.run import Run


class FencedSaver(PostgresSaver):
    """A saver that ships first, that outlasts a database, and learns from it when the run is another process's."""

    connect: Callable[[], "psycopg.Connection[dict[str, Any]]"]
    ship: Callable[[], None]
    lost: Callable[[], object]

    def put(self, *arguments: Any, **named: Any) -> Any:
        """Keep a checkpoint; raises LeaseLost."""
        self.ship()
        return self._fenced(lambda: super(FencedSaver, self).put(*arguments, **named))

    def get_tuple(self, config: Any) -> Any:
        """The checkpoint that a configuration names."""
        return self._fenced(lambda: super(FencedSaver, self).get_tuple(config))

    def put_writes(self, *arguments: Any, **named: Any) -> None:
        """Keep what a task wrote; raises LeaseLost."""
        self.ship()
        self._fenced(lambda: super(FencedSaver, self).put_writes(*arguments, **named))

    def _fenced(self, write: Callable[[], Any]) -> Any:
        try:
            return waited_for(lambda: self._connected(write))
        except psycopg.Error as fault:
            if fault.sqlstate == LOST:
                self.lost()
                raise LeaseLost(str(fault).splitlines()[0]) from None
            raise

    def _connected(self, write: Callable[[], Any]) -> Any:
        with self.lock:
            if self.conn.closed:
                self.conn = self.connect()
        return write()


def fenced_checkpoints(
    url: str, epoch: int, ship: Callable[[], None], lost: Callable[[], object]
) -> Callable[[Run], AbstractContextManager[Any]]:
    """Opens the checkpoints of a run in the fleet's database, for the process that holds this epoch."""

    @contextmanager
    def opened(run: Run) -> Iterator[Any]:
        def connected() -> "psycopg.Connection[dict[str, Any]]":
            return psycopg.Connection.connect(
                url,
                autocommit=True,
                prepare_threshold=0,
                row_factory=dict_row,
                connect_timeout=10,
                options=f"-c fleet.epoch={epoch}",
            )

        saver = FencedSaver(waited_for(connected))
        saver.connect, saver.ship, saver.lost = connected, ship, lost
        try:
            yield saver
        finally:
            saver.conn.close()

    return opened
