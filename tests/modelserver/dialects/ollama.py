"""Ollama: long prompts are cut in silence, every chunk has the role, context size at /api/show and /api/ps."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.modelserver.dialects.openai import Dialect, Offered, answered
from tests.modelserver.reply import Raw, Refusal, error

DEFAULT_CONTEXT = 4096
"""Tokens that a model is loaded with unless the user says otherwise."""

TRAINED_CONTEXT = 32_768
"""Tokens that the model was trained for: what /api/show names, however little is loaded."""

_KINDS = {400: "invalid_request_error", 404: "not_found_error"}


class Ollama(Dialect):
    """Plays Ollama's OpenAI-compatible face and the pages of its own that clients look at."""

    name = "ollama"
    headers: Mapping[str, str] = {}
    reasoning_field = "reasoning"
    role_first = False

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a whole answer: with Ollama's fingerprint, the name of the model as it was asked for."""
        return {**answer, "system_fingerprint": "fp_ollama"}

    def chunk(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk: the last one has an empty text beside the finish reason."""
        for choice in chunk["choices"]:
            choice["delta"] = {"role": "assistant", "content": "", **choice["delta"]}
        return {**chunk, "system_fingerprint": "fp_ollama"}

    def refusal(self, refusal: Refusal) -> Raw:
        """Return an error: the OpenAI shape, the code always null."""
        kind = _KINDS.get(refusal.status, "api_error")
        said = {"message": refusal.message, "type": kind, "param": None, "code": None}
        return answered({"error": said}, refusal.status, refusal.headers)

    def unknown_model(self, name: str, known: Sequence[str]) -> Refusal | None:
        """Return that the model has to be pulled."""
        return error(404, f"model '{name}' not found, try pulling it first")

    def overflow(self, sent: int, wanted: int, limit: int) -> Refusal | None:
        """Say nothing: the oldest part of the prompt is dropped."""
        return None

    def unreadable_call(self) -> Refusal:
        """Return the words of its parser."""
        return error(500, 'error parsing tool call: raw=\'{"path": "a.py", \', err=unexpected end of JSON input')

    def listed(self, model: Offered) -> dict[str, Any]:
        """Return a model as /v1/models lists it: without its context size."""
        return {"id": model.name, "object": "model", "created": 1_700_000_000, "owned_by": "library"}

    def own_page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw | None:
        """Return the pages below /api, and the sentence at the root."""
        match (method, path):
            case ("GET" | "HEAD", "/"):
                return Raw(200, b"Ollama is running", "text/plain; charset=utf-8")
            case ("GET" | "HEAD", "/api/version"):
                return answered({"version": "0.35.1"})
            case ("GET" | "HEAD", "/api/tags"):
                return answered({"models": [{"name": each.name, "model": each.name, "size": 1} for each in offered]})
            case ("GET", "/api/ps"):
                return answered({"models": [_loaded(each) for each in offered]})
            case ("POST", "/api/show"):
                return _shown(str(body.get("model") or body.get("name") or ""), offered)
        return None

    def nothing(self, method: str, path: str) -> Raw:
        """Return its router's plain text."""
        return Raw(404, b"404 page not found", "text/plain")


def _loaded(model: Offered) -> dict[str, Any]:
    return {"name": model.name, "model": model.name, "size": 1, "context_length": model.context or DEFAULT_CONTEXT}


def _shown(name: str, offered: Sequence[Offered]) -> Raw:
    if name not in [each.name for each in offered]:
        return answered({"error": f"model '{name}' not found"}, 404)
    about = {"general.architecture": "qwen2", "qwen2.context_length": TRAINED_CONTEXT}
    chosen = next(each for each in offered if each.name == name)
    parameters = f"num_ctx                        {chosen.context}" if chosen.context else ""
    return answered({"parameters": parameters, "model_info": about, "capabilities": ["completion", "tools"]})
