"""Checkpoints of a run that travels: in the shared database, behind the fence, each after all that it names."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.rows import dict_row

from orchestrator.fleet.database import LOST, LeaseLost
from workspace.run import Run


class FencedSaver(PostgresSaver):
    """A saver that ships first, and that learns from the database when the run is another process's."""

    ship: Callable[[], None]
    lost: Callable[[], object]

    def put(self, *arguments: Any, **named: Any) -> Any:
        """Keep a checkpoint; raises LeaseLost."""
        self.ship()
        return self._fenced(lambda: super(FencedSaver, self).put(*arguments, **named))

    def put_writes(self, *arguments: Any, **named: Any) -> None:
        """Keep what a task wrote; raises LeaseLost."""
        self.ship()
        self._fenced(lambda: super(FencedSaver, self).put_writes(*arguments, **named))

    def _fenced(self, write: Callable[[], Any]) -> Any:
        try:
            return write()
        except psycopg.Error as fault:
            if fault.sqlstate == LOST:
                self.lost()
                raise LeaseLost(str(fault).splitlines()[0]) from None
            raise


def fenced_checkpoints(
    url: str, epoch: int, ship: Callable[[], None], lost: Callable[[], object]
) -> Callable[[Run], AbstractContextManager[Any]]:
    """Opens the checkpoints of a run in the fleet's database, for the process that holds this epoch."""

    @contextmanager
    def opened(run: Run) -> Iterator[Any]:
        options = f"-c fleet.epoch={epoch}"
        with closing(
            psycopg.Connection.connect(
                url, autocommit=True, prepare_threshold=0, row_factory=dict_row, connect_timeout=10, options=options
            )
        ) as connection:
            saver = FencedSaver(connection)
            saver.ship, saver.lost = ship, lost
            yield saver

    return opened
