"""The catalogue of faults: each turns the answer that was due into what a failing server or a weak model sends.

A fault is a function of the due answer and the request, registered under its name; what it cannot know it takes as
options. New faults are added here, or registered by a scenario module.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from tests.modelserver.reply import Broken, Outcome, Raw, Reply, error
from tests.modelserver.request import Request

Options = Mapping[str, Any]
Make = Callable[[Reply, Request, Options], Outcome | None]
"""Returns None when the fault does not apply to this request."""

CATALOGUE: dict[str, Make] = {}

CONTEXT_MESSAGES = {
    "openai": (400, "This model's maximum context length is {limit} tokens. However, your messages resulted in "
                    "{sent} tokens. Please reduce the length of the messages.", "context_length_exceeded"),
    "llama.cpp": (400, "the request exceeds the available context size ({limit} tokens), try increasing it "
                       "(request has {sent} tokens)", "exceed_context_size_error"),
    "vllm": (400, "This model's maximum context length is {limit} tokens. However, you requested {sent} tokens "
                  "in the messages. Please reduce the length of the messages.", "BadRequestError"),
}  # fmt: skip


def fault(*names: str) -> Callable[[Make], Make]:
    """Register a fault under one or several names."""

    def register(make: Make) -> Make:
        CATALOGUE.update(dict.fromkeys(names, make))
        return make

    return register


def status_fault(name: str, status: int, message: str, code: str | None) -> None:
    """Register a fault that is one fixed error answer."""
    CATALOGUE[name] = lambda due, request, options: error(status, options.get("message", message), code=code)


# T1, T4, T5: plain statuses
status_fault("e401", 401, "Incorrect API key provided.", "invalid_api_key")
status_fault("e403", 403, "You are not allowed to use this model.", "permission_denied")
status_fault("e404_model", 404, "The model does not exist or you do not have access to it.", "model_not_found")
status_fault("e429_quota", 429, "You exceeded your current quota, please check your billing.", "insufficient_quota")
status_fault("e500", 500, "The server had an error while processing your request.", "server_error")
status_fault("e500_toolparse", 500, "Failed to parse tool call arguments as JSON", "server_error")
status_fault("e502", 502, "Bad gateway.", None)
status_fault("e503", 503, "The model is loading.", "unavailable")


@fault("e429")
def _rate_limit(due: Reply, request: Request, options: Options) -> Outcome:
    """T2; option `retry_after`: seconds, "date" for one second ahead as an HTTP date, or absent."""
    wait = options.get("retry_after")
    if wait is None:
        return error(429, "Rate limit reached.", code="rate_limit_exceeded")
    value = formatdate(time.time() + 1, usegmt=True) if wait == "date" else str(wait)
    return error(429, "Rate limit reached.", code="rate_limit_exceeded", retry_after=value)


@fault("e400_ctx")
def _context(due: Reply, request: Request, options: Options) -> Outcome | None:
    """T6; options `style` (openai, llama.cpp, vllm), `limit` in tokens (absent: whatever was sent is too much)."""
    limit = options.get("limit")
    if limit is not None and request.prompt_tokens <= limit:
        return None
    status, message, code = CONTEXT_MESSAGES[options.get("style", "openai")]
    shown = limit if limit is not None else max(1, request.prompt_tokens // 2)
    return error(options.get("status", status), message.format(limit=shown, sent=request.prompt_tokens), code=code)


@fault("e400_param")
def _parameter(due: Reply, request: Request, options: Options) -> Outcome | None:
    """T8; option `name`: a parameter, or `response_format:json_schema` for one of its kinds."""
    name, _, kind = str(options["name"]).partition(":")
    if name not in request.body or (kind and request.format != kind):
        return None
    return error(400, f"Unsupported parameter: '{name}'{f' of type {kind}' if kind else ''} is not supported.")


@fault("html", "html502")
def _html(due: Reply, request: Request, options: Options) -> Outcome:
    """T9; a page instead of an answer, with 200 or the option `status`."""
    page = b"<!doctype html><html><body><h1>Welcome</h1><p>Please sign in.</p></body></html>"
    return Raw(options.get("status", 200), page, "text/html")


@fault("raw")
def _raw(due: Reply, request: Request, options: Options) -> Outcome:
    """Any bytes: options `body`, `status` and `content_type`."""
    body, kind = options.get("body", b""), options.get("content_type", "application/json")
    return Raw(options.get("status", 200), body, kind)


@fault("badbody")
def _bad_body(due: Reply, request: Request, options: Options) -> Outcome:
    """T10; option `how`: json, empty, shape, choices."""
    bodies = {
        "json": b'{"id": "x", "choices": [',
        "empty": b"",
        "shape": b'{"result": "hello"}',
        "choices": b'{"id":"x","object":"chat.completion","created":0,"model":"m","choices":[]}',
    }
    return Raw(200, bodies[options.get("how", "json")])


@fault("reset")
def _reset(due: Reply, request: Request, options: Options) -> Outcome:
    """T11; option `after_headers`."""
    return Broken("reset_after" if options.get("after_headers") else "reset_before", due)


@fault("timeout")
def _timeout(due: Reply, request: Request, options: Options) -> Outcome:
    """T12; option `seconds` of silence, then closed, or with `answer` answered after all."""
    seconds = float(options.get("seconds", 5.0))
    return replace(due, delay=seconds) if options.get("answer") else Broken("silence", due, seconds)


@fault("stall")
def _stall(due: Reply, request: Request, options: Options) -> Outcome:
    """T13; the answer stops in the middle and the connection stays open for `seconds`."""
    return Broken("stall", due, float(options.get("seconds", 5.0)))


@fault("truncate")
def _truncate(due: Reply, request: Request, options: Options) -> Outcome:
    """T15; the answer ends in the middle."""
    return Broken("short_body", due)


@fault("empty")
def _empty(due: Reply, request: Request, options: Options) -> Outcome:
    """M1; option `content`: None, "" or whitespace."""
    return replace(due, text=options.get("content", ""), tool_calls=())


@fault("think")
def _think(due: Reply, request: Request, options: Options) -> Outcome:
    """M2; option `how`: before, close_only, unclosed, only, field (reasoning field and no text)."""
    thought = "The user wants {this}. I should answer carefully."
    match options.get("how", "before"):
        case "close_only":
            return replace(due, text=f"{thought}</think>\n\n{due.text}")
        case "unclosed":
            return replace(due, text=f"<think>\n{thought}\n{due.text}")
        case "only":
            return replace(due, text=f"<think>\n{thought}\n</think>\n")
        case "field":
            return replace(due, text=None, reasoning=thought)
    return replace(due, text=f"<think>\n{thought}\n</think>\n\n{due.text}")


@fault("length")
def _length(due: Reply, request: Request, options: Options) -> Outcome:
    """M3; the text ends in the middle with finish reason "length"."""
    return replace(due, text=(due.text or "")[: len(due.text or "") // 2], finish="length")


@fault("filter")
def _filter(due: Reply, request: Request, options: Options) -> Outcome:
    """M4; finish reason "content_filter"."""
    return replace(due, text="", finish="content_filter")


@fault("finish_null")
def _finish_null(due: Reply, request: Request, options: Options) -> Outcome:
    """M5; a whole answer without a finish reason."""
    return replace(due, finish="null")


@fault("wrapped")
def _wrapped(due: Reply, request: Request, options: Options) -> Outcome:
    """M8; option `how`: fence, prose, twice, wrong_first."""
    text = due.text or ""
    match options.get("how", "fence"):
        case "prose":
            return replace(due, text=f"Sure, here is what you {{asked}} for:\n{text}\nI hope that helps!")
        case "twice":
            return replace(due, text=f"{text}\n\nOnce more:\n{text}")
        case "wrong_first":
            return replace(due, text=f'{{"not": "this one"}}\nSorry, I meant:\n{text}')
    return replace(due, text=f"```json\n{text}\n```")


@fault("badjson_cut")
def _json_cut(due: Reply, request: Request, options: Options) -> Outcome:
    """M6; JSON that ends early although the finish reason is "stop"; option `at`: the share that is kept."""
    text = due.text or ""
    return replace(due, text=text[: int(len(text) * float(options.get("at", 0.7)))])


@fault("schema_miss")
def _schema_miss(due: Reply, request: Request, options: Options) -> Outcome | None:
    """M14; option `how`: missing (first field left out), extra, null (first field). Only for JSON answers."""
    try:
        value = json.loads(due.text or "")
        first = next(iter(value))
    except (ValueError, StopIteration, TypeError):
        return None
    match options.get("how", "missing"):
        case "extra":
            value["surprise"] = 1
        case "null":
            value[first] = None
        case _:
            del value[first]
    return replace(due, text=json.dumps(value))
