"""The engine: DBOS, as a dispatcher and nothing more. Its rows are JSON, and one that is a pickle is refused."""

import json
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbos import DBOS, Serializer
from dbos._serialization import DBOSDefaultSerializer  # the class that unpickles whatever a row says that it is

from orchestrator.fleet.database import dialect_url
from orchestrator.fleet.port import Job
from orchestrator.fleet.schema import VERSION

POLL = 1.0
"""Seconds between two looks of a worker into a queue."""

MOST_DEATHS = 5
"""Workers that one turn of a run may end before it is handed out no more."""

PARKED = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


class Json(Serializer):
    """Rows as JSON: whoever may write one gets no code to run here."""

    def serialize(self, data: Any) -> str:
        """Write a value."""
        return json.dumps(data, default=str)

    def deserialize(self, serialized_data: str) -> Any:
        """Read a value."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Under which the rows are known."""
        return "json"


def refused_pickle(*_: object, **__: object) -> Any:
    """Take the place of reading a pickle, which would run what it says."""
    raise ValueError("a pickled row is refused")


class DbosEngine:
    """The engine over DBOS; one for each process, since DBOS has one for each process."""

    def __init__(self, url: str, worker: str, *, poll: float = POLL) -> None:
        self._worker, self._poll, self._slots = worker, poll, 1
        self._served: dict[str, int | None] = {}
        DBOSDefaultSerializer.deserialize = refused_pickle  # type: ignore[method-assign]
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS(
            config={
                "name": "orchestrator",
                "system_database_url": engine_url(url),
                "executor_id": worker,
                "application_version": f"fleet-{VERSION}",
                "log_level": "CRITICAL",
                "sys_db_pool_size": 5,
                "serializer": Json(),
                "run_migrations": url.startswith("sqlite"),  # of a shared database only who may change its schema does
            }
        )

    def start(self, work: Callable[[str], None], slots: int) -> None:
        """Join, and call `work` with the id of a run for each job that this worker is given."""
        self._slots = slots

        @DBOS.workflow(name="run", max_recovery_attempts=MOST_DEATHS)
        def run(name: str) -> str:
            work(str(name))
            return "over"

        DBOS.launch()

    def serve(self, endpoint: str, most: int | None) -> None:
        """Take jobs of an endpoint, of which at most so many run in the whole fleet."""
        if endpoint in self._served and self._served[endpoint] == most:
            return
        DBOS.register_queue(
            queue_of(endpoint),
            worker_concurrency=min(self._slots, most or self._slots),
            global_concurrency=most,
            partition_concurrency=1,
            polling_interval_sec=self._poll,
            on_conflict="always_update",
        )
        self._served[endpoint] = most

    def hand_in(self, job: Job) -> None:
        """Put a job into the queue of its endpoint."""
        DBOS.enqueue_workflow_with_options(
            {
                "workflow_name": "run",
                "queue_name": queue_of(job.endpoint),
                "queue_partition_key": job.repository,
                "workflow_id": job.id,
                "priority": job.priority,
            },
            job.run,
        )

    def owners(self) -> set[str]:
        """The workers that jobs are with now, the dead ones included."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {str(each.executor_id) for each in pending}

    def reclaim(self, dead: Collection[str]) -> None:
        """Put the jobs of these workers back into their queues; may be done by several workers at once."""
        # Conditional on the dead worker, and it counts: the public way to resume a job is neither.
        DBOS._recover_pending_workflows(sorted(dead))

    def parked(self) -> list[tuple[str, int]]:
        """The runs whose jobs ended so many workers that they are handed out no more, each with the turn."""
        found = DBOS.list_workflows(status=PARKED, load_input=False, load_output=False)
        parts = [str(each.workflow_id).partition("/") for each in found]
        return [(run, int(turn)) for run, _, turn in parts]

    def forget(self, before: float) -> int:
        """Remove the records of jobs that ended before a time (seconds since 1970); how many."""
        moment = datetime.fromtimestamp(before, UTC).isoformat()
        over = ["SUCCESS", "ERROR", "CANCELLED"]
        found = DBOS.list_workflows(
            status=over, completed_before=moment, limit=1000, load_input=False, load_output=False
        )
        DBOS.delete_workflows([each.workflow_id for each in found])
        return len(found)

    def stop(self) -> None:
        """Leave: take no more jobs."""
        DBOS.destroy(destroy_registry=True)


def migrate(url: str) -> None:
    """Make the engine's own tables, or bring them up to date."""
    DBOS.migrate(engine_url(url))


def queue_of(endpoint: str) -> str:
    """The name of an endpoint's queue."""
    return f"endpoint {endpoint}"


def engine_url(url: str) -> str:
    """Where the engine keeps its rows: in a PostgreSQL beside ours, on one machine in a file of its own."""
    if not url.startswith("sqlite:///"):
        return dialect_url(url)
    return f"sqlite:///{Path(url.removeprefix('sqlite:///')).with_name('engine.sqlite')}"
