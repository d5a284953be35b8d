"""A run that travels through an object store: a server that speaks S3, a host that dies, another that goes on."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import Field, field_of, slow_model

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]

ACCOUNT = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def place() -> Iterator[Field]:
    """A fleet whose store is a bucket."""
    for package in ("s3fs", "moto"):
        pytest.importorskip(package, reason="needs the extra fleet-test")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        with field_of(slow_model(1.0)) as place:
            address = f"http://127.0.0.1:{port}"
            place.until("the object store", lambda: listed(address) is not None)
            urllib.request.urlopen(urllib.request.Request(f"{address}/fleet", method="PUT"), timeout=10).close()
            place.world.env |= ACCOUNT | {"AWS_ENDPOINT_URL": address, "ORCHESTRATOR_FLEET_STORE": "s3://fleet/runs"}
            yield place
    finally:
        server.terminate()
        server.wait()


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
