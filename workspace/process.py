"""The one door to child processes: each leads a session of its own, has bounded output, and can be ended as a whole."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workspace.capture import Capture
from workspace.errors import WorkspaceError

MAX_OUTPUT = 1_000_000
"""Most bytes of output that a command's result keeps, unless the caller says otherwise."""

GRACE_SECONDS = 1.0
"""How long a command may take to clean up after the polite signal, before it is killed."""

_BLOCK = 65536


class CommandMissing(WorkspaceError):
    """The program of a command is not installed."""


class CommandEnded(WorkspaceError):
    """The command was ended by :func:`kill_all`: what it printed proves nothing."""


@dataclass(frozen=True)
class Completed:
    """How a command ended, and what it printed."""

    exit_code: int
    """Negative: the signal that ended it."""
    output: str
    """stdout and stderr in the order in which they came; the middle is cut where they are too long."""
    truncated: bool
    seconds: float
    timed_out: bool


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    env: Mapping[str, str] | None = None,
    input: bytes = b"",
    max_output: int = MAX_OUTPUT,
    handed: Sequence[int] = (),
) -> Completed:
    """Run a command to its end, at most ``timeout`` seconds; nothing that it started outlives it.

    ``env`` is the whole environment; None hands on this process's own. ``handed`` are descriptors that it inherits.
    Raises CommandMissing where there is no such program, and CommandEnded when :func:`kill_all` ended it.
    """
    begun = time.monotonic()
    stdin = subprocess.PIPE if input else subprocess.DEVNULL
    process = _started(argv, cwd=cwd, env=env, stdin=stdin, stderr=subprocess.STDOUT, handed=handed)
    capture = Capture(max_output)
    try:
        with _fed(process, input):
            timed_out = not _followed(process, capture.add, begun + timeout)
    finally:
        _end(process)
        ended = _forget(process)
    if ended:
        raise CommandEnded(f"{argv[0]} was ended before it was done")
    seconds = time.monotonic() - begun
    return Completed(process.returncode, capture.text(), capture.truncated, seconds, timed_out)


def captured(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], input: bytes) -> tuple[int, bytes, bytes]:
    """Run a program of ours that ends by itself, such as git; returns its exit code, its stdout and its stderr.

    Raises CommandMissing, and CommandEnded when :func:`kill_all` ended it.
    """
    process = _started(argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(input)
    except BaseException:
        _end(process)
        raise
    finally:
        ended = _forget(process)
    if ended:
        raise CommandEnded(f"{argv[0]} was ended before it was done")
    return process.returncode, out, err


class Child:
    """A server of our own: it holds a pipe to its stdin, speaks in lines on stdout, and ends when the pipe closes."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._rest = b""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe to the child."""
        assert self._process.stdin is not None
        return self._process.stdin

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def lines(self, *, timeout: float) -> Iterator[str]:
        """Yield stdout by lines, without line ends, until it closes or ``timeout`` seconds are over."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            while ready.select(max(0.0, deadline - time.monotonic())):
                block = os.read(self._process.stdout.fileno(), _BLOCK)
                *whole, self._rest = (self._rest + block).split(b"\n")
                for line in whole:
                    yield line.decode("utf-8", "replace").removesuffix("\r")
                if not block:
                    if self._rest:
                        yield self._rest.decode("utf-8", "replace")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._process.wait(GRACE_SECONDS)
                    return

    def close(self) -> int:
        """End the child and everything that it started; returns the exit code. May be called again."""
        with contextlib.suppress(OSError):
            self.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_SECONDS)
        _end(self._process)
        _forget(self._process)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self._process.returncode


def start_child(
    argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, nice: int = 0
) -> Child:
    """Start a server that lives until :meth:`Child.close`, :func:`kill_all`, or the end of this process.

    It must end when its stdin does: that is what ties it to this process, however this one ends. Its stderr is
    dropped. ``nice`` is added to this process's priority value. Raises CommandMissing.
    """
    process = _started(argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if nice:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + nice)
    return Child(process)


def kill_all(*, for_good: bool = False) -> None:
    """End every child that lives, at once; the threads that wait for one get CommandEnded.

    ``for_good``: this process is about to end, and no thread of it may start another child.
    """
    global _over
    with _lock:
        _over = _over or for_good
        for process in _living:
            _ended.add(process.pid)
            _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while _any_lives() and time.monotonic() < deadline:
        time.sleep(0.01)
    with _lock:
        for process in _living:
            _signal(process, signal.SIGKILL)


_lock = threading.Lock()
_living: "list[subprocess.Popen[bytes]]" = []
_ended: set[int] = set()
_over = False


def _started(
    argv: Sequence[str],
    *,
    cwd: Path | None,
    env: Mapping[str, str] | None,
    stdin: int,
    stderr: int,
    handed: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    try:
        # Started and listed in one step, so that kill_all misses none. No preexec_fn: it is not safe beside threads.
        # The death signal is tied to the thread that starts a child, so that a server would end with the worker
        # thread that happened to start it: see :mod:`workspace.namespace`.
        with _lock:
            if _over:
                raise CommandEnded(f"{argv[0]} was not started: this process is about to end")
            process = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                pass_fds=handed,
            )
            _living.append(process)
    except FileNotFoundError as error:
        missing = argv[0] if cwd is None or cwd.is_dir() else f"the folder {cwd}"
        raise CommandMissing(f"{missing} is not there; install it or correct the command") from error
    return process


@contextlib.contextmanager
def _fed(process: "subprocess.Popen[bytes]", input: bytes) -> Iterator[None]:
    """Write the input while the output is read, so that neither waits for the other."""
    if not input or process.stdin is None:
        yield
        return
    pipe = process.stdin

    def feed() -> None:
        with contextlib.suppress(OSError), pipe:
            pipe.write(input)

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        yield
    finally:
        _end(process)
        thread.join()


def _followed(process: "subprocess.Popen[bytes]", keep: Callable[[bytes], None], deadline: float) -> bool:
    """Read the output until the command is over; False when the time is over first.

    The command is over when its own process ends: something in its background that holds the pipe does not count.
    """
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    with process.stdout, selectors.DefaultSelector() as ready, end_notice(process.pid) as notice:
        os.set_blocking(pipe, False)
        ready.register(pipe, selectors.EVENT_READ)
        if notice is not None:
            ready.register(notice, selectors.EVENT_READ)
        while process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                _end(process)
                _drain(pipe, keep)
                return False
            wait = left if notice is not None else min(left, 0.05)
            if any(key.fd == pipe for key, _ in ready.select(wait)) and not _drain(pipe, keep):
                ready.unregister(pipe)
        _signal(process, signal.SIGKILL)
        _drain(pipe, keep)
        return True


@contextlib.contextmanager
def end_notice(process: int) -> Iterator[int | None]:
    """A descriptor that becomes readable when the process ends; None where it has, or the system has no such thing."""
    try:
        notice = os.pidfd_open(process)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield notice
    finally:
        os.close(notice)


def _drain(pipe: int, keep: Callable[[bytes], None]) -> bool:
    """Take what the pipe holds now, at most 64 blocks; False when it is at its end."""
    for _ in range(64):
        try:
            block = os.read(pipe, _BLOCK)
        except BlockingIOError:
            return True
        if not block:
            return False
        keep(block)
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and its group, politely first; waits until it is gone."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal to the process's group; a group that is gone is no failure."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _any_lives() -> bool:
    with _lock:
        return any(process.poll() is None for process in _living)


def _forget(process: "subprocess.Popen[bytes]") -> bool:
    """Take the process off the list of the living; True when kill_all ended it."""
    with _lock:
        if process in _living:
            _living.remove(process)
        ended = process.pid in _ended
        _ended.discard(process.pid)
    return ended
