"""The server itself: a real socket on 127.0.0.1, many scenarios, a log of every request, and counters."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.modelserver import strict, wire
from tests.modelserver.dialects import DIALECTS, Offered
from tests.modelserver.faults.context import cut_to
from tests.modelserver.handler import handler_for
from tests.modelserver.log import Entry, RequestLog
from tests.modelserver.reply import Broken, Noisy, Outcome, Raw, Refusal, Reply, error
from tests.modelserver.request import Request
from tests.modelserver.scenario import Scenario, Served

LET_GO_SECONDS = 5.0
"""How long a connection that was broken off is waited for."""


class Server:
    """A running model server, for `with Server(scenarios) as server: … server.base_url`.

    `dialect` is the kind of server that it plays ("openai", "ollama", "lmstudio", "llama-server", "vllm"). `log` names
    a file for every request as a JSON line, `life` ends the server by itself after so many seconds, `tell` hears of
    every request when it has ended.

    `log` (a RequestLog) answers questions about the requests, `requests` are its entries. `counters` hold calls,
    answered, tokens, unmatched, refused (400 by strict mode), fault:KIND, concurrency (greatest), identical (most
    answers to one same request), repeated (requests whose bytes had been sent before), alike (most requests with one
    same question) and after:MARK.
    """

    def __init__(
        self,
        scenarios: Iterable[Scenario] | Scenario = (),
        *,
        port: int = 0,
        log: Path | None = None,
        life: float | None = None,
        dialect: str = "openai",
        tell: Callable[[Entry], None] | None = None,
    ) -> None:
        given = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
        self.scenarios = {scenario.name: scenario for scenario in given}
        self.dialect = DIALECTS[dialect]
        self.log = RequestLog(log, tell)
        self.counters: Counter[str] = Counter()
        self.stopping = threading.Event()
        self._answered: Counter[str] = Counter()
        self._alike: Counter[str] = Counter()
        self._marks: list[str] = []
        self._lock = threading.RLock()
        self._life = life
        self._timers: list[threading.Timer] = []
        self._listener: _Listener | None = _Listener(("127.0.0.1", port), handler_for(self))
        self.port = int(self._listener.server_address[1])
        self.root_url = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.root_url}/v1"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def requests(self) -> list[Entry]:
        """The entries of the log, in order of arrival."""
        return self.log.entries

    def start(self) -> None:
        """Serve in the background."""
        self._listen()
        if self._life is not None:
            self._after(self._life, self.stop)

    def stop(self) -> None:
        """Stop serving; connections that hang are let go."""
        with self._lock:
            if self.stopping.is_set():
                return
            self.stopping.set()
            for timer in self._timers:
                timer.cancel()
        self._close()

    def wait(self) -> None:
        """Block until the server is stopped."""
        self.stopping.wait()

    def die(self, seconds: float | None) -> None:
        """Close the address and every connection at once; be back after so many seconds, None for not by itself."""
        self._close()
        if seconds is not None:
            self._after(seconds, self.revive)

    def revive(self) -> None:
        """Serve again at the same address; nothing happens if the server is alive or has been stopped."""
        with self._lock:
            if self._listener is not None or self.stopping.is_set():
                return
            self._listener = _Listener(("127.0.0.1", self.port), handler_for(self))
            self._listen()

    def mark(self, name: str) -> None:
        """From here on every request is counted as after:NAME (the run has finished, the budget is spent, …)."""
        with self._lock:
            self._marks.append(name)

    def bodies(self, role: str = "") -> list[dict[str, Any]]:
        """Return the bodies of the logged requests, of one agent if a role is given."""
        return [entry["body"] for entry in self.log.of(role=role)]

    def settled(self, *, requests: int, ended: int, timeout: float) -> bool:
        """Wait until so many requests have come and so many have ended; False if that takes longer than `timeout`."""
        return self.log.settled(requests=requests, ended=ended, timeout=timeout)

    def offered(self) -> list[Offered]:
        """Return the models on offer, one for each scenario."""
        return [Offered(each.name, each.context) for each in self.scenarios.values()]

    def receive(self, request: Request) -> tuple[Request, Entry]:
        """Count and log a request before it is served."""
        counted, entry = self.log.receive(request)
        with self._lock:
            self._alike[counted.likeness] += 1
            self.counters["calls"] += 1
            self.counters["repeated"] += counted.sent_before > 0
            self.counters["alike"] = max(self.counters["alike"], self._alike[counted.likeness])
            self.counters["concurrency"] = max(self.counters["concurrency"], entry["in_flight"])
            for name in self._marks:
                self.counters[f"after:{name}"] += 1
        return counted, entry

    def decide(self, request: Request) -> Served:
        """Return what a request gets: a refusal by the server or by strict mode, else what its scenario says."""
        scenario = self._scenario_of(request)
        if isinstance(scenario, Refusal):
            return Served(scenario, "unknown model")
        refused = strict.refused_parameter(request, scenario.refuses)
        if refused is None and scenario.strict and not request.infill:
            refused = strict.fault_of(request)
        if refused is not None:
            return Served(error(400, refused), "refused")
        if (objection := self.dialect.objection(request)) is not None:
            return Served(objection, "refused")
        if scenario.context is None or self.dialect.fits(request, scenario.context):
            return scenario.serve(request, self.dialect)
        return self._overflowed(request, scenario, scenario.context)

    def decided(self, request: Request, entry: Entry, served: Served) -> None:
        """Count what a request gets, before it gets it: a client that has its answer finds the counters right."""
        with self._lock:
            entry |= {"rule": served.rule, "fault": served.fault, "outcome": _named(served.outcome)}
            if isinstance(served.outcome, Reply):
                usage = wire.usage_of(served.outcome, request)
                entry |= {"prompt_tokens": usage["prompt_tokens"], "completion_tokens": usage["completion_tokens"]}
                if not served.fault:
                    self._answered[request.digest] += 1
                    self.counters["answered"] += 1
                    self.counters["identical"] = max(self.counters["identical"], self._answered[request.digest])
                    self.counters["tokens"] += usage["total_tokens"]
            if served.fault:
                self.counters[f"fault:{served.fault}"] += 1
            self.counters["refused"] += served.rule == "refused"
            self.counters["unmatched"] += served.rule == "unmatched"

    def _scenario_of(self, request: Request) -> Scenario | Refusal:
        known = sorted(self.scenarios)
        if request.model in self.scenarios:
            return self.scenarios[request.model]
        refusal = self.dialect.unknown_model(request.model, known)
        return self.scenarios[known[0]] if refusal is None else refusal

    def _overflowed(self, request: Request, scenario: Scenario, limit: int) -> Served:
        refusal = self.dialect.overflow(request.prompt_tokens, request.max_tokens or 0, limit)
        if refusal is not None:
            return Served(refusal, "too long")
        served = scenario.serve(cut_to(request, limit, keep_system=True), self.dialect)
        return Served(_counted_as(served.outcome, limit), served.rule, served.fault)

    def _listen(self) -> None:
        assert self._listener is not None
        serve = self._listener.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _close(self) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown()
            listener.server_close()
            listener.drop_connections()

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()


class _Listener(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._connections: dict[socket.socket, threading.Thread] = {}
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, and keep both in mind: so it can be dropped."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection whose handler has ended."""
        super().shutdown_request(request)
        self._connections.pop(request, None)

    def drop_connections(self) -> None:
        """Break off every connection that is open, and wait until whoever served it has let go of it."""
        for connection, thread in list(self._connections.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            if thread is not threading.current_thread():
                thread.join(LET_GO_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the server."""


def _named(outcome: Outcome) -> str:
    match outcome:
        case Refusal() | Raw():
            return f"{type(outcome).__name__.lower()} {outcome.status}"
        case Broken() | Noisy():
            return f"{type(outcome).__name__.lower()} {outcome.how}"
    return type(outcome).__name__.lower()


def _counted_as(outcome: Outcome, prompt_tokens: int) -> Outcome:
    return replace(outcome, prompt_tokens=prompt_tokens) if isinstance(outcome, Reply) else outcome
