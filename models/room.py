"""How much one model can read: what its endpoint tells, what a refusal names, and what its token counts betray."""

import re
import threading
from collections.abc import Mapping
from dataclasses import replace

from models.dialect import ChatRequest
from models.faults import Fault
from models.journal import JSON
from models.shrink import Shrunk, shrunk

ANSWER_SHARE = 4
"""A part of the context (one in so many) is kept for the answer, however long the prompt is."""

MARGIN = 50
"""A part of the context (one in so many) is left free: tokens are estimated."""

LEAST_ANSWER = 64
"""Tokens below which an answer is not worth asking for."""

_WORD = re.compile(r"\w+")


class Room:
    """The context of one model. Shared by the lanes of a run; it only ever learns that there is less room.

    `context` is the tokens of prompt and answer together, None while nobody knows.
    """

    def __init__(self, context: int | None = None) -> None:
        self.context = context
        self._prompt: int | None = None
        """Most tokens of a prompt, where the endpoint has been seen to cut longer ones."""
        self._ratio = 1.0
        """Tokens of the endpoint for each token of ours, the most that was seen."""
        self._lock = threading.Lock()

    def facts(self) -> dict[str, JSON]:
        """Return what was learnt, JSON-plain."""
        return {"context": self.context, "prompt": self._prompt, "ratio": round(self._ratio, 2)}

    def recall(self, facts: Mapping[str, JSON]) -> None:
        """Take over what was learnt before; what is missing or of another shape stays as it is."""
        with self._lock:
            if isinstance(context := facts.get("context"), int):
                self.context = context
            if isinstance(prompt := facts.get("prompt"), int):
                self._prompt = prompt
            if isinstance(ratio := facts.get("ratio"), int | float):
                self._ratio = float(ratio)

    def tokens(self, request: ChatRequest) -> int:
        """Return about how many tokens the prompt has by the endpoint's count."""
        return int(request.prompt_tokens * self._ratio)

    def fitted(self, request: ChatRequest) -> Shrunk | None:
        """Return the request so that prompt and answer have room, None where they cannot."""
        if self.context is None and self._prompt is None:
            return Shrunk(request, 0)
        sent = self.tokens(request)
        room = sent + request.max_tokens if self.context is None else self.context - self.context // MARGIN
        answer = min(request.max_tokens, max(LEAST_ANSWER, room // ANSWER_SHARE))
        prompt = room - answer if self._prompt is None else min(self._prompt, room - answer)
        if prompt <= 0:
            return None
        fitting = Shrunk(request, 0) if sent <= prompt else shrunk(request, int(prompt / self._ratio))
        if fitting is None:
            return None
        left = max(answer, room - self.tokens(fitting.request))
        return replace(fitting, request=replace(fitting.request, max_tokens=min(request.max_tokens, left)))

    def refused(self, fault: Fault, request: ChatRequest) -> None:
        """Take in that a request did not fit: the limit that the refusal names, else half of what was sent."""
        with self._lock:
            if fault.prompt_tokens is not None:
                self._ratio = max(self._ratio, min(4.0, fault.prompt_tokens / max(1, request.prompt_tokens)))
            sent = self.tokens(request) + request.max_tokens
            named, known = fault.context_limit, self.context
            if known is not None and (named is None or named >= known):
                # One that kept to what was known is counted otherwise there; another was sent before it was known.
                self.context = 3 * sent // 4 if sent <= known else known
            else:
                self.context = sent // 2 if named is None else named

    def counted(self, request: ChatRequest, reported: int | None) -> bool:
        """Take in how many tokens of a prompt the endpoint says it has read; returns whether it silently cut it.

        No token spans two words: fewer tokens than words prove that some were not read.
        """
        if reported is None:
            return False
        words = sum(len(_WORD.findall(message["content"])) for message in request.messages)
        cut = words >= 200 and reported < 0.9 * words
        with self._lock:
            if cut:
                self._prompt = reported if self._prompt is None else min(reported, self._prompt)
            elif request.prompt_tokens >= 500:
                self._ratio = max(self._ratio, min(4.0, reported / request.prompt_tokens))
        return cut
