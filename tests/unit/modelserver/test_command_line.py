"""The model server from a shell, as a real process: what it prints, how it ends, and how it refuses."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.modelserver.client import chat, exchange
from tests.world import hear_signals

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.modelserver"]
HELLO = ROOT / "tests" / "modelserver" / "scenarios" / "hello.json"


@dataclass
class Played:
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    ready: str
    port: int
    rest: list[str] = field(default_factory=list)

    def status(self, user: str, **more: Any) -> int:
        """The status of the answer to one question."""
        body = json.dumps(chat(user, **more)).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n"
        return exchange(self.port, head.encode() + body, 10.0).status

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it and keep what it printed; returns the exit code."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=20)
        self.rest = out.splitlines()
        return self.process.returncode


@contextmanager
def playing(*arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[Played]:
    """Start the server; it is killed if the test does not end it."""
    command = [*COMMAND, "--life", "60", *arguments]
    options = {"stdin": stdin, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT, "preexec_fn": hear_signals}
    with subprocess.Popen(command, **options) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        port = int(ready.split("127.0.0.1:")[1].split("/")[0])
        try:
            yield Played(process, ready, port)
        finally:
            process.kill()


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_the_address_a_line_for_each_request_and_the_counts(number: signal.Signals) -> None:
    """Text for people: where it is, who asked and what they got, and how much of each there was."""
    with playing("--scenario", "hello", "--fault", "e503", "--role", "coder") as server:
        assert server.ready.startswith("http://127.0.0.1:") and "models: hello" in server.ready
        assert [server.status("hi", model="hello") for _ in range(2)] == [503, 429]
        assert server.end(number) == 0
    first, second = sorted(server.rest[:2])  # a line is printed when its request has ended, which may cross
    counts = server.rest[2:]
    assert first.split()[:2] == ["1", "coder"] and "e503" in first and "refusal 503" in first
    assert "e429" in second and "sent 2 times" in second
    assert "fault:e503              1" in counts and "calls                   2" in counts


def test_objects_for_programs(tmp_path: Path) -> None:
    """With --json the address, each request and the counts are objects; the log file has the bodies too."""
    log = tmp_path / "log.jsonl"
    with playing("--scenario", str(HELLO), "--json", "--log", str(log)) as server:
        assert json.loads(server.ready)["models"] == ["hello"]
        server.status("the weather", model="hello")
        assert server.end() == 0
    entry, counters = map(json.loads, server.rest)
    assert (entry["role"], entry["fault"], entry["hung_up"]) == ("coder", "e429", False) and "body" not in entry
    assert counters["counters"]["calls"] == 1
    (logged,) = map(json.loads, log.read_text("utf-8").splitlines())
    assert logged["body"]["model"] == "hello"


def test_it_ends_with_its_input_where_asked() -> None:
    """A parent that goes away takes the server with it."""
    with playing("--scenario", "hello", "--until-eof", stdin=subprocess.PIPE) as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(timeout=20) == 0


def test_it_ends_by_itself() -> None:
    """--life is a bound on how long it is there."""
    with playing("--scenario", "hello", "--life", "0.1") as server:
        assert server.process.wait(timeout=20) == 0


def test_the_same_seed_plays_the_same_faults() -> None:
    """A rate is drawn by seed and request: two servers agree, another seed does not."""

    def statuses(seed: str) -> list[int]:
        with playing("--scenario", "hello", "--fault", "e500", "--rate", "0.5", "--seed", seed) as server:
            return [server.status(f"hi {number}", model="hello") for number in range(16)]

    first = statuses("3")
    assert first == statuses("3") != statuses("4")
    assert {200, 500} <= {*first} <= {200, 429, 500}


def test_faults_take_options_and_kinds_of_servers() -> None:
    """An option reaches the fault, and the error is in the words of the server that is played."""
    options = ("--fault", "T6", "--times", "0", "--option", "limit=5", "--as", "llama-server")
    with playing("--scenario", "hello", *options, "--json") as server:
        assert server.status("far too many words for so small a model", model="any") == 400
        server.end()
    assert json.loads(server.rest[-1])["counters"]["fault:e400_ctx"] == 1


def test_the_list_names_scenarios_servers_and_every_fault() -> None:
    """From T1 to B14, with ways and options."""
    listed = run("--list").stdout
    assert "scenarios: hello, quickstart, sample" in listed and "llama-server" in listed
    for letter, last in (("T", 20), ("M", 15), ("E", 16), ("B", 14)):
        assert all(f"\n  {letter}{number:<3}" in listed for number in range(1, last + 1))
    assert "ways: " in listed and "options: " in listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scenario", "nowhere"], "hello, quickstart, sample"),
        (["--fault", "T99"], "there is no fault"),
        (["--fault", "think:loudly"], "close_only"),
        (["--fault", "e429", "--option", "limit=5"], "retry_after"),
        (["--fault", "e429", "--option", "limit"], "NAME=VALUE"),
        (["--role", "cook"], "invalid choice"),
    ],
)
def test_what_is_wrong_is_told_with_what_there_is(arguments: list[str], words: str) -> None:
    """Exit code 2, one message on standard error, nothing started."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "") and words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    """The second server at one address ends with the system's words."""
    with playing("--scenario", "hello") as server:
        done = run("--scenario", "hello", "--port", str(server.port))
        assert done.returncode == 2 and "in use" in done.stderr
