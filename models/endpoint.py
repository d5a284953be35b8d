"""Where the questions go: an endpoint of the user's, or the embedded model's own server; both answer alike."""

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from models.connections import Incoming
from models.context import Context, context_at
from models.dialect import Put
from models.exchange import Exchange, Waits, encoded
from models.faults import Fault
from models.idleness import Others
from models.replies import Reply, error_in, storable
from models.resolve import Resolved
from models.server import CONTEXT_TOKENS
from models.transport import MAX_BODY

if TYPE_CHECKING:
    from models.client import Client
    from models.embedded import LocalServer


class Endpoint(Protocol):
    """Answers one request at a time, once; faults are values."""

    def chat(self, model: str, put: Put, waits: Waits) -> Reply | Fault:
        """Send one chat request."""
        ...

    def infill(self, model: str, body: Mapping[str, object], waits: Waits) -> Reply | Fault:
        """Send one infill request; the finish reason is "unsupported" where there is no such thing."""
        ...

    def context(self, model: str) -> Context | None:
        """Look up how much a model can read; None where nobody tells. No token is spent."""
        ...

    def close(self) -> None:
        """Let go of connections and processes."""
        ...


def open_endpoint(resolved: Resolved, *, connect_timeout: float) -> Endpoint:
    """Return the endpoint of a resolved model; nothing is started or sent before the first request."""
    if resolved.gguf is not None:
        return Embedded(resolved, connect_timeout=connect_timeout)
    return Remote(resolved.base_url, resolved.api_key, connect_timeout=connect_timeout)


class Remote:
    """An OpenAI-compatible endpoint at an address."""

    def __init__(self, base_url: str, api_key: str, *, connect_timeout: float) -> None:
        self._base_url = base_url
        self._exchange = Exchange(base_url, api_key, connect_timeout=connect_timeout)
        self._client: Client | None = None

    def chat(self, model: str, put: Put, waits: Waits) -> Reply | Fault:
        """Send one chat request."""
        if self._client is None:
            from models.client import Client  # half a second, which a run that only replays does not pay

            self._client = Client(self._base_url, self._exchange)
        return self._client.send(model, put, waits)

    def infill(self, model: str, body: Mapping[str, object], waits: Waits) -> Reply | Fault:
        """Send one infill request; llama-server has it beside /v1, not below it."""

        def read(incoming: Incoming, start: float) -> Reply | Fault:
            return _infilled(incoming.whole(waits.until(start), MAX_BODY))

        outcome = self._exchange.ask("//infill", encoded({**body, "model": model}), waits, read)
        if isinstance(outcome, Fault) and outcome.status in (404, 405, 501):
            return _NO_INFILL
        return outcome

    def context(self, model: str) -> Context | None:
        """Look up how much a model can read."""
        own_server = self._base_url.startswith("http://")
        return context_at(self._exchange, model, own_server=own_server)

    def close(self) -> None:
        """Break off what is on its way and close the connections."""
        self._exchange.close()


class Embedded:
    """The embedded model behind its own server, started at the first request and once more if it dies."""

    def __init__(self, resolved: Resolved, *, connect_timeout: float) -> None:
        assert resolved.gguf is not None
        self._gguf, self._size = resolved.gguf, resolved.name
        self._connect_timeout = connect_timeout
        self._others = Others()
        self._server: LocalServer | None = None
        self._remote: Remote | None = None
        self._starts = 0
        self._lock = threading.Lock()

    def chat(self, model: str, put: Put, waits: Waits) -> Reply | Fault:
        """Send one chat request to the server, whatever the model is called elsewhere."""
        remote = self._running()
        if isinstance(remote, Fault):
            return remote
        return self._named(remote.chat("local", put, waits))

    def infill(self, model: str, body: Mapping[str, object], waits: Waits) -> Reply | Fault:
        """Send one infill request to the server."""
        remote = self._running()
        return remote if isinstance(remote, Fault) else self._named(remote.infill("local", body, waits))

    def context(self, model: str) -> Context | None:
        """Return the context that the server is started with."""
        return Context(CONTEXT_TOKENS, "the embedded server")

    def close(self) -> None:
        """End the server."""
        with self._lock:
            self._let_go()

    def _named(self, outcome: Reply | Fault) -> Reply | Fault:
        """Put the file's name in the place of "local", for the record."""
        return replace(outcome, model=self._gguf.stem) if isinstance(outcome, Reply) else outcome

    def _running(self) -> Remote | Fault:
        """Return the running server; a child that died is started again once. NoModel passes through."""
        from models.embedded import LocalServer

        with self._lock:
            if self._server is not None and self._remote is not None and self._server.alive():
                return self._remote
            self._let_go()
            if self._starts >= 2:
                return Fault("gone", "its server died twice")
            self._starts += 1
            self._server = LocalServer.start(self._gguf, self._size, others=self._others.cores())
            self._remote = Remote(self._server.base_url, self._server.api_key, connect_timeout=self._connect_timeout)
            return self._remote

    def _let_go(self) -> None:
        remote, self._remote = self._remote, None
        server, self._server = self._server, None
        if remote is not None:
            remote.close()
        if server is not None:
            server.close()


_NO_INFILL = Reply("", (), "unsupported", "", 0, 0)


def _infilled(body: bytes) -> Reply | Fault:
    try:
        answer = json.loads(body)
        if error_in(answer) is not None:
            return _NO_INFILL  # LM Studio tells of an unknown address with status 200
        text = storable(str(answer["content"]))
        prompt, completion = int(answer.get("tokens_evaluated") or 0), int(answer.get("tokens_predicted") or 0)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return Fault("garbled", f"not an infill answer ({type(error).__name__})")
    return Reply(text, (), str(answer.get("stop_type") or "stop"), str(answer.get("model") or ""), prompt, completion)
