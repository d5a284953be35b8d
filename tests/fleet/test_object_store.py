"""A run that travels through an object store: a server that speaks S3, a host that dies, another that goes on."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import LEASE, Field, field_of, slow_model

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]

ACCOUNT = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


class Bucket:
    """A server that speaks S3, with an empty bucket each time that it starts."""

    def __init__(self) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, place: Field) -> None:
        """Serve."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        place.until("the object store", lambda: listed(self.address) is not None)
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/fleet", method="PUT"), timeout=10).close()

    def stop(self) -> None:
        """Be away: connections are refused."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    """One that does not serve yet."""
    for package in ("s3fs", "moto"):
        pytest.importorskip(package, reason="needs the extra fleet-test")
    bucket = Bucket()
    yield bucket
    bucket.stop()


@pytest.fixture
def place(bucket: Bucket) -> Iterator[Field]:
    """A fleet whose store is a bucket."""
    with field_of(slow_model(1.0)) as place:
        bucket.start(place)
        place.world.env |= ACCOUNT | {"AWS_ENDPOINT_URL": bucket.address, "ORCHESTRATOR_FLEET_STORE": "s3://fleet/runs"}
        yield place


def listed(address: str) -> str | None:
    """What a page of the object store says, None while there is no answer."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return None


def test_a_run_goes_on_from_an_object_store_when_its_host_dies(place: Field) -> None:
    """No object stands in the database; nothing that was answered is asked again; the report comes from the bucket."""
    batch = place.taken()
    place.strike(place.workers[0], signal.SIGKILL, whole_host=True)
    (result,) = place.over(batch)

    assert (result["outcome"], result["epochs"]) == ("verified", 2)
    assert place.asked_again()[1] == []
    assert place.one("SELECT count(*) FROM fleet_object") == 0
    bucket = listed(f"{place.world.env['AWS_ENDPOINT_URL']}/fleet?list-type=2") or ""
    assert bucket.count("<Key>runs/") >= 5, bucket
    out = place.folder / "out"
    done = place.world.run("batch", "results", batch, "--out", str(out))
    assert done.code == 0 and len(list(out.glob("00001-*"))) == 2, done.err


def test_an_object_store_that_goes_away_costs_no_answer(place: Field, bucket: Bucket) -> None:
    """Stopped while a call is on its way: the run's process waits, and asks nothing again."""
    batch = place.taken()
    bucket.stop()
    time.sleep(3 * LEASE)
    bucket.start(place)
    (result,) = place.over(batch)

    assert (result["outcome"], result["epochs"]) == ("verified", 1), [worker.said() for worker in place.workers]
    assert place.asked_again() == (0, [])
