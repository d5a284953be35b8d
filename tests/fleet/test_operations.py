"""What who runs a fleet relies on: health, metrics, retention, branches, and sentences for what does not fit."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.small import PYTHON
from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import LEASE, Field, Worker, field_of, slow_model

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]


@pytest.fixture
def place() -> Iterator[Field]:
    """A fleet whose model answers at once."""
    with field_of(slow_model(0.0)) as place:
        yield place


def address_of(place: Field, worker: Worker) -> str:
    """Where a worker answers."""
    said = place.until("its address", lambda: [s for s in worker.said() if s["event"] == "health.served"])
    return str(said[0]["address"])


def got(url: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def metrics_of(address: str) -> dict[tuple[str, str], float]:
    """Every sample by its name and the value of its label."""
    families = text_string_to_metric_families(got(f"{address}/metrics")[1])
    return {(s.name, "".join(s.labels.values())): s.value for family in families for s in family.samples}


def test_a_worker_tells_how_it_is_and_what_the_fleet_has_done(place: Field) -> None:
    """Health and metrics agree with the model server and the results; while the database is away both say so."""
    worker = place.worker("--health", "0", slots=2)
    address = address_of(place, worker)
    assert json.loads(got(f"{address}/health")[1])["status"] == "ok"
    batch = place.batch([place.line(1), place.line(2), place.line(3) | {"revision": "no-such"}])
    place.over(batch)
    place.until("its slots", lambda: json.loads(got(f"{address}/health")[1])["running"] == 0)

    told = metrics_of(address)
    assert told["orchestrator_runs_ended_total", "verified"] == 2
    assert told["orchestrator_runs_ended_total", "failed"] == 1
    assert told["orchestrator_calls_total", ""] == len([e for e in place.server.log.entries if e["role"]])
    assert told["orchestrator_tokens_total", ""] > 0 and told["orchestrator_lease_losses_total", ""] == 0
    assert (told["orchestrator_workers", ""], told["orchestrator_slots", ""]) == (1, 2)
    assert got(f"{address}/else")[0] == 404

    place.database.stop()
    assert got(f"{address}/metrics")[0] == 503
    place.until("its silence", lambda: got(f"{address}/health")[0] == 503, 4 * LEASE)
    place.database.start()
    place.until("its return", lambda: got(f"{address}/health")[0] == 200, 4 * LEASE)


def test_the_age_of_what_waits_is_told(place: Field) -> None:
    """Depth by state, and how long the oldest run that is due has waited; one that is not due does not count."""
    due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    place.batch([place.line(1, endpoint="elsewhere"), place.line(2, not_before=due)])
    place.rows.change("UPDATE fleet_run SET submitted = submitted - 100")
    told = metrics_of(address_of(place, place.worker("--health", "0")))
    assert told["orchestrator_runs", "queued"] == 2
    assert 100 <= told["orchestrator_oldest_seconds", ""] < 160


def test_a_port_that_is_taken_is_one_sentence(place: Field) -> None:
    """With the flag that helps, and exit code 2."""
    port = address_of(place, place.worker("--health", "0")).rpartition(":")[2]
    done = place.world.run("worker", "--health", port)
    assert done.code == 2 and "cannot be served" in done.err and "--health" in done.err


def test_what_old_runs_have_left_goes_and_their_results_stay(place: Field) -> None:
    """Rows, objects and checkouts; those of a run that ended a day ago are kept."""
    batch = place.batch([place.line(1), place.line(2)])
    place.worker("--until-empty")
    old, recent = place.over(batch)
    assert place.workers[0].process.wait(30) == 0
    rows = place.rows
    kept = "SELECT count(*) FROM fleet_part WHERE run = :r"
    assert place.one(kept, r=old["run"]) > 0
    rows.change("UPDATE fleet_run SET ended = ended - 31 * 86400.0 WHERE run = :r", r=old["run"])
    rows.change("UPDATE fleet_run SET ended = ended - 86400.0 WHERE run = :r", r=recent["run"])
    rows.change("UPDATE fleet_object SET at = at - 2 * 86400.0")
    objects = place.one("SELECT count(*) FROM fleet_object")

    place.worker("--keep-days", "30")
    place.until("the tidying up", lambda: place.one(kept, r=old["run"]) == 0)
    place.until("the objects", lambda: place.one("SELECT count(*) FROM fleet_object") < objects)
    assert place.one(kept, r=recent["run"]) > 0
    results = place.world.run("batch", "results", batch, "--out", str(place.folder / "out"))
    lines = [json.loads(line) for line in results.out.splitlines()]
    assert [line["outcome"] for line in lines] == ["verified", "verified"]
    reports = sorted(path.name for path in (place.folder / "out").glob("*.html"))
    assert reports == [f"00002-{recent['run'][:8]}.html", "index.html"]


def test_verified_changes_become_branches_and_nothing_else_changes(place: Field) -> None:
    """On the commit that the run began from; the user's branch, index and files stay as they are."""
    batch = place.batch([place.line(1), place.line(2) | {"revision": "no-such"}])
    place.worker("--until-empty")
    (result, _) = place.over(batch)
    repository = Path(place.repository("r1"))

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True).stdout

    before = git("status", "--porcelain", "-b"), git("rev-parse", "HEAD")
    for _ in range(2):  # a second time changes nothing
        done = place.world.run("batch", "results", batch, "--branches", str(repository))
        assert done.code == 2 and "Traceback" not in done.err, done.err
    assert (git("status", "--porcelain", "-b"), git("rev-parse", "HEAD")) == before
    branches = git("for-each-ref", "--format=%(refname)").split()
    assert branches == ["refs/heads/main", f"refs/heads/orchestrator/{result['run'][:8]}"]
    branch = branches[1]
    assert git("rev-parse", f"{branch}^") == git("rev-parse", "main")
    assert git("diff", "--name-only", "main", branch).split() == result["files"] == [PYTHON.path]
    assert PYTHON.repair.strip() in git("show", f"{branch}:{PYTHON.path}")
    refused = place.world.run("batch", "results", batch, "--branches", str(place.folder))
    assert refused.code == 2 and "--branches" in refused.err and "Traceback" not in refused.err


def test_an_endpoint_that_no_worker_knows_is_named(place: Field) -> None:
    """Its runs wait, which `status` says; they go on with the first worker that knows it; others do not wait."""
    batch = place.batch([place.line(1, endpoint="lab"), place.line(2)])
    place.worker()
    place.until("the other run", lambda: place.one("SELECT count(*) FROM fleet_run WHERE state = 'done'") == 1)
    said = place.world.run("batch", "status")
    assert "1 run waits for the endpoint 'lab', which no worker knows (fleet.endpoints)" in said.out, said.out
    assert json.loads(place.world.run("batch", "status", "--json").out)["unknown_endpoints"] == {"lab": 1}

    endpoints = {"lab": {"base_url": place.server.base_url, "key_variable": "OPENAI_API_KEY"}}
    place.worker(ORCHESTRATOR_FLEET_ENDPOINTS=json.dumps(endpoints))
    assert [result["outcome"] for result in place.over(batch)] == ["verified", "verified"]
    assert "no worker knows" not in place.world.run("batch", "status").out


def test_workers_of_different_versions_are_named(place: Field) -> None:
    """They share a queue as long as the schema is the same; who looks is told, since prompts may differ."""
    place.rows.change("INSERT INTO fleet_worker VALUES ('old-1', 'h', '0.0.1', '[]', 1, {now}, {now} + 60, 0)")
    worker = place.worker()
    (told,) = place.until("what differs", lambda: [each for each in worker.said() if each["event"] == "workers.differ"])
    assert "0.0.1" in told["versions"]
    assert "The workers have different versions" in place.world.run("batch", "status").out


def test_a_worker_that_knows_more_is_not_kept_from_feeding(place: Field) -> None:
    """Whatever the order in which workers look, runs of an endpoint go on as soon as one of them knows it."""
    endpoints = {"lab": {"base_url": place.server.base_url, "key_variable": "OPENAI_API_KEY"}}
    for number in range(3):
        place.up(place.worker(**({"ORCHESTRATOR_FLEET_ENDPOINTS": json.dumps(endpoints)} if number == 1 else {})))
    results = place.over(place.batch([place.line(1, endpoint="lab"), place.line(2, endpoint="lab")]), 60)
    assert [result["outcome"] for result in results] == ["verified", "verified"]
