"""Contestants: who answers a question, and what each answer costs.

Every contestant gets the same numbered questions. What it answers is a number (lines found, say), so that a race is
only believed where all answer alike.
"""

import gc
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Batch:
    """Some calls in a row."""

    walls: list[float]
    """Seconds that each call took."""
    cpu: float
    """User and system seconds of all calls together, those of child processes and threads included."""
    answers: list[int]


class WorkerError(Exception):
    """A contestant of another process could not answer; the message is what it said."""


class Contestant(Protocol):
    """One who answers numbered questions."""

    @property
    def name(self) -> str: ...

    @property
    def comparable(self) -> bool:
        """Whether its answers must equal those of the others."""

    def ask(self, questions: Sequence[int]) -> Batch: ...


@dataclass(frozen=True)
class Call:
    """A function of this process."""

    name: str
    function: Callable[[int], int]
    comparable: bool = True

    def ask(self, questions: Sequence[int]) -> Batch:
        """Answers, with Python's garbage collection put off until all are given."""
        walls, answers = [], []
        gc.disable()
        try:
            cpu = time.process_time()
            for question in questions:
                started = time.perf_counter()
                answers.append(self.function(question))
                walls.append(time.perf_counter() - started)
            cpu = time.process_time() - cpu
        finally:
            gc.enable()
        return Batch(walls, cpu, answers)


@dataclass(frozen=True)
class Command:
    """A program that is started for each question, as an agent starts it: from Python, its output read to the end."""

    name: str
    argv: Callable[[int], Sequence[str | Path]]
    cwd: Path
    count: Callable[[bytes], int] = lambda output: output.count(b"\n")
    """What the output answers; by default the number of its lines."""
    comparable: bool = True
    input: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    good: Sequence[int] = (0, 1)
    """Exit codes of a success; 1 mostly says that there was nothing to find."""

    def ask(self, questions: Sequence[int]) -> Batch:
        """Answers; raises WorkerError where the program fails."""
        walls, answers = [], []
        env = {**os.environ, "LC_ALL": "C.UTF-8", **self.env}
        cpu = _cpu_of_children()
        for question in questions:
            argv = self.argv(question)
            started = time.perf_counter()
            done = subprocess.run(argv, cwd=self.cwd, env=env, input=self.input, capture_output=True, check=False)
            walls.append(time.perf_counter() - started)
            if done.returncode not in self.good:
                raise WorkerError(f"{self.name}: {done.stderr.decode(errors='replace')[-500:]}")
            answers.append(self.count(done.stdout))
        return Batch(walls, _cpu_of_children() - cpu, answers)


@dataclass(frozen=True)
class Resident:
    """A library that lives in a process of its own, with its own environment; timed there."""

    name: str
    worker: "Worker"
    call: str
    arguments: Callable[[int], Mapping[str, object]]
    comparable: bool = True

    def ask(self, questions: Sequence[int]) -> Batch:
        """Answers; raises WorkerError."""
        return self.worker.ask(self.call, [self.arguments(question) for question in questions])


@dataclass(frozen=True)
class Fresh:
    """The same with a new process for each question, so that nothing is kept from the one before."""

    name: str
    worker: Callable[[], "Worker"]
    call: str
    arguments: Callable[[int], Mapping[str, object]]
    comparable: bool = True

    def ask(self, questions: Sequence[int]) -> Batch:
        """Answers; raises WorkerError."""
        batches = []
        for question in questions:
            with self.worker() as worker:
                batches.append(worker.ask(self.call, [self.arguments(question)]))
        walls = [wall for batch in batches for wall in batch.walls]
        answers = [answer for batch in batches for answer in batch.answers]
        return Batch(walls, sum(batch.cpu for batch in batches), answers)


class Worker:
    """A process that runs one of bench/workers and answers in lines of JSON."""

    def __init__(self, argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            argv, env={**os.environ, **(env or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )

    def ask(self, call: str, arguments: Sequence[Mapping[str, object]]) -> Batch:
        """Have one function of the worker called once for each of `arguments`; raises WorkerError."""
        assert self._process.stdin and self._process.stdout
        request = json.dumps({"call": call, "arguments": arguments})
        try:
            self._process.stdin.write(request.encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self._said.seek(0)
            raise WorkerError(self._said.read().decode(errors="replace").strip()[-1000:])
        return Batch(**json.loads(line))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._said.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
