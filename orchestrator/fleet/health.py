"""Health and metrics of a worker over HTTP, on this machine alone: what a supervisor and Prometheus ask for."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest

from orchestrator.errors import UsageError
from orchestrator.fleet.log import log
from orchestrator.fleet.metrics import FleetMetrics

if TYPE_CHECKING:
    from orchestrator.fleet.worker import Worker

LOOPBACK = "127.0.0.1"


@contextmanager
def served(worker: "Worker", port: int | None) -> Iterator[None]:
    """Answer on a port for as long as the worker lives; nothing is served where there is none. Raises UsageError."""
    if port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(FleetMetrics(worker))
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), handler_of(worker, registry))
    except OSError as fault:
        raise UsageError(
            f"Port {port} cannot be served ({fault.strerror}).", fix="Name another with --health."
        ) from None
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    log("health.served", address=f"http://{LOOPBACK}:{server.server_address[1]}")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def state_of(worker: "Worker") -> dict[str, Any]:
    """How a worker is: it is well while it beats."""
    silent = time.monotonic() - worker.beaten
    return {
        "status": "draining" if worker.draining else "ok" if silent < worker.lease.seconds else "silent",
        "worker": worker.name,
        "slots": worker.slots,
        "running": len(worker.running),
        "silent_seconds": round(silent, 1),
    }


def handler_of(worker: "Worker", registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    """What answers the requests."""

    class Handler(BaseHTTPRequestHandler):
        """Two pages."""

        def do_GET(self) -> None:
            """Answer /health and /metrics."""
            try:
                if self.path == "/health":
                    state = state_of(worker)
                    self._answer(503 if state["status"] == "silent" else 200, json.dumps(state), "application/json")
                elif self.path == "/metrics":
                    self._answer(200, generate_latest(registry).decode(), "text/plain; version=0.0.4; charset=utf-8")
                else:
                    self._answer(404, "There are /health and /metrics.\n", "text/plain")
            except sa.exc.DBAPIError:
                self._answer(503, "The database is away.\n", "text/plain")

        def _answer(self, code: int, text: str, kind: str) -> None:
            body = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a probe every few seconds is no news."""

    return Handler
