"""The command without its start-up: forked from a process that has imported everything and done nothing.

Two seconds of imports for each of some hundred commands are most of what a test suite takes. What is forked runs
`python -m orchestrator` in a process of its own, with its own arguments, environment, folder, streams and signals, and
leaves as any Python process does. One such nursery serves each process of pytest, and ends with it.

    python -m tests.warm DESCRIPTOR        the nursery itself, on one end of a socket pair
"""

import atexit
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]

PRELOADED = (
    "langgraph.checkpoint.sqlite",
    "graph.build",
    "nodes.session",
    "models.client",
    "tools.search",
    "orchestrator.main",
    "orchestrator.commands.start",
    "orchestrator.commands.runs",
    "orchestrator.commands.change",
)
"""What most commands import."""

COMMAND = [sys.executable, "-m", "orchestrator"]
"""What is run."""

MAX_MESSAGE = 150_000
"""Most bytes of an order: arguments and environment."""


class Warm(subprocess.Popen[str]):
    """`subprocess.Popen` of a command of the orchestrator, which is forked instead of started."""

    def _execute_child(self, args: Any, *rest: Any) -> None:  # type: ignore[override]
        (_, _, _, pass_fds, cwd, env, *_), streams, start_new_session = rest, rest[9:15], rest[20]
        assert list(args[:3]) == COMMAND and not pass_fds and start_new_session
        stdin, _, _, stdout, _, stderr = streams
        order = {"arguments": list(args[3:]), "folder": os.fspath(cwd), "environment": dict(env)}
        self._told = nursery().fork(order, (stdin, stdout, stderr))
        self.pid = int(self._told.recv(16))
        self._child_created = True
        self._close_pipe_fds(*streams)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        self._told.setblocking(not wait_flags & os.WNOHANG)
        try:
            said = self._told.recv(16)
        except BlockingIOError:
            return 0, 0
        self._told.close()
        assert said, "the nursery has gone"
        return self.pid, int(said)

    def _internal_poll(self, _deadstate: int | None = None, **_: Any) -> int | None:
        with self._waitpid_lock:
            if self.returncode is None:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)
        return self.returncode


class Nursery:
    """The process that forks, as pytest's process sees it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self.end)

    def fork(self, order: dict[str, Any], streams: tuple[int, int, int]) -> socket.socket:
        """Order a process with these streams; what is returned tells its id, and in the end its status."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [*streams, theirs.fileno()])
        return ours

    def end(self) -> None:
        """End the nursery; what it has forked stays."""
        self._orders.close()
        self._process.wait()


@cache
def nursery() -> Nursery:
    """The nursery of this process."""
    return Nursery()


def serve(orders: socket.socket) -> dict[str, Any]:
    """Fork for each order, and tell how each child ended; returns in a child, with its order."""
    told: dict[int, socket.socket] = {}
    awake, bell = socket.socketpair()
    awake.setblocking(False)
    bell.setblocking(False)
    signal.set_wakeup_fd(bell.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as events:
        events.register(orders, selectors.EVENT_READ)
        events.register(awake, selectors.EVENT_READ)
        while True:
            for key, _ in events.select():
                if key.fileobj is awake:
                    awake.recv(4096)
                    tell(told)
                    continue
                message, streams, _, _ = socket.recv_fds(orders, MAX_MESSAGE, 4)
                if not message:
                    os._exit(0)
                if (pid := os.fork()) == 0:
                    signal.set_wakeup_fd(-1)
                    for each in (orders, awake, bell, *told.values()):
                        each.close()
                    return born(json.loads(message), streams)
                told[pid] = socket.socket(fileno=streams[3])
                told[pid].send(str(pid).encode())
                for stream in streams[:3]:
                    os.close(stream)


def tell(told: dict[int, socket.socket]) -> None:
    """Tell of every child that has ended."""
    while told:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with told.pop(pid) as ears:
            ears.send(str(status).encode(), socket.MSG_NOSIGNAL)


def born(order: dict[str, Any], streams: list[int]) -> dict[str, Any]:
    """Become the process that was ordered."""
    os.setsid()
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    return order


def main() -> NoReturn:
    """Import everything, serve, and in a child run the command."""
    from orchestrator.imports import collector_paused
    from orchestrator.langgraph_settings import prepare_environment

    prepare_environment(os.environ)
    with collector_paused():
        for name in PRELOADED:
            import_module(name)
    order = serve(socket.socket(fileno=int(sys.argv[1])))
    sys.path[0] = order["folder"]
    sys.argv = ["orchestrator", *order["arguments"]]
    runpy.run_module("orchestrator", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main()
