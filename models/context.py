"""How much a model can read, looked up on the pages of its endpoint before anything is asked. No token is spent."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from models.connections import Incoming
from models.exchange import Exchange, Waits, encoded
from models.faults import Fault

LOOK_SECONDS = 2.0
"""How long one look may take."""

MAX_PAGE = 8_000_000
"""Most bytes of one page that are read: a large provider lists hundreds of models."""

_LISTED = ("max_model_len", "loaded_context_length", "context_length", "context_window", "max_context_length")
"""How lists of models name the size of the context, among them those of vLLM, LM Studio, OpenRouter and Groq."""

_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)

_Reader: TypeAlias = Callable[[Mapping[str, object], str], object]
_Look: TypeAlias = tuple[str, bytes | None, _Reader]


@dataclass(frozen=True, slots=True)
class Context:
    """Tokens of prompt and answer together that a model can hold, and the page that says so."""

    tokens: int
    source: str


def context_at(exchange: Exchange, model: str, *, own_server: bool) -> Context | None:
    """Look up the context of a model, None where no page tells it.

    Every endpoint is asked for its list of models; a server of one's own also for the pages on which llama-server,
    LM Studio and Ollama tell what they have loaded. The first page that tells decides.
    """
    for path, body, tokens_in in _looks(model, own_server=own_server):
        page = exchange.ask(path, body, Waits(LOOK_SECONDS, LOOK_SECONDS), _page)
        if isinstance(page, Fault):
            if page.status in (None, 401, 403):
                return None  # nobody is there, or nobody whom the key opens: other pages will not tell more
            continue
        tokens = tokens_in(page, model)
        if isinstance(tokens, int) and tokens > 0:
            return Context(tokens, path.removeprefix("/") if path.startswith("//") else f"/v1{path}")
    return None


def _looks(model: str, *, own_server: bool) -> Iterator[_Look]:
    yield "/models", None, _in_list
    if own_server:
        yield "//props", None, _in_props
        yield "//api/v0/models", None, _in_list
        yield "//api/ps", None, _in_loaded
        yield "//api/show", encoded({"model": model}), _in_parameters


def _page(incoming: Incoming, start: float) -> Mapping[str, object]:
    try:
        value = json.loads(incoming.whole(start + LOOK_SECONDS, MAX_PAGE))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _in_list(page: Mapping[str, object], model: str) -> object:
    """Read a list of models; what could be loaded says nothing about what is."""
    found = _named(page.get("data"), "id", model)
    if "state" in found:
        return found.get("loaded_context_length")
    return next((found[name] for name in _LISTED if name in found), None)


def _in_props(page: Mapping[str, object], model: str) -> object:
    settings = page.get("default_generation_settings")
    return settings.get("n_ctx") if isinstance(settings, Mapping) else None


def _in_loaded(page: Mapping[str, object], model: str) -> object:
    return _named(page.get("models"), "name", model).get("context_length")


def _in_parameters(page: Mapping[str, object], model: str) -> object:
    found = _NUM_CTX.search(str(page.get("parameters") or ""))
    return int(found[1]) if found else None


def _named(items: object, key: str, model: str) -> Mapping[str, object]:
    """Return the item of a list that has this name (Ollama adds ":latest" to a name without a tag)."""
    if isinstance(items, list):
        for item in items:
            if isinstance(item, Mapping) and item.get(key) in (model, f"{model}:latest"):
                return item
    return {}
