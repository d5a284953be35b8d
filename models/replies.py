"""What an endpoint said, put together from one body or from the chunks of a stream. Nothing is completed or guessed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LENGTH = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "token_limit"})
"""Finish reasons, in lower case, by which servers tell that the answer was cut."""

_NEWEST = 2_000
"""How many pieces of a stream are looked at for repetition; a piece has at least one character."""


class NotChat(Exception):
    """A JSON value that is no answer of the chat protocol."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, as it came: text, raw arguments of tool calls, finish reason, tokens, thoughts.

    Token numbers are None where the endpoint does not count. `finish` is None where the answer has no end.
    """

    text: str
    calls: tuple[str, ...]
    finish: str | None
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning: str = ""
    streamed: bool = False


class Assembly:
    """One answer on its way. `take` gets the whole body of an answer, or one chunk of a stream after the other."""

    def __init__(self, model: str) -> None:
        self.finish: str | None = None
        self.size = 0
        """Characters so far, thoughts and arguments included."""
        self._model = model
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal = ""
        self._calls: dict[object, list[str]] = {}
        self._last: object = None
        self._usage: tuple[int | None, int | None] = (None, None)

    def take(self, value: object) -> bool:
        """Take in one JSON value; returns whether the model said something in it. Raises NotChat for any other."""
        if not isinstance(value, Mapping) or not isinstance(choices := value.get("choices"), list):
            raise NotChat(_short(value))
        if isinstance(model := value.get("model"), str) and model:
            self._model = model
        if isinstance(usage := value.get("usage"), Mapping):
            self._usage = (_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))
        before = self.size
        for choice in choices:
            if not isinstance(choice, Mapping):
                raise NotChat(_short(value))
            if choice.get("index") in (None, 0):
                self._choice(choice)
        return self.size > before

    def newest(self) -> str:
        """Return the last pieces of text, of thoughts where there is no text: enough to see a repetition."""
        return "".join((self._text or self._reasoning)[-_NEWEST:])

    def reply(self, *, streamed: bool, finish: str | None = None) -> Reply:
        """Return the answer as far as it came; `finish` says why it ends where the endpoint did not."""
        text = "".join(self._text)
        return Reply(
            text=storable(text or self._refusal),
            calls=tuple(storable("".join(parts)) for parts in self._calls.values()),
            finish="refusal" if self._refusal and not text else finish or self.finish,
            model=self._model,
            prompt_tokens=self._usage[0],
            completion_tokens=self._usage[1],
            reasoning=storable("".join(self._reasoning)),
            streamed=streamed,
        )

    def _choice(self, choice: Mapping[str, object]) -> None:
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self.finish = "length" if finish.lower() in _LENGTH else finish
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, Mapping):
            self._said(delta, whole=False)
        elif isinstance(message, Mapping) and not self.size:  # some servers repeat all of it in the last chunk
            self._said(message, whole=True)

    def _said(self, message: Mapping[str, object], *, whole: bool) -> None:
        self._append(self._text, _text(message.get("content")))
        self._append(self._reasoning, _text(message.get("reasoning_content")) or _text(message.get("reasoning")))
        self._refusal += _text(message.get("refusal"))
        if isinstance(calls := message.get("tool_calls"), list):
            for call in calls:
                if isinstance(call, Mapping):
                    self._call(call, whole=whole)
        if isinstance(old := message.get("function_call"), Mapping):
            self._arguments("function_call", old)

    def _call(self, call: Mapping[str, object], *, whole: bool) -> None:
        """Append to the call that is meant: by its index, else a named one is new and an unnamed one goes on."""
        function = call.get("function")
        if not isinstance(function, Mapping):
            return
        index = call.get("index")
        if whole or (not isinstance(index, int) and (function.get("name") or self._last is None)):
            self._last = ("at", len(self._calls))
        elif isinstance(index, int):
            self._last = index
        self._arguments(self._last, function)

    def _arguments(self, key: object, function: Mapping[str, object]) -> None:
        arguments = function.get("arguments")
        raw = arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)
        self._append(self._calls.setdefault(key, []), raw)
        self.size += len(str(function.get("name") or ""))

    def _append(self, parts: list[str], text: str) -> None:
        if text:
            parts.append(text)
            self.size += len(text)


def reply_of(body: object, model: str) -> Reply:
    """Return the answer in the body of an answer that was not streamed; raises NotChat."""
    assembly = Assembly(model)
    assembly.take(body)
    choices = body.get("choices") if isinstance(body, Mapping) else None
    if not choices or not isinstance(choices[0].get("message") or choices[0].get("delta"), Mapping):
        raise NotChat(_short(body))
    return assembly.reply(streamed=False)


def error_in(value: object) -> tuple[str, str, int | None] | None:
    """Return message, code and status of an error that a server sends in the place of an answer, None if it is none."""
    if not isinstance(value, Mapping) or value.get("choices"):
        return None
    error = value.get("error") or (value if value.get("object") == "error" else None) or value.get("detail")
    if not error:
        return None
    if not isinstance(error, Mapping):
        return _words(error), "", None
    code = error.get("code")
    status = code if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600 else None
    said = error.get("message") or error.get("error") or error.get("detail") or error
    numbers = [f"{name} {error[name]}" for name in ("n_prompt_tokens", "n_ctx") if name in error]  # llama-server's
    return _words(said), " ".join([str(code or ""), str(error.get("type") or ""), *numbers]).strip(), status


def storable(text: str) -> str:
    """Return the text without lone surrogates, which JSON can carry and a file cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(content: object) -> str:
    """Return the text of a content, which may come as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, Mapping))
    return ""


def _count(value: object) -> int | None:
    """Return a number of tokens; zero and nonsense are no number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"
