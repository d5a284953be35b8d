"""Asking until an answer is usable: what is asked again, how it is varied, and when another model gets it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from models.dialect import ChatRequest, Message
from models.errors import NoAnswerReason, Unanswerable
from models.journal import Recorded
from models.question import Note, varied
from models.reading import Defect, quoted
from models.wording import fill

V = TypeVar("V")

ASKS = 3
"""How often one question is put to one model: once, and at most twice again."""


@dataclass(frozen=True, slots=True)
class Good(Generic[V]):
    """A usable answer."""

    value: V


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an answer: a defect, which other sampling may cure, or an objection for the model."""

    problem: str
    defect: Defect | None = None


def flawed(defect: Defect) -> Flaw:
    """Return the flaw that a defect is."""
    return Flaw(_SAYS[defect], defect)


@dataclass(frozen=True, slots=True)
class Asks(Generic[V]):
    """How one question is asked until it is answered.

    `chat` puts a request to a model (None: the first that serves) and returns what came back, `judge` says whether
    that is usable, `room` is the most tokens that an answer may be given.
    """

    chat: Callable[[ChatRequest, str | None], Recorded]
    judge: Callable[[Recorded], Good[V] | Flaw]
    note: Note
    room: int

    def usable(self, request: ChatRequest, models: Sequence[str | None]) -> V:
        """Ask one model after the other, each at most three times; raises the last one's Unanswerable."""
        asked: set[str] = set()
        failure: Unanswerable | None = None
        for name in models:
            if name in asked:
                continue  # it has taken over already, and its answers were no better
            if failure is not None and name is not None:
                self.note("model.fallback", model=None, to=name, kind="unanswerable", text=str(failure))
            outcome = self._of_one(request, name, asked)
            if isinstance(outcome, Good):
                return outcome.value
            failure = outcome
        assert failure is not None
        raise failure

    def _of_one(self, request: ChatRequest, model: str | None, asked: set[str]) -> Good[V] | Unanswerable:
        """Ask one model until its answer is usable; adds who answered to `asked`."""
        question, number = request.messages, 0
        while True:
            number += 1
            answer = self.chat(request, model)
            asked.add(answer.get("asked", answer["model"]))
            verdict = self.judge(answer)
            if isinstance(verdict, Good):
                return verdict
            if verdict.defect == "loop":
                self.note("warning", text=f"{answer['model']} went round in circles; its answer was cut and dropped")
            if number == ASKS or verdict.defect == "filtered" or (verdict.defect == "refused" and number > 1):
                return _unanswerable(verdict, answer, number)
            if verdict.defect is None:
                request = replace(request, messages=(*question, *_again(quoted(answer), verdict.problem)))
            else:
                request = self._varied(replace(request, messages=question), verdict.defect, number)

    def _varied(self, request: ChatRequest, problem: Defect, asked: int) -> ChatRequest:
        """Change what may cure an answer that is none; the same request is sent twice at most."""
        room = min(2 * request.max_tokens, self.room)
        if problem == "cut" and room > request.max_tokens:
            return replace(request, max_tokens=room)
        return request if asked < 2 and problem in ("empty", "cut") else varied(request, 1)


def _unanswerable(flaw: Flaw, answer: Recorded, number: int) -> Unanswerable:
    said = f"no usable answer after {number} question{'' if number == 1 else 's'}: {flaw.problem}"
    return Unanswerable(said, reason=_REASONS.get(flaw.defect, "invalid"), answer=answer["text"])


def _again(answer: str, problem: str) -> tuple[Message, ...]:
    """The last exchange: what the model said, and what is wrong with it."""
    question: Message = {"role": "user", "content": fill("again", problem=problem)}
    return ({"role": "assistant", "content": answer}, question)


_SAYS: dict[Defect, str] = {
    "empty": "the model's answer was empty",
    "cut": "the model's answer was cut off before its end",
    "loop": "the model repeated itself without end",
    "filtered": "the provider's filter withheld the answer",
    "refused": "the model refused to answer",
}

_REASONS: dict[Defect | None, NoAnswerReason] = {
    "empty": "empty",
    "cut": "cut",
    "loop": "loop",
    "filtered": "refused",
    "refused": "refused",
}
