"""The one door to a model: every question of every agent goes through `ask`, `structured` or `infill`."""

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from models.budget import Budget, Usage
from models.calls import Caller, Emit, Line
from models.dialect import ChatRequest, Dialect, Message
from models.endpoint import Endpoint, open_endpoint
from models.errors import Unanswerable
from models.faults import Fault
from models.journal import JSON, Journal, Recorded
from models.profiles import Profile, profile_of
from models.reading import Defect, defect, quoted, spoken
from models.resolve import Resolved, shown
from models.seat import Seat
from models.settings import DoorSettings, door_settings
from models.transport import Reply
from models.wording import fill

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")

ASKS = 3
"""How often one question is put: once, and at most twice again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete, non-empty answer: the text without the model's thoughts, why it ended, what it used, who gave it."""

    text: str
    finish: str
    usage: Usage
    model: str


class Door:
    """Asks the model of a run, never twice for the same answer and never past the budget.

    Safe for parallel lanes. `events_emit(type, **fields)` receives call.started, call.retried, call.failed and
    call.finished. `settings` are the run's settings (models/settings.py reads its part). Raises PriceUnknown when
    the budget limits money and a model's price is not set. Every method may raise BudgetSpent and ProviderError.
    """

    def __init__(
        self,
        resolved: Resolved,
        journal: Journal,
        budget: Budget,
        events_emit: Emit,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.profile = _profile(resolved, journal)
        self._resolved = resolved
        self._budget = budget
        self._settings = door_settings(settings or {})
        self._dialects: dict[str, Dialect] = {}
        self._lock = threading.Lock()
        self._endpoint: Endpoint | None = None
        live = resolved.kind != "replay"
        if live and budget.limits.cost is not None:
            _require_prices(self._settings, resolved)
        timeout = self._settings.answer_timeout
        self._caller = Caller(journal, budget, events_emit, self._settings.retry, answer_timeout=timeout, live=live)
        journal.opened(resolved.title, _plain(self.profile))

    @property
    def name(self) -> str:
        """The run's model, by the name for people and records; an agent may have another one."""
        return self._resolved.title

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
    ) -> Answer:
        """Ask for text and return a complete, non-empty answer.

        `max_tokens`, `temperature` and `model` default to the agent's settings and the profile. An empty or cut answer
        is dropped whole and asked again, at most twice, the last time with other sampling; then Unanswerable.
        """
        request = self._request(seat, _chat(system, user), max_tokens, temperature, seed)
        for asked in range(1, ASKS + 1):
            answer = self._chat(seat, request, model)
            flaw = defect(answer, structured=False)
            if flaw is None:
                return Answer(spoken(answer["text"]), answer["finish"] or "", answer["usage"], answer["model"])
            failure = Unanswerable(_SAYS[flaw], reason=flaw, answer=answer["text"])
            if flaw == "refused":
                break
            request = self._varied(request, flaw, asked)
        raise failure

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
        answer is asked again at most twice, with what is wrong and with the last exchange only. `check` judges what
        a schema cannot: it returns an objection for the model, or None. Raises Unanswerable after the last ask.
        """
        from models.structured import read, schema_of

        form = schema_of(schema)
        question = _chat(system, f"{user}\n\n{fill('structured', schema=_compact(form.body))}")
        request = replace(self._request(seat, question, max_tokens, temperature, seed), schema=form)
        for asked in range(1, ASKS + 1):
            answer = self._chat(seat, request, model)
            flaw = defect(answer, structured=True)
            value = read(answer, schema, check) if flaw is None else _SAYS[flaw]
            if not isinstance(value, str):
                return value
            said = f"no valid answer after {asked} questions: {value}"
            failure = Unanswerable(said, reason=flaw or "invalid", answer=answer["text"])
            if flaw == "refused":
                break
            if flaw is None:
                request = replace(request, messages=(*question, *_again(quoted(answer), value)))
            else:
                request = self._varied(replace(request, messages=question), flaw, asked)
        raise failure

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
        body: dict[str, JSON] = {
            "input_prefix": prefix,
            "input_suffix": suffix,
            "n_predict": n_predict,
            "stop": list(stop),
            "temperature": temperature,
            "top_p": 0.95,
            "cache_prompt": True,
        }
        if seed is not None:
            body["seed"] = seed

        model = self._model_of(seat.agent)

        def send(timeout: float) -> Reply | Fault:
            return self._open().infill(model, body, timeout=timeout)

        line = self._line(model, send, lambda fault: False)
        tokens = (len(prefix) + len(suffix)) // 4
        answer = self._caller.call(seat.next(), {"infill": body}, tokens, line)
        if answer["finish"] == "unsupported":
            raise Unanswerable(f"{line.place} has no infill", reason="refused")
        return answer["text"]

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

    def _chat(self, seat: Seat, request: ChatRequest, model: str | None) -> Recorded:
        """Put one chat request; the model is part of the recorded request only where the caller chose it."""
        name = model or self._model_of(seat.agent)
        dialect = self._dialect(name)
        sent: dict[str, object] = {}

        def send(timeout: float) -> Reply | Fault:
            nonlocal sent
            sent = dialect.fields(request)
            return self._open().chat(name, request, sent, timeout=timeout)

        line = self._line(name, send, lambda fault: dialect.learn(fault, request, sent))
        return self._caller.call(seat.next(), _recorded(request, model), request.prompt_tokens, line)

    def _varied(self, request: ChatRequest, problem: Defect, asked: int) -> ChatRequest:
        """Change what may cure an empty or cut answer; the same request is sent twice at most."""
        room = min(2 * request.max_tokens, self.profile.context_tokens // 2)
        if problem == "cut" and room > request.max_tokens:
            return replace(request, max_tokens=room)
        if asked < 2:
            return request
        seed = None if request.seed is None else request.seed + 1
        return replace(request, temperature=round(min(1.0, request.temperature + 0.4), 2), seed=seed)

    def _line(self, model: str, send: Callable[[float], Reply | Fault], adapt: Callable[[Fault], bool]) -> Line:
        free = self._resolved.kind == "embedded"
        place = shown(self._resolved.base_url) or "the embedded model"
        return Line(model, place, self._settings.price_of(model, free=free), send, adapt)

    def _model_of(self, agent: str) -> str:
        """Return the model that serves an agent; an embedded model serves all."""
        own = self._settings.agent(agent).model if self._resolved.kind == "endpoint" else None
        return own or self._resolved.title

    def _dialect(self, model: str) -> Dialect:
        with self._lock:
            return self._dialects.setdefault(model, Dialect(self._resolved.base_url))

    def _open(self) -> Endpoint:
        with self._lock:
            if self._endpoint is None:
                self._endpoint = open_endpoint(self._resolved, connect_timeout=self._settings.connect_timeout)
            return self._endpoint


def _chat(system: str, user: str) -> tuple[Message, ...]:
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def _again(answer: str, problem: str) -> tuple[Message, ...]:
    """The last exchange: what the model said, and what is wrong with it."""
    question: Message = {"role": "user", "content": fill("again", problem=problem)}
    return ({"role": "assistant", "content": answer}, question)


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
    for model in {resolved.title, *(agent.model for agent in settings.agents.values() if agent.model)}:
        settings.require_price(model, free=free)


_SAYS: dict[Defect, str] = {
    "empty": "the model's answer was empty",
    "cut": "the model's answer was cut off before its end",
    "refused": "the model refused to answer",
}
