"""One request over the wire, through langchain-openai: a reply, or the fault that came instead."""

import gc
import json
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.dialect import ChatRequest
from models.faults import Fault, FaultKind, from_status, one_line
from models.sockets import OpenSockets

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_openai import ChatOpenAI
    from openai import APIConnectionError, APIStatusError

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_import_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, as it came: text, raw arguments of tool calls, finish reason, tokens.

    Token numbers are None where the endpoint does not count.
    """

    text: str
    calls: tuple[str, ...]
    finish: str | None
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None


class Transport:
    """Sends chat requests to one endpoint. Safe for parallel lanes; the first request pays for the import."""

    def __init__(self, base_url: str, api_key: str, *, connect_timeout: float) -> None:
        self._base_url = base_url
        self._key = api_key
        self._connect_timeout = connect_timeout
        self._models: dict[str, ChatOpenAI] = {}
        self._sockets = OpenSockets()
        self._lock = threading.Lock()

    def send(self, model: str, request: ChatRequest, fields: Mapping[str, object], *, timeout: float) -> Reply | Fault:
        """Send one request once; `timeout` is the longest silence in seconds. Faults are values, never raised."""
        import openai

        try:
            message = self._model(model).invoke(
                [dict(each) for each in request.messages],
                extra_body=dict(fields),
                timeout=openai.Timeout(timeout, connect=min(self._connect_timeout, timeout)),
            )
            return _reply(message, model)
        except openai.APIStatusError as error:
            said, code = _said(error)
            return from_status(error.status_code, one_line(said, self._key), error.response.headers, code=code)
        except openai.APITimeoutError:
            return Fault("timeout", f"no answer within {timeout:g} s")
        except openai.APIConnectionError as error:
            return _connection_fault(error, self._key)
        except (openai.OpenAIError, ValueError, TypeError, LookupError, AttributeError) as error:
            return Fault("garbled", one_line(f"not a chat answer ({type(error).__name__}): {error}", self._key))

    def close(self) -> None:
        """Break off the requests on their way and close the connections; none is opened again."""
        self._sockets.break_off()
        with self._lock:
            models, self._models = self._models, {}
        for model in models.values():
            model.http_client.close()  # type: ignore[union-attr]

    def _model(self, name: str) -> "ChatOpenAI":
        with self._lock:
            if name not in self._models:
                self._models[name] = self._new_model(name)
            return self._models[name]

    def _new_model(self, name: str) -> "ChatOpenAI":
        """Build the client; ours are given to it because its own load the certificates of the system three times."""
        with _import_lock, _collector_paused():
            from langchain_openai import ChatOpenAI
        import httpx2
        from pydantic import SecretStr

        # It advises on a method that is not used here, at a refusal that the dialect learns from.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"langchain_openai\.")

        def watch(request: httpx2.Request) -> None:
            request.extensions["trace"] = self._sockets.trace

        local = urlsplit(self._base_url).hostname in LOOPBACK
        verify = _trust(self._base_url)
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
        return ChatOpenAI(
            model=name,
            base_url=self._base_url,
            api_key=SecretStr(self._key or "none"),
            openai_proxy=None,
            max_retries=0,
            use_responses_api=False,
            http_client=httpx2.Client(
                verify=verify, limits=limits, trust_env=not local, event_hooks={"request": [watch]}
            ),
            http_async_client=httpx2.AsyncClient(verify=verify, trust_env=False),
        )


def _trust(base_url: str) -> ssl.SSLContext:
    """Return the system's certificates, or none at all for an address that needs none (loading them costs 20 ms)."""
    if base_url.startswith("https://"):
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: an import makes many objects and frees none (a quarter of its time is saved)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _reply(message: "AIMessage", model: str) -> Reply:
    metadata = message.response_metadata
    finish = metadata.get("finish_reason")
    usage = message.usage_metadata
    calls = [json.dumps(call["args"], ensure_ascii=False) for call in message.tool_calls]
    calls += [str(call["args"] or "") for call in message.invalid_tool_calls]
    return Reply(
        text=_storable(message.text),
        calls=tuple(_storable(call) for call in calls),
        finish=finish if isinstance(finish, str) else None,
        model=str(metadata.get("model_name") or model),
        prompt_tokens=usage["input_tokens"] if usage else None,
        completion_tokens=usage["output_tokens"] if usage else None,
    )


def _storable(text: str) -> str:
    """Return the text without lone surrogates, which JSON can carry and a file cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _connection_fault(error: "APIConnectionError", key: str) -> Fault:
    """Tell an endpoint that is not there from one that broke off; langchain and openai each wrap the cause once."""
    import httpx2

    cause: BaseException = error
    while not isinstance(cause, httpx2.HTTPError) and cause.__cause__ is not None:
        cause = cause.__cause__
    kind: FaultKind = "down" if isinstance(cause, httpx2.ConnectError) else "network"
    return Fault(kind, one_line(str(cause) or type(cause).__name__, key))


def _said(error: "APIStatusError") -> tuple[str, str]:
    """Return what the endpoint itself said, and its error code: from an OpenAI-shaped error, else the whole body."""
    body = error.body
    if not isinstance(body, Mapping):
        return str(body or error.message), ""
    message = body.get("message") or body.get("error") or body.get("detail") or body
    return str(message), f"{body.get('code') or ''} {body.get('type') or ''}"
