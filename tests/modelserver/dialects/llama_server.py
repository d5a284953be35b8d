"""llama-server: one model whatever name is asked for, numbers as error codes, timings, context size at /props."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.modelserver.dialects.openai import Dialect, Offered, answered
from tests.modelserver.reply import Raw, Refusal, error

DEFAULT_CONTEXT = 4096
"""Tokens of the one slot unless the user says otherwise."""

TRAINED_CONTEXT = 32_768
"""Tokens that the model was trained for."""

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    501: "not_supported_error",
    503: "unavailable_error",
}


class LlamaServer(Dialect):
    """Plays llama.cpp's server."""

    name = "llama-server"
    headers: Mapping[str, str] = {"server": "llama.cpp"}

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a whole answer with its timings."""
        return {**answer, "system_fingerprint": "b1-scripted", "timings": _timings(answer)}

    def chunk(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk: the first has a null text, the last has the timings."""
        for choice in chunk["choices"]:
            if choice["delta"].get("content") == "":
                choice["delta"]["content"] = None
        timings = {"timings": _timings(chunk)} if chunk.get("usage") else {}
        return {**chunk, "system_fingerprint": "b1-scripted", **timings}

    def refusal(self, refusal: Refusal) -> Raw:
        """Return an error: the status as its code, no `param`."""
        kind = refusal.kind if refusal.fields else _KINDS.get(refusal.status, "server_error")
        said = {"code": refusal.status, "message": refusal.message, "type": kind, **refusal.fields}
        return answered({"error": said}, refusal.status, refusal.headers)

    def unknown_model(self, name: str, known: Sequence[str]) -> Refusal | None:
        """Serve any name, as long as there is one model."""
        return None if len(known) == 1 else error(400, "model not found")

    def overflow(self, sent: int, wanted: int, limit: int) -> Refusal | None:
        """Return the words of a prompt that does not fit, with both numbers as fields."""
        text = f"request ({sent} tokens) exceeds the available context size ({limit} tokens), try increasing it"
        return Refusal(400, text, kind="exceed_context_size_error", fields={"n_prompt_tokens": sent, "n_ctx": limit})

    def unreadable_call(self) -> Refusal:
        """Return the words of its parser."""
        text = (
            "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at line 1, "
            "column 18: syntax error while parsing value - invalid string: missing closing quote"
        )
        return error(500, text)

    def listed(self, model: Offered) -> dict[str, Any]:
        """Return a model as /v1/models lists it: with facts about its file."""
        meta = {"vocab_type": 2, "n_vocab": 151_936, "n_ctx_train": TRAINED_CONTEXT, "n_embd": 896, "size": 1}
        return {"id": model.name, "object": "model", "created": 1_700_000_000, "owned_by": "llamacpp", "meta": meta}

    def own_page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw | None:
        """Return health, properties, slots and the count of tokens."""
        first = offered[0] if offered else Offered("")
        slot = {"id": 0, "n_ctx": first.context or DEFAULT_CONTEXT}
        match (method, path):
            case ("GET" | "HEAD", "/health" | "/v1/health"):
                return answered({"status": "ok"})
            case ("GET" | "HEAD", "/models"):
                return self.page("GET", "/v1/models", body, offered)
            case ("GET", "/props"):
                settings = {"n_ctx": slot["n_ctx"]}
                return answered({"default_generation_settings": settings, "total_slots": 1, "model_path": first.name})
            case ("GET", "/slots"):
                return answered([slot])
            case ("POST", "/tokenize"):
                return answered({"tokens": list(range(-(-len(str(body.get("content", ""))) // 4)))})
        return None

    def nothing(self, method: str, path: str) -> Raw:
        """Return its own 404."""
        return self.refusal(error(404, "File Not Found"))


def _timings(answer: Mapping[str, Any]) -> dict[str, Any]:
    usage = answer.get("usage") or {}
    return {"prompt_n": usage.get("prompt_tokens", 0), "predicted_n": usage.get("completion_tokens", 0)}
