"""The one door to a model: every question of every agent goes through `ask`, `structured` or `infill`."""

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from models.asks import Asks, Flaw, Good, flawed
from models.budget import Budget, Usage
from models.calls import Call, Caller, Emit, Line
from models.dialect import ChatRequest, Dialect, Message
from models.endpoint import Endpoint, open_endpoint
from models.errors import Unanswerable
from models.infill import InfillQuestion, infill_request
from models.journal import JSON, Journal, Recorded, digest_of, likeness_of
from models.known import Known
from models.patience import Patience
from models.profiles import Profile, profile_of
from models.question import Question, varied
from models.reading import defect, spoken
from models.resolve import Resolved, shown
from models.room import Room
from models.seat import CallKey, Seat
from models.settings import DoorSettings, door_settings
from models.veil import Open, Veil
from models.wording import fill

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")
V = TypeVar("V")

ALIKE = 2
"""How often one question may be put in a run, white space left aside; after that the sampling is changed."""

VARIATIONS = 32
"""How many ways of sampling there are for one request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete, non-empty answer: the text without the model's thoughts, why it ended, what it used, who gave it."""

    text: str
    finish: str
    usage: Usage
    model: str


class Door:
    """Asks the models of a run, never twice for the same answer and never past the budget.

    Safe for parallel lanes. `events_emit(type, **fields)` receives call.started, call.retried, call.failed,
    call.finished, model.fallback, prompt.shrunk and warning. `settings` are the run's (models/settings.py reads its
    part), and `veil` hides what no model may see. Raises PriceUnknown when the budget limits money and a model's price
    is not set. Every method may raise BudgetSpent and ProviderError.
    """

    def __init__(
        self,
        resolved: Resolved,
        journal: Journal,
        budget: Budget,
        events_emit: Emit,
        settings: Mapping[str, object] | None = None,
        veil: Veil | None = None,
    ) -> None:
        self.profile = _profile(resolved, journal)
        self._veil = veil or Open()
        self._resolved = resolved
        self._journal = journal
        self._budget = budget
        self._emit = events_emit
        self._settings = door_settings(settings or {})
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()
        self._endpoint: Endpoint | None = None
        live = resolved.kind != "replay"
        if live and (budget.limits.cost is not None or budget.per_lane.cost is not None):
            _require_prices(self._settings, resolved)
        self._caller = Caller(
            journal,
            budget,
            events_emit,
            Patience(self._settings.retry, self._settings.seed),
            answer_timeout=self._settings.answer_timeout,
            idle_timeout=self._settings.idle_timeout,
            live=live,
        )
        journal.opened(resolved.title, _plain(self.profile))

    @property
    def name(self) -> str:
        """The run's model, by the name for people and records; an agent may have another one."""
        return self._resolved.title

    def models_of(self, agent: str) -> tuple[str, ...]:
        """Return the models that serve an agent: its own, then those that take over; an embedded model serves all."""
        if self._resolved.kind != "endpoint":
            return (self._resolved.title,)
        own = self._settings.agent(agent).model or self._resolved.title
        return tuple(dict.fromkeys((own, *self._settings.fallbacks_of(agent))))

    def ask(
        self,
        seat: Seat,
        system: str,
        user: str,
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        model: str | None = None,
        older: Sequence[str] = (),
    ) -> Answer:
        """Ask for text and return a complete, non-empty answer.

        `max_tokens`, `temperature` and `model` default to the agent's settings and the profile. An empty or cut answer
        is dropped whole and asked again, at most twice, then put to the fallbacks; then Unanswerable. A prompt that
        does not fit is shortened where it quotes evidence in fences (event prompt.shrunk): the texts `older` first,
        then the largest; else ContextOverflow.
        """

        def judge(answer: Recorded) -> Good[Answer] | Flaw:
            flaw = defect(answer, structured=False)
            if flaw is not None:
                return flawed(flaw)
            text = self._veil.reveal(spoken(answer["text"]))
            return Good(Answer(text, answer["finish"] or "", answer["usage"], answer["model"]))

        request = self._request(seat, _chat(system, user), max_tokens, temperature, seed)
        request = replace(request, older=tuple(older))
        return self._usable(seat, request, model, judge)

    def structured(
        self,
        seat: Seat,
        system: str,
        user: str,
        schema: type[T],
        *,
        check: Callable[[T], str | None] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        model: str | None = None,
    ) -> T:
        """Ask for an object and return a valid instance of `schema`.

        The schema stands in the prompt, and unknown fields are refused whatever its own configuration says. An invalid
        answer is asked again at most twice, with what is wrong and with the last exchange only, then put to the
        fallbacks. `check` judges what a schema cannot: it returns an objection for the model, or None. Raises
        Unanswerable after the last ask.
        """
        from models.structured import read, schema_of

        def judge(answer: Recorded) -> Good[T] | Flaw:
            flaw = defect(answer, structured=True)
            if flaw is not None:
                return flawed(flaw)
            value = read(answer, schema, check)
            return Flaw(value) if isinstance(value, str) else Good(value)

        form = schema_of(schema)
        question = _chat(system, f"{user}\n\n{fill('structured', schema=_compact(form.body))}")
        request = replace(self._request(seat, question, max_tokens, temperature, seed), schema=form)
        return self._usable(seat, request, model, judge)

    def infill(
        self,
        seat: Seat,
        prefix: str,
        suffix: str,
        *,
        stop: Sequence[str] = (),
        n_predict: int = 64,
        temperature: float = 0.2,
        seed: int | None = None,
    ) -> str:
        """Return what the model puts between `prefix` and `suffix`; it may be empty, and may end at `n_predict`.

        Works on the embedded server and on any llama-server; raises Unanswerable where the endpoint cannot do it.
        """
        before, after = self._veil.hide(prefix), self._veil.hide(suffix)
        body = infill_request(before, after, stop, n_predict, temperature, seed)
        name = self.models_of(seat.agent)[0]
        line = self._line(name, InfillQuestion(name, body, self._open))
        call = Call(seat.next(), {"infill": body}, (len(prefix) + len(suffix)) // 4)
        answer = self._caller.call(call, [line])
        if answer["finish"] == "unsupported":
            raise Unanswerable(f"{line.place} has no infill", reason="refused")
        return self._veil.reveal(answer["text"])

    def usage(self) -> Usage:
        """Return what the run has used so far, earlier processes included."""
        return self._budget.spent()

    def close(self) -> None:
        """End waiting calls, close connections and end the embedded model's server."""
        self._caller.close()
        with self._lock:
            endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            endpoint.close()

    def _request(
        self,
        seat: Seat,
        messages: tuple[Message, ...],
        max_tokens: int | None,
        temperature: float | None,
        seed: int | None,
    ) -> ChatRequest:
        own = self._settings.agent(seat.agent).temperature
        chosen = temperature if temperature is not None else own if own is not None else self.profile.temperature
        return ChatRequest(messages, max_tokens or self.profile.max_tokens, chosen, seed)

    def _usable(
        self, seat: Seat, request: ChatRequest, model: str | None, judge: Callable[[Recorded], Good[V] | Flaw]
    ) -> V:
        """Ask until an answer is usable: the model that the caller chose, else all that serve the agent, in order."""

        def chat(request: ChatRequest, name: str | None) -> Recorded:
            return self._chat(seat, request, name)

        def note(type: str, /, **fields: JSON) -> None:
            self._emit(type, lane=seat.lane, agent=seat.agent, attempt=seat.attempt, **fields)

        models = (None, *self.models_of(seat.agent)[1:]) if model is None else (model,)
        return Asks(chat, judge, note, self.profile.context_tokens // 2).usable(request, models)

    def _chat(self, seat: Seat, request: ChatRequest, model: str | None) -> Recorded:
        """Put one chat request; the model is part of the recorded request only where the caller chose it."""
        key = seat.next()
        request, record = self._unlike(key, self._veiled(request), model)
        names = self.models_of(seat.agent) if model is None else (model,)
        lines = [self._line(name, self._question(name, request)) for name in names]
        return self._caller.call(Call(key, record, request.prompt_tokens), lines)

    def _veiled(self, request: ChatRequest) -> ChatRequest:
        """Return the request as it may be sent and journalled."""
        hide = self._veil.hide
        messages = tuple(Message(role=each["role"], content=hide(each["content"])) for each in request.messages)
        return replace(request, messages=messages, older=tuple(map(hide, request.older)))

    def _question(self, model: str, request: ChatRequest) -> Question:
        return Question(model, request, lambda: self._known_of(model), self._open)

    def _unlike(self, key: CallKey, request: ChatRequest, model: str | None) -> tuple[ChatRequest, dict[str, JSON]]:
        """Return the request with other sampling if this run has put the question twice already, and its record.

        What was asked at this address before is asked again, so that a node that starts over finds its answers.
        """
        others = (varied(request, number) for number in range(1, VARIATIONS))
        choices = [(each, _recorded(each, model)) for each in (request, *others)]
        before, asked = self._journal.asked_at(key), model or self.models_of(key.agent)[0]
        if before is not None:
            usual = next((choice for choice in choices if digest_of(choice[1]) == before), None)
            if usual is not None:
                return usual
        unlike = (choice for choice in choices if self._journal.claim(key, likeness_of(choice[1], asked), ALIKE))
        return next(unlike, choices[-1])

    def _line(self, model: str, question: Question | InfillQuestion) -> Line:
        free = self._resolved.kind == "embedded"
        place = shown(self._resolved.base_url) or "the embedded model"
        return Line(model, place, self._settings.price_of(model, free=free), question)

    def _known_of(self, model: str) -> Known:
        """Return what is known of a model; its context is looked up once, before it is first asked."""
        with self._lock:
            known = self._known.get(model)
        if known is None:
            fresh = Known(
                Dialect(self._resolved.base_url, stream=self._settings.stream),
                Room(self._context_of(model)),
                lambda facts: self._journal.learnt(model, facts),
            )
            fresh.recall(self._journal.known_of(model))
            with self._lock:
                known = self._known.setdefault(model, fresh)
        return known

    def _context_of(self, model: str) -> int | None:
        """Return the tokens that a model can hold: what the user says, what was seen before, what its endpoint says."""
        if self._settings.context_tokens is not None or self._resolved.kind == "replay":
            return self._settings.context_tokens

        def look() -> JSON:
            found = self._open().context(model)
            return None if found is None else {"tokens": found.tokens, "source": found.source}

        seen = self._journal.observe(f"context/{model}", look)
        return seen["tokens"] if isinstance(seen, dict) else None

    def _open(self) -> Endpoint:
        with self._lock:
            if self._endpoint is None:
                self._endpoint = open_endpoint(self._resolved, connect_timeout=self._settings.connect_timeout)
            return self._endpoint


def _chat(system: str, user: str) -> tuple[Message, ...]:
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def _recorded(request: ChatRequest, model: str | None) -> dict[str, JSON]:
    """A chat request as it is journalled: what the caller meant, not the dialect in which it was sent."""
    record: dict[str, JSON] = {
        "messages": [{"role": message["role"], "content": message["content"]} for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
    }
    if request.schema is not None:
        record["schema"] = request.schema.name
    if model is not None:
        record["model"] = model
    return record


def _compact(schema: Mapping[str, object]) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _profile(resolved: Resolved, journal: Journal) -> Profile:
    """A replay takes over the profile of the recorded run: its prompts depend on it."""
    recorded = journal.source_profile() if resolved.kind == "replay" else None
    if recorded is None:
        return resolved.profile
    return profile_of(resolved.name, settings={**recorded, "profile": recorded["name"]})


def _plain(profile: Profile) -> dict[str, JSON]:
    return {**dataclasses.asdict(profile), "ladder": list(profile.ladder)}


def _require_prices(settings: DoorSettings, resolved: Resolved) -> None:
    free = resolved.kind == "embedded"
    for model in {resolved.title, *settings.models()}:
        settings.require_price(model, free=free)
