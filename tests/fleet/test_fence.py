"""What the database itself refuses: late writes, foreign roles, pickles, other schemas."""

import base64
import os
import pickle
import subprocess
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from orchestrator.fleet.lease import Lease, take
from orchestrator.fleet.schema import VERSION
from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import Field, field_of, slow_model

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]


@pytest.fixture(scope="module")
def place() -> Iterator[Field]:
    """A fleet in which nobody works."""
    with field_of(slow_model(0.1)) as place:
        yield place


WRITES = [
    "INSERT INTO fleet_journal (run, name, body) VALUES ('{run}', 'answer/x', '1')",
    "INSERT INTO fleet_event (run, seq, body) VALUES ('{run}', 1, '1')",
    "INSERT INTO fleet_part (run, name, digest) VALUES ('{run}', 'pack/1', '1')",
    "UPDATE fleet_run SET state = 'done', outcome = 'verified' WHERE run = '{run}'",
    "INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('{run}', '1', '{{}}')",
    "INSERT INTO checkpoint_writes (thread_id, checkpoint_id, task_id, idx, channel, blob) "
    "VALUES ('{run}', '1', 't', 0, 'c', '')",
    "INSERT INTO checkpoint_blobs (thread_id, channel, version, type) VALUES ('{run}', 'c', '1', 'empty')",
]


@pytest.mark.parametrize("write", WRITES)
def test_a_process_whose_epoch_is_over_writes_nothing(place: Field, write: str) -> None:
    """Journal, events, artefacts, checkpoints, result: each is refused to the old one and taken from the new one."""
    place.batch([place.line(WRITES.index(write), "one")])
    run = place.one("SELECT run FROM fleet_run WHERE state = 'queued' LIMIT 1")
    rows = place.rows
    for worker in ("a", "b"):
        assert take(Lease(rows, worker, 30.0), run) is not None
    rows.close()
    for epoch, refused in ((1, True), (2, False)):
        with psycopg.connect(place.database.url, options=f"-c fleet.epoch={epoch}", autocommit=True) as session:
            try:
                session.execute(write.format(run=run).encode())
                assert not refused, "a late write was taken"
            except psycopg.errors.DatabaseError as fault:
                assert refused and fault.sqlstate == "23F01", fault
    with psycopg.connect(place.database.url, autocommit=True) as session:
        session.execute("UPDATE fleet_run SET state = 'cancelled' WHERE run = %s", [run])


def test_a_submitter_queues_cancels_and_reads_and_nothing_else(place: Field) -> None:
    """The roles of the package, on the real tables."""
    script = files("orchestrator.fleet").joinpath("roles.sql").read_text("utf-8")
    with psycopg.connect(place.database.url, autocommit=True) as owner:
        owner.execute(script.encode())
        owner.execute("DROP ROLE IF EXISTS alice")
        owner.execute("CREATE ROLE alice LOGIN IN ROLE orchestrator_submitter")
        owner.execute("DROP ROLE IF EXISTS hand")
        owner.execute("CREATE ROLE hand LOGIN IN ROLE orchestrator_worker")
    mine = place.database.url.replace("team@", "alice@")
    env, place.world.env = place.world.env, {**place.world.env, "ORCHESTRATOR_FLEET_DATABASE": mine}
    try:
        batch = place.batch([place.line(50, "one")])
        assert place.world.run("batch", "status").code == 0
        assert place.world.run("batch", "cancel", batch).code == 0
    finally:
        place.world.env = env
    assert place.one("SELECT state FROM fleet_run WHERE batch = :b", b=batch) == "cancelled"
    with psycopg.connect(mine, autocommit=True) as session:
        for statement in (
            "UPDATE fleet_run SET state = 'done', outcome = 'verified'",
            "UPDATE fleet_run SET result = '{}'",
            "INSERT INTO fleet_journal (run, name, body) VALUES ('x', 'y', 'z')",
            "DELETE FROM fleet_batch",
            "SELECT * FROM dbos.workflow_status",
            "INSERT INTO fleet_object VALUES ('x', '', 0)",
            "UPDATE fleet_limit SET runs = 100",
            "SELECT * FROM checkpoints",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement.encode())


def test_a_worker_needs_no_right_to_change_the_schema(place: Field) -> None:
    """It works as its role, on what `--prepare` has made."""
    test_a_submitter_queues_cancels_and_reads_and_nothing_else(place)
    hand = place.database.url.replace("team@", "hand@")
    batch = place.batch([place.line(60, "one")])
    place.worker("--until-empty", ORCHESTRATOR_FLEET_DATABASE=hand)
    assert place.over(batch)[0]["outcome"] == "verified"
    assert place.workers[-1].process.wait(20) == 0


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


def test_a_job_that_is_a_pickle_runs_no_code(place: Field, tmp_path: Path) -> None:
    """Whoever can write a row of the engine's gets nothing executed by it; other jobs go on."""
    proof = tmp_path / "pwned"
    place.worker("--until-empty").process.wait(40)
    payload = base64.b64encode(pickle.dumps({"args": (Evil(proof),), "kwargs": {}})).decode()
    with psycopg.connect(place.database.url, autocommit=True) as session:
        known = session.execute("SELECT workflow_uuid FROM dbos.workflow_status LIMIT 1").fetchone()
        assert known is not None
        session.execute("UPDATE dbos.workflow_input SET inputs = %s WHERE workflow_uuid = %s", [payload, known[0]])
        session.execute(
            "UPDATE dbos.workflow_status SET status = 'ENQUEUED', serialization = 'py_pickle', started_at_epoch_ms = "
            "NULL, completed_at = NULL WHERE workflow_uuid = %s",
            [known[0]],
        )
    batch = place.batch([place.line(70, "one")])
    place.worker()
    assert place.over(batch)[0]["outcome"] == "verified"
    time.sleep(2)
    status = place.one("SELECT status FROM dbos.workflow_status WHERE workflow_uuid = :w", w=known[0])
    assert not proof.exists() and status not in ("ENQUEUED", "SUCCESS")


def test_another_schema_is_refused_in_one_sentence(place: Field) -> None:
    """A newer one, an older one, none at all, and a server that is not there."""
    try:
        for version, said in ((99, f"knows {VERSION}"), (0, f"needs {VERSION}")):
            place.rows.change("UPDATE fleet_schema SET version = :v", v=version)
            for command in (("batch", "status"), ("worker",)):
                done = place.world.run(*command)
                assert done.code == 2 and said in done.err and done.err.count("\n") == 1, done.err
    finally:
        place.rows.change("UPDATE fleet_schema SET version = :v", v=VERSION)
    place.world.env = {**place.world.env, "ORCHESTRATOR_FLEET_DATABASE": "postgresql://x@127.0.0.1:1/x"}
    done = place.world.run("batch", "status")
    assert done.code == 2 and "cannot be used" in done.err and "Traceback" not in done.err


def test_secrets_stand_in_no_row(place: Field) -> None:
    """The endpoint's key is the workers' own, and is in nothing that the database keeps."""
    dump = subprocess.run(
        [str(PROGRAMS[-1].parent / "pg_dump"), "-h", str(place.database.folder), "-U", "team", "postgres"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "fleet_run" in dump and "key-for-tests" not in dump
