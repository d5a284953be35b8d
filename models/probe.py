"""A quick look at an OpenAI-compatible endpoint before anything is sent to it: which models does it offer?"""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

LOCAL_SERVERS = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("llama-server", "http://127.0.0.1:8080/v1"),
)
"""Local model servers at their default ports, in the order in which they are tried."""

LOCAL_SECONDS = 0.3
"""How long each local server may take to answer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an endpoint answered to GET /models: the model names, or why there are none."""

    models: tuple[str, ...] = ()
    problem: Literal["", "unreachable", "refused", "not a model list"] = ""
    status: int | None = None


def models_at(base_url: str, api_key: str | None, *, timeout: float) -> Offer:
    """Ask an endpoint for its models; never raises for anything that the network or the server does."""
    parts = urlsplit(base_url)
    try:
        connection = connection_to(parts, timeout)
        try:
            headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
            connection.request("GET", f"{parts.path.rstrip('/')}/models", headers=headers)
            response = connection.getresponse()
            body, status = response.read(4_000_000), response.status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return Offer(problem="unreachable")
    if status != 200:
        return Offer(problem="refused", status=status)
    return _read(body)


def connection_to(address: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """Return an unopened connection to the host of an address; `timeout` in seconds."""
    host, port = address.hostname or "", address.port
    if address.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=timeout)


def _read(body: bytes) -> Offer:
    try:
        listed = json.loads(body)["data"]
        names = tuple(str(item["id"]) for item in listed)
    except (ValueError, KeyError, TypeError):
        return Offer(problem="not a model list", status=200)
    return Offer(names, "" if names else "not a model list", 200)
