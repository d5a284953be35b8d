"""LM Studio: errors are bare strings, unknown addresses answer 200, json_object is refused, context size at /api/v0."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.modelserver.dialects.openai import Dialect, Offered, answered
from tests.modelserver.reply import Raw, Refusal, error
from tests.modelserver.request import Request

DEFAULT_CONTEXT = 4096
"""Tokens that a model is loaded with unless the user says otherwise."""

TRAINED_CONTEXT = 32_768
"""Tokens that a model could be loaded with."""


class LMStudio(Dialect):
    """Plays LM Studio's OpenAI-compatible face and its own list of models."""

    name = "lmstudio"
    headers: Mapping[str, str] = {"x-powered-by": "Express"}

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a whole answer: with its statistics, and the model's name as fingerprint."""
        choices = [{**choice, "logprobs": None} for choice in answer["choices"]]
        return {**answer, "choices": choices, "stats": {}, "system_fingerprint": answer["model"]}

    def chunk(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk with the model's name as fingerprint."""
        choices = [{**choice, "logprobs": None} for choice in chunk["choices"]]
        return {**chunk, "choices": choices, "system_fingerprint": chunk["model"]}

    def refusal(self, refusal: Refusal) -> Raw:
        """Return an error: a bare string for a refused request, else the OpenAI shape."""
        if refusal.status == 400:
            return answered({"error": refusal.message}, 400, refusal.headers)
        return super().refusal(refusal)

    def unknown_model(self, name: str, known: Sequence[str]) -> Refusal | None:
        """Return that the model is not loaded, or serve the one that is."""
        if len(known) == 1:
            return None
        return error(404, f'Model "{name}" not found. Please load a model first.', code="model_not_found")

    def overflow(self, sent: int, wanted: int, limit: int) -> Refusal | None:
        """Return the words of a prompt that does not fit."""
        text = (
            f"Trying to keep the first {sent} tokens when context the overflows. However, the model is loaded with "
            f"context length of only {limit} tokens, which is not enough. Try to load the model with a larger context "
            "length, or provide a shorter input"
        )
        return error(400, text)

    def objection(self, request: Request) -> Refusal | None:
        """Refuse JSON mode without a schema."""
        if request.format == "json_object":
            return error(400, "'response_format.type' must be 'json_schema' or 'text'")
        return None

    def listed(self, model: Offered) -> dict[str, Any]:
        """Return a model as /v1/models lists it: without its context size."""
        return {"id": model.name, "object": "model", "owned_by": "organization_owner"}

    def own_page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw | None:
        """Return its own list of models, which knows what is loaded and how large."""
        if method != "GET":
            return None
        models = [_described(each) for each in offered]
        if path == "/api/v0/models":
            return answered({"object": "list", "data": models})
        return next((answered(each) for each in models if path == f"/api/v0/models/{each['id']}"), None)

    def nothing(self, method: str, path: str) -> Raw:
        """Return its error with status 200."""
        return answered({"error": f"Unexpected endpoint or method. ({method} {path}). Returning 200 anyway"})


def _described(model: Offered) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "type": "llm",
        "state": "loaded",
        "max_context_length": TRAINED_CONTEXT,
        "loaded_context_length": model.context or DEFAULT_CONTEXT,
    }
