"""The three ways in which a small model is put to a task: asked once, asked again and again, or led by the process."""

import json
import os
import re
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.environments import CACHE, programs
from bench.measure import adopt_orphans
from bench.smalltasks.task import Task
from bench.smalltasks.trial import lay_out, passes_tests
from models.embedded import LocalServer
from prompts import render
from workspace.sandbox import Sandbox

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 0.3, 0.5, 0.7, 0.8)
"""By sample, again from the start after the last."""

MOST_TOKENS = 600

SECONDS = 1800.0
"""Most wall time of one run of ours."""

PYTEST = "pytest>=9.2,<10"
"""What the environment of the tasks' projects has, apart from Python."""

REQUEST = "Make the failing tests pass."

_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Trial:
    """What came of one way at one task."""

    source: str
    """The module at the end."""
    claimed: bool
    """Whether it passes the tests that the project has, as executed by whoever chose it."""
    cpu: float
    """CPU seconds of everything, the model's included; loading the model counts for ours alone."""
    wall: float
    samples: int
    """Answers of the model; for ours as the run counts its calls."""


class Sampler:
    """A model behind its server that is asked for whole files. Close it at the end."""

    def __init__(self, gguf: Path, size: str) -> None:
        self._server = LocalServer.start(gguf, size, others=1)  # two trials run at a time

    def samples(self, task: Task, failure: str) -> Iterator[str | None]:
        """Yield answer after answer, each of its own seed and temperature; None for one without the function."""
        number = 0
        while True:
            yield self._asked(task, failure, TEMPERATURES[number % len(TEMPERATURES)], number)
            number += 1

    def cpu(self) -> float:
        """User and system seconds of the server so far."""
        fields = Path(f"/proc/{self._server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def _asked(self, task: Task, failure: str, temperature: float, seed: int) -> str | None:
        body = {
            "model": "local",
            "messages": [
                {"role": "system", "content": render("small", "system")},
                {"role": "user", "content": question(task, failure)},
            ],
            "temperature": temperature,
            "top_p": 0.95,
            "seed": seed,
            "max_tokens": MOST_TOKENS,
            "stream": True,
        }
        request = urllib.request.Request(
            f"{self._server.base_url}/chat/completions",
            json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {self._server.api_key}"},
        )
        text = ""
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            for line in answer:
                if line.startswith(b"data: {"):
                    text += json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
                if (code := function_in(text, task.name)) is not None:
                    return code  # what a model says after its code costs time and changes nothing
        return None


def sampled(sampler: Sampler, task: Task, sandbox: Sandbox, folder: Path, *, most: int, cpu: float) -> Trial:
    """Ask until an answer passes the tests, `most` answers were given, or `cpu` seconds are spent.

    Once (`most` = 1) the answer is taken as it is; otherwise the tests choose among the answers, which is more than a
    plain loop around a model has.
    """
    failure = _failure(task, folder)
    started, before, source = time.monotonic(), sampler.cpu() + _children(), task.given
    for number, answer in enumerate(sampler.samples(task, failure), 1):
        passed = answer is not None and passes_tests(task, answer, sandbox, folder)
        spent = sampler.cpu() + _children() - before
        if passed and answer is not None:
            return Trial(answer, True, spent, time.monotonic() - started, number)
        source = answer or source
        if number >= most or spent >= cpu:
            return Trial(source, False, spent, time.monotonic() - started, number)
    raise AssertionError("samples never end")


def led(task: Task, model: str, home: Path, folder: Path) -> Trial:
    """Let the process work on the task with the model, as a user starts it in the environment of a project."""
    lay_out(task, folder, task.given)
    program = Path(sys.executable).with_name("orchestrator")
    env = {**os.environ, "ORCHESTRATOR_HOME": str(home)}
    env["PATH"] = f"{programs(CACHE, 'pytest', [PYTEST])}{os.pathsep}{env['PATH']}"
    argv = [str(program), "auto", REQUEST, "--root", str(folder), "--model", model, "--json"]
    started, before = time.monotonic(), _children()
    argv += ["--max-seconds", str(int(SECONDS))]
    done = subprocess.run(argv, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=False)
    told = json.loads(done.stdout.splitlines()[-1])
    source, calls = (folder / f"{task.name}.py").read_text(encoding="utf-8"), told["usage"]["calls"]
    return Trial(source, told["outcome"] == "verified", _children() - before, time.monotonic() - started, calls)


def _failure(task: Task, folder: Path) -> str:
    """What pytest says of the module as it is given."""
    lay_out(task, folder, task.given)
    command = [
        programs(CACHE, "pytest", [PYTEST]) / "python",
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "--tb=short",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout[-1500:]


def question(task: Task, failure: str) -> str:
    """The question as ours puts it when it asks for a whole function: with what fails, or with what it must pass."""
    if task.kind == "repair":
        return render("small", "fix", code=task.given, failure=failure, name=task.name)
    head = task.given.replace("    raise NotImplementedError\n", "")
    asserts = "\n".join(line.strip() for line in task.tests.splitlines() if "assert" in line)
    return render("small", "rewrite", surroundings="", head=head, tests=asserts)


def function_in(answer: str, name: str) -> str | None:
    """The first block of code that defines the function; other blocks may repeat the tests."""
    return next((block for block in _FENCE.findall(answer) if re.search(rf"^def {name}\(", block, re.MULTILINE)), None)


def _children() -> float:
    """CPU seconds of all descendants that have ended, also of those in a sandbox, whose own parents end first."""
    adopt_orphans()
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
