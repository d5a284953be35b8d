"""Sampling: by which model, how warm and from which seed an attempt is asked. A rewrite must not be the same again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from nodes.session import Session
from nodes.state import LaneState

WARMER = 0.3
"""How much warmer each candidate of a rewrite is asked than the one before."""

SEEDS = 16
"""Distance between the seeds of one attempt and the next: more than any number of candidates."""

DEFAULT_CANDIDATES = 2
"""Candidates of a rewrite: the second finds what the first misses where answers are independent, later ones seldom."""


class Options(TypedDict, total=False):
    """What the door is told beyond the prompt."""

    model: str
    temperature: float
    seed: int


@dataclass(frozen=True)
class Sampling:
    """How one question is sampled; None leaves it to the agent's settings and the model's profile."""

    model: str | None = None
    temperature: float | None = None
    seed: int | None = None

    def options(self) -> Options:
        """The arguments for the door."""
        options: Options = {}
        if self.model is not None:
            options["model"] = self.model
        if self.temperature is not None:
            options["temperature"] = self.temperature
        if self.seed is not None:
            options["seed"] = self.seed
        return options


def usual(state: LaneState) -> Sampling:
    """As the settings say, by the model that the task was escalated to where it was."""
    return Sampling(model=state.get("model") or None)


def candidates(state: LaneState, agent: str, session: Session) -> list[Sampling]:
    """How the candidates of a rewrite are asked: each warmer, from a seed of its own, by a fallback where there is one.

    The first stays with the model that the task has.
    """
    base = own_temperature(agent, session)
    models = [state.get("model") or None, *([] if session.alone else fallbacks(agent, session.settings))]
    seed = (int(session.settings.get("seed", 0)) * 1000 + state.get("attempt", 0) + 1) * SEEDS
    count = int(session.settings.get("candidates") or DEFAULT_CANDIDATES)
    return [
        Sampling(models[n % len(models)], min(1.0, round(base + WARMER * (n + 1), 2)), seed + n) for n in range(count)
    ]


def own_temperature(agent: str, session: Session) -> float:
    """The temperature that an agent is asked with when nothing has failed."""
    own = session.settings.get("agents", {}).get(agent, {}).get("temperature")
    return float(own) if own is not None else session.door.profile.temperature


def fallbacks(agent: str, settings: Mapping[str, Any]) -> list[str]:
    """The models that may take over for an agent: its own list, else the list for all."""
    own = settings.get("agents", {}).get(agent, {}).get("fallbacks")
    return list(own if own is not None else settings.get("model", {}).get("fallbacks") or [])
