"""Runs through the real command, on a real project, against a scripted model over a real socket."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FIXED, scripted

from tests.modelserver.reply import Reply
from tests.modelserver.server import Server
from tests.world import World, end


def files_of(project: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes; what Python leaves behind does not count."""
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def wait_until(condition: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    """Wait until something holds while a command runs; fails when the command ends first."""
    while not condition():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"ended too early: {process.communicate()}")


def ignore_hangup() -> None:
    """In the child, before the command starts: what nohup does."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class TestAuto:
    """The whole loop."""

    def test_a_verified_run_changes_the_project_and_proves_it(self, world: World, model: Server) -> None:
        """Exit 0, the file is repaired, and the evidence is red before and green after."""
        done = world.run("auto", "make add add", "--json")

        assert done.code == 0, done.err
        assert b"return a + b" in (world.project / "calc.py").read_bytes()
        result = done.result
        assert (result["outcome"], result["exit"], result["applied"], result["files"]) == (
            "verified",
            0,
            True,
            ["calc.py"],
        )
        evidence = result["tasks"][0]["evidence"]
        assert [(e["when"], e["passed"]) for e in evidence] == [("before", False), ("after", True)]
        assert result["usage"]["calls"] == len(model.requests)

    def test_progress_is_readable_in_a_log(self, world: World, model: Server) -> None:
        """Without a terminal: plain lines, then the summary with the commands that make sense next."""
        done = world.run("auto", "make add add", "--headless")

        assert "\x1b" not in done.out
        assert "coder, attempt 1" in done.out
        assert "VERIFIED" in done.out and "red → green" in done.out
        assert "orchestrator undo" in done.out

    def test_machine_output_leaves_standard_output_clean(self, world: World, model: Server) -> None:
        """With --events - and --json every line of standard output is JSON; people read standard error."""
        done = world.run("auto", "make add add", "--events", "-", "--json")

        records = [json.loads(line) for line in done.out.splitlines()]
        assert records[-1]["outcome"] == "verified"
        assert [r["type"] for r in records[:-1]] == [e["type"] for e in world.events()]
        assert "VERIFIED" in done.err

    def test_events_are_numbered_without_gap(self, world: World, model: Server) -> None:
        """One numbering for the whole run, whoever writes."""
        world.run("auto", "make add add", "--events", str(world.folder / "e.jsonl"))

        numbers = [event["seq"] for event in world.events()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len((world.folder / "e.jsonl").read_text().splitlines()) == len(numbers)

    def test_the_key_is_written_nowhere(self, world: World, model: Server) -> None:
        """The endpoint's key reaches neither the run's folder nor the output."""
        done = world.run("auto", "make add add", "--events", "-", "--json")

        assert "key-for-tests" not in done.out + done.err
        holding = [p for p in world.home.rglob("*") if p.is_file() and b"key-for-tests" in p.read_bytes()]
        assert holding == []

    def test_no_apply_leaves_the_project_alone(self, world: World, model: Server) -> None:
        """The verified change waits in the run until `apply`, and `undo` takes it back byte for byte."""
        before = files_of(world.project)
        done = world.run("auto", "make add add", "--no-apply", "--json")
        assert (done.code, done.result["applied"], done.result["files"]) == (0, False, ["calc.py"])
        assert files_of(world.project) == before

        patch = world.run("diff", "last").out
        assert "-    return a - b\n+    return a + b\n" in patch
        assert world.run("apply", "last").code == 0
        assert b"return a + b" in (world.project / "calc.py").read_bytes()
        assert world.run("apply", "last").code == 2
        assert world.run("undo", "last").code == 0
        assert files_of(world.project) == before
        assert world.run("undo", "last").code == 2

    def test_a_model_that_only_claims_success(self, world: World) -> None:
        """No edit, no success: the exit code is not 0 and the project is untouched."""
        before = files_of(world.project)
        with Server(scripted("All tests pass now, I have verified it.")) as server:
            done = world.run("auto", "make add add", "--json", "--base-url", server.base_url, "--model", "scripted")

        assert done.code in (1, 4)
        assert done.result["applied"] is False
        assert files_of(world.project) == before

    def test_a_spent_budget_ends_the_run(self, world: World, model: Server) -> None:
        """The limit of calls holds exactly, and the exit code says so."""
        done = world.run("auto", "make add add", "--max-calls", "1", "--json")

        assert (done.code, done.result["outcome"]) == (3, "budget")
        assert len(model.requests) == 1

    def test_a_wrong_key_ends_at_once(self, world: World) -> None:
        """A model that the endpoint does not know: exit 5, one sentence."""
        with Server(scripted()) as server:
            done = world.run("auto", "x", "--json", "--base-url", server.base_url, "--model", "unknown")

        assert (done.code, done.result["outcome"]) == (5, "provider")
        assert "Traceback" not in done.err

    def test_a_request_from_standard_input(self, world: World, model: Server) -> None:
        """`-` reads the request, of any number of lines."""
        process = world.start("auto", "-", "--json", stdin=subprocess.PIPE)
        _, err = process.communicate("make add add\nas the test says\n", timeout=90)

        assert process.returncode == 0, err
        assert world.events()[0]["request"] == "make add add\nas the test says"


class TestInterruption:
    """Ctrl-C, SIGTERM, cancel, kill -9: nothing is lost, nothing is paid twice."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_an_interruption_does_not_wait_for_the_model(self, world: World, number: signal.Signals) -> None:
        """While a call is on its way: exit 130 at once, with the command that goes on."""
        with Server(scripted(Reply("late", delay=60))) as server:
            process = world.start(
                "auto", "make add add", "--json", "--base-url", server.base_url, "--model", "scripted"
            )
            wait_until(lambda: server.bodies("coder"), process)
            done = end(process, number)

        assert done.code == 130
        assert "orchestrator resume" in done.err and "Traceback" not in done.err
        assert done.result["outcome"] == "interrupted"
        assert world.events()[-1]["type"] == "run.interrupted"

    def test_a_run_under_nohup_outlives_its_terminal(self, world: World) -> None:
        """A hangup that the process was started to ignore is ignored."""
        with Server(scripted(Reply(FIXED, delay=1.0))) as server:
            arguments = ["--json", "--base-url", server.base_url, "--model", "scripted"]
            process = world.start("auto", "make add add", *arguments, preexec_fn=ignore_hangup)
            wait_until(lambda: server.bodies("coder"), process)
            done = end(process, signal.SIGHUP)

        assert (done.code, done.result["outcome"]) == (0, "verified")

    def test_resume_goes_on_and_pays_nothing_twice(self, world: World) -> None:
        """The answered calls of the first process are not asked again by the second one."""
        with Server(scripted(Reply("late", delay=60))) as slow:
            arguments = ["--base-url", slow.base_url, "--model", "scripted"]
            process = world.start("auto", "make add add", *arguments)
            wait_until(lambda: slow.bodies("coder"), process)
            process.kill()
            process.communicate()
            port = slow.port
        with Server(scripted(), port=port) as server:
            done = world.run("resume", "last", "--json")

            assert done.code == 0, done.err
            assert server.bodies("orchestrator") == []
            assert b"return a + b" in (world.project / "calc.py").read_bytes()
        refusal = world.run("resume", "last")
        assert refusal.code == 2 and "has ended: verified" in refusal.err

    def test_a_busy_run_is_refused_and_can_be_cancelled(self, world: World) -> None:
        """A second process may not drive the same run, but it may interrupt the first one."""
        with Server(scripted(Reply("late", delay=60))) as server:
            process = world.start("auto", "make add add", "--base-url", server.base_url, "--model", "scripted")
            wait_until(lambda: server.bodies("coder"), process)
            second = world.run("resume", "last")
            assert second.code == 2
            assert f"process {process.pid}" in second.err and "orchestrator cancel" in second.err

            cancelled = world.run("cancel", "last")
            process.communicate(timeout=30)

        assert (cancelled.code, process.returncode) == (0, 130)
        again = world.run("cancel", "last")
        assert again.code == 2 and "not being driven" in again.err


class TestPlan:
    """Decompose only."""

    def test_a_plan_changes_nothing_and_can_be_carried_out(self, world: World, model: Server) -> None:
        """`plan` stops before the first lane; `auto --plan` goes on from there without asking again."""
        planned = world.run("plan", "make add add", "--json")
        assert (planned.code, planned.result["outcome"]) == (0, "planned")
        assert [t["title"] for t in planned.result["tasks"]] == ["Repair add"]
        asked = len(model.requests)
        assert model.bodies("coder") == []

        done = world.run("auto", "--plan", "last", "--json")
        assert done.code == 0, done.err
        assert len(model.bodies("orchestrator")) == asked


class TestLooking:
    """Commands that look at a finished run."""

    @pytest.fixture
    def finished(self, world: World, model: Server) -> World:
        """A world with one verified run."""
        assert world.run("auto", "make add add").code == 0
        return world

    def test_show_draws_the_run_from_its_events(self, finished: World) -> None:
        """What `auto` said at its end is said again."""
        done = finished.run("show", "last")

        assert "VERIFIED" in done.out and "red → green" in done.out

    def test_show_as_a_result_object(self, finished: World) -> None:
        """The same object that `auto --json` prints."""
        result = finished.run("show", "last", "--json").result

        assert (result["v"], result["outcome"], result["exit"]) == (1, "verified", 0)

    def test_show_as_a_picture(self, finished: World) -> None:
        """An SVG file that holds the outcome."""
        path = finished.folder / "run.svg"

        assert finished.run("show", "last", "--svg", str(path)).code == 0
        assert path.read_text().startswith("<svg") and "VERIFIED" in path.read_text()

    def test_runs_lists_it(self, finished: World) -> None:
        """One line for the run, with its outcome."""
        assert "verified" in finished.run("runs").out
        assert finished.run("runs", "--json").result["outcome"] == "verified"

    def test_a_replay_needs_no_model(self, finished: World) -> None:
        """The recorded run on the files as they were: same end, no call."""
        (finished.project / "calc.py").write_text("def add(a, b):\n    return a - b\n")
        finished.env = {}

        done = finished.run("auto", "make add add", "--model", "replay:last", "--json")

        assert (done.code, done.result["outcome"]) == (0, "verified"), done.err


class TestSurroundings:
    """agents, model, doctor."""

    def test_agents_shows_the_team(self, world: World, model: Server) -> None:
        """Six agents, and only two of them write source."""
        (world.project / "orchestrator.jsonc").write_text('{"agents": {"fixer": {"model": "other"}}}')

        agents = world.run("agents", "--json").result["agents"]
        assert len(agents) == 6
        assert [a["agent"] for a in agents if a["writes"]] == ["coder", "fixer"]
        assert {a["agent"]: a["model"] for a in agents}["fixer"] == "other"
        assert "scripted" in world.run("agents").out

    def test_agents_without_a_model_still_shows_the_team(self, world: World) -> None:
        """No model is no reason to hide who would use it."""
        done = world.run("agents")

        assert done.code == 0 and "planner" in done.out and "model fetch local" in done.out

    def test_model_list_names_what_can_be_had(self, world: World) -> None:
        """Embedded sizes with the command that fetches them, and what a run would use."""
        done = world.run("model", "list")

        assert "local:0.5b" in done.out and "orchestrator model fetch" in done.out

    def test_model_probe_asks_one_real_question(self, world: World, model: Server) -> None:
        """The product's own first question, answered and judged; then one small call for each ability."""
        done = world.run("model", "probe", "--json")

        abilities = [each["name"] for each in done.result["abilities"]]
        assert (done.code, done.result["usable"], len(model.requests)) == (0, True, 1 + len(abilities))
        assert abilities == ["streaming", "token counts", "JSON schema", "JSON mode", "tool calls"]

    def test_model_fetch_of_an_unknown_size(self, world: World) -> None:
        """The sizes that exist are named."""
        done = world.run("model", "fetch", "local:7b")

        assert done.code == 2 and "local:0.5b or local:1.5b" in done.err

    def test_doctor_says_state_reason_and_fix(self, world: World) -> None:
        """A missing model is the only thing missing here."""
        findings = {f["name"]: f for f in world.run("doctor", "--json").result["findings"]}

        assert findings["model"]["state"] == "missing"
        assert {findings[name]["state"] for name in ("python", "git", "native tools", "state")} == {"ok"}
        assert world.run("doctor").code == 1

    def test_doctor_is_content_with_a_model(self, world: World, model: Server) -> None:
        """Nothing missing: exit code 0."""
        assert world.run("doctor").code == 0
