"""vLLM: the wanted answer counts against the context, its size stands in /v1/models, tools need two flags."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.modelserver.dialects.openai import Dialect, Offered, answered
from tests.modelserver.reply import Raw, Refusal, error
from tests.modelserver.request import Request

DEFAULT_CONTEXT = 32_768
"""Tokens of a model unless the user says otherwise."""

_KINDS = {400: "BadRequestError", 401: "Unauthorized", 404: "NotFoundError", 500: "InternalServerError"}


class VLLM(Dialect):
    """Plays vLLM's OpenAI-compatible server, started without a parser for tool calls."""

    name = "vllm"
    headers: Mapping[str, str] = {"server": "uvicorn"}

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a whole answer: every field is there, empty ones as null or as an empty list."""
        choices = [
            {**choice, "message": {"refusal": None, "tool_calls": [], **choice["message"]}, "stop_reason": None}
            for choice in answer["choices"]
        ]
        return {**answer, "choices": choices, "prompt_logprobs": None, "kv_transfer_params": None}

    def chunk(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk: with a null fingerprint's place left out, and the reason to stop at the end."""
        for choice in chunk["choices"]:
            choice["logprobs"] = None
            if choice["finish_reason"] is not None:
                choice["stop_reason"] = None
        return chunk

    def refusal(self, refusal: Refusal) -> Raw:
        """Return an error: the class of the exception as its type, the status as its code."""
        kind = _KINDS.get(refusal.status, "InternalServerError")
        said = {"message": refusal.message, "type": kind, "param": None, "code": refusal.status}
        return answered({"error": said}, refusal.status, refusal.headers)

    def unknown_model(self, name: str, known: Sequence[str]) -> Refusal | None:
        """Return that the model does not exist."""
        return error(404, f"The model `{name}` does not exist.")

    def fits(self, request: Request, limit: int) -> bool:
        """Count the wanted answer too."""
        return request.prompt_tokens + (request.max_tokens or 0) <= limit

    def overflow(self, sent: int, wanted: int, limit: int) -> Refusal | None:
        """Return the words of a prompt that does not fit together with the wanted answer."""
        text = (
            f"This model's maximum context length is {limit} tokens. However, you requested {sent + wanted} tokens "
            f"({sent} in the messages, {wanted} in the completion). Please reduce the length of the messages or "
            "completion."
        )
        return error(400, text)

    def objection(self, request: Request) -> Refusal | None:
        """Refuse tools whose choice is left to the model."""
        if request.tools and request.body.get("tool_choice", "auto") == "auto":
            text = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            return error(400, text)
        return None

    def listed(self, model: Offered) -> dict[str, Any]:
        """Return a model as /v1/models lists it: with its context size."""
        return {
            "id": model.name,
            "object": "model",
            "created": 1_700_000_000,
            "owned_by": "vllm",
            "root": model.name,
            "parent": None,
            "max_model_len": model.context or DEFAULT_CONTEXT,
        }

    def own_page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw | None:
        """Return health, version, the count of tokens, and what a wrong method gets."""
        match (method, path):
            case ("GET", "/health"):
                return Raw(200, b"", "text/plain")
            case ("GET", "/version"):
                return answered({"version": "0.15.0"})
            case ("POST", "/tokenize"):
                count = -(-len(str(body.get("prompt", ""))) // 4)
                limit = next((each.context for each in offered if each.context), DEFAULT_CONTEXT)
                return answered({"count": count, "max_model_len": limit, "tokens": list(range(count))})
            case ("GET", "/v1/chat/completions"):
                return answered({"detail": "Method Not Allowed"}, 405)
        return None

    def nothing(self, method: str, path: str) -> Raw:
        """Return its framework's 404."""
        return answered({"detail": "Not Found"}, 404)
