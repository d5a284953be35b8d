"""The part of a run's settings that the door obeys, read once and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.budget import Usage
from models.errors import PriceUnknown


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long passing faults of the endpoint are waited out.

    `base` seconds before the first retry, doubled each time up to `cap`; at most `tries` requests for one call, and
    no retry that would start later than `window` seconds after the first request.
    """

    base: float = 0.5
    cap: float = 30.0
    tries: int = 6
    window: float = 180.0


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What the user set for one agent; None leaves it to the run's model and to the caller.

    `fallbacks` are the models that take over, in this order, where the agent's own cannot serve.
    """

    model: str | None = None
    temperature: float | None = None
    fallbacks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million prompt tokens and for a million answer tokens."""

    prompt: float
    completion: float

    def of(self, usage: Usage) -> float:
        """Return the cost of a call in US dollars."""
        return (usage["prompt_tokens"] * self.prompt + usage["completion_tokens"] * self.completion) / 1e6


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Time-outs (seconds), retries, per-agent choices, fallbacks and prices.

    `escalate` is the model that takes over a stuck task. `context_tokens` is what the user says that the model can
    read. `seed` is the run's: waits are drawn from it.
    """

    connect_timeout: float = 5.0
    answer_timeout: float = 600.0
    idle_timeout: float = 120.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    context_tokens: int | None = None
    stream: bool = True
    fallbacks: tuple[str, ...] = ()
    escalate: str | None = None
    seed: int = 0
    agents: Mapping[str, AgentSettings] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)

    def agent(self, name: str) -> AgentSettings:
        """Return what is set for an agent, empty if nothing is."""
        return self.agents.get(name, AgentSettings())

    def fallbacks_of(self, agent: str) -> tuple[str, ...]:
        """Return the models that take over for an agent: its own list, else the list for all."""
        own = self.agent(agent).fallbacks
        return self.fallbacks if own is None else own

    def models(self) -> set[str]:
        """Return every model that the settings name besides the run's own."""
        own = {agent.model for agent in self.agents.values() if agent.model}
        escalate = (self.escalate,) if self.escalate else ()
        return own.union(self.fallbacks, escalate, *(agent.fallbacks or () for agent in self.agents.values()))

    def price_of(self, model: str, *, free: bool) -> Price | None:
        """Return the price of a model: the user's, nothing for one that runs on this machine, else unknown."""
        return Price(0.0, 0.0) if free else self.prices.get(model)

    def require_price(self, model: str, *, free: bool) -> None:
        """Raise PriceUnknown when a model without a price would be used under a limit in money."""
        if self.price_of(model, free=free) is None:
            raise PriceUnknown(
                f"a limit in money needs the price of {model}: set prices.{model} to its prompt and completion price "
                "in US dollars for a million tokens, or drop the limit"
            )


def door_settings(settings: Mapping[str, object]) -> DoorSettings:
    """Read the door's part of a run's settings: model, agents, prices, seed; unknown keys are not ours."""
    model, retry = _section(settings, "model"), _section(_section(settings, "model"), "retry")
    default = DoorSettings()
    return DoorSettings(
        connect_timeout=_number(model, "connect_timeout", default.connect_timeout),
        answer_timeout=_number(model, "answer_timeout", default.answer_timeout),
        idle_timeout=_number(model, "idle_timeout", default.idle_timeout),
        retry=RetryPolicy(
            base=_number(retry, "base", default.retry.base),
            cap=_number(retry, "cap", default.retry.cap),
            tries=int(_number(retry, "tries", default.retry.tries)),
            window=_number(retry, "window", default.retry.window),
        ),
        context_tokens=int(_number(model, "context_tokens", 0)) or None,
        stream=model.get("stream") is not False,
        fallbacks=_names(model.get("fallbacks")) or (),
        escalate=str(model["escalate"]) if model.get("escalate") else None,
        seed=int(_number(settings, "seed", 0)),
        agents={name: _agent(_section(agents, name)) for agents in [_section(settings, "agents")] for name in agents},
        prices={name: _price(_section(prices, name)) for prices in [_section(settings, "prices")] for name in prices},
    )


def _section(settings: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = settings.get(name)
    return value if isinstance(value, Mapping) else {}


def _number(section: Mapping[str, object], name: str, default: float) -> float:
    value = section.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def _agent(section: Mapping[str, object]) -> AgentSettings:
    model, temperature = section.get("model"), section.get("temperature")
    return AgentSettings(
        model if isinstance(model, str) and model else None,
        float(temperature) if isinstance(temperature, int | float) else None,
        _names(section.get("fallbacks")),
    )


def _names(value: object) -> tuple[str, ...] | None:
    return tuple(str(name) for name in value) if isinstance(value, list | tuple) else None


def _price(section: Mapping[str, object]) -> Price:
    return Price(_number(section, "prompt", 0.0), _number(section, "completion", 0.0))
