"""One question to one model: put in its dialect, fitted into its context, and put again after what a refusal taught."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from models.dialect import ChatRequest, Put
from models.endpoint import Endpoint
from models.exchange import Waits
from models.faults import Fault
from models.journal import JSON
from models.known import Known
from models.replies import Reply

SHRINKS = 3
"""How often one prompt is made shorter."""


class Note(Protocol):
    """Writes an event about a call; the call's address is added."""

    def __call__(self, type: str, /, **fields: JSON) -> None:
        """Write one event."""
        ...


@dataclass(slots=True)
class Question:
    """A chat request on its way to one model."""

    model: str
    request: ChatRequest
    known: Callable[[], Known]
    """Looked up when the question is first sent: one that is answered from the journal needs no endpoint."""
    endpoint: Callable[[], Endpoint]
    left_out: int = field(default=0, init=False)
    """Characters of evidence that the prompt lacks as it was last sent."""
    _put: Put | None = field(default=None, init=False)
    _fitted: ChatRequest | None = field(default=None, init=False)
    _shrinks: int = field(default=0, init=False)

    def send(self, waits: Waits, note: Note) -> Reply | Fault:
        """Send the question once; a reply to a prompt that was silently cut is a fault, once, and is paid."""
        fitting = self.known().room.fitted(self.request)
        self._fitted = self.request if fitting is None else fitting.request
        if fitting is not None and fitting.left_out > self.left_out:
            self.left_out = fitting.left_out
            note("prompt.shrunk", model=self.model, left_out=self.left_out, context=self.known().room.context)
        self._put = self.known().dialect.put(self._fitted)
        outcome = self.endpoint().chat(self.model, self._put, waits)
        if isinstance(outcome, Fault):
            return outcome
        heard = self._heard(outcome, note)
        self.known().keep()
        return heard

    def adapt(self, fault: Fault) -> bool:
        """Take in a fault; returns whether the question would now be put differently."""
        different = self._learnt(fault)
        self.known().keep()
        return different

    def _learnt(self, fault: Fault) -> bool:
        if self._put is None or self._fitted is None:
            return False
        if fault.kind != "context":
            return self.known().dialect.learn(fault, self._fitted, self._put)
        if self._shrinks >= SHRINKS:
            return False
        self._shrinks += 1
        if fault.reply is None:
            self.known().room.refused(fault, self._fitted)
        fitting = self.known().room.fitted(self.request)
        return fitting is not None and fitting.request != self._fitted

    def _heard(self, reply: Reply, note: Note) -> Reply | Fault:
        assert self._put is not None and self._fitted is not None
        self.known().dialect.heard(reply, self._put)
        if not self.known().room.counted(self._put.request, reply.prompt_tokens):
            return reply
        said = f"{self.model} has read only {reply.prompt_tokens} tokens of a longer prompt: its context is too small"
        fitting = self.known().room.fitted(self.request)
        if self._shrinks < SHRINKS and fitting is not None and fitting.request.messages != self._fitted.messages:
            note("warning", text=f"{said}; the prompt is made shorter")
            return Fault("context", said, reply=reply)
        note("warning", text=f"{said}; raise it on the server")
        return reply


def varied(request: ChatRequest, times: int) -> ChatRequest:
    """Return the request with other sampling: warmer, and from another seed if it has one."""
    seed = None if request.seed is None else request.seed + times
    warmer = round(min(1.0, request.temperature + 0.4 * times), 2)
    if warmer == request.temperature and seed is None:
        seed = times
    return replace(request, temperature=warmer, seed=seed)
