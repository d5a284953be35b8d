"""What a run has used: by agent, by model, and where its time went."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from orchestrator.fold import Event


@dataclass
class Used:
    """Calls, tokens, dollars (None where a price is not known) and the seconds that were waited for answers."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0
    seconds: float = 0.0

    def add(self, event: Event) -> None:
        """Take in a call that was answered, from its event or from its answer."""
        usage = event.get("usage") or {}
        self.calls += usage.get("calls", 1) or 1
        self.prompt_tokens += usage.get("prompt_tokens", 0)
        self.completion_tokens += usage.get("completion_tokens", 0)
        price = usage.get("cost")
        self.cost = None if price is None or self.cost is None else self.cost + price
        self.seconds += event.get("seconds", 0.0)


@dataclass
class Cost:
    """The use of each agent and each model, and the time of checks."""

    agents: dict[str, Used] = field(default_factory=dict)
    models: dict[str, Used] = field(default_factory=dict)
    checks: int = 0
    check_seconds: float = 0.0


def costs(events: Iterable[Event], replays: bool) -> Cost:
    """Add up a run; answers that were recorded before cost nothing again, but in a replay they are its own."""
    cost = Cost()
    for event in events:
        with suppress(KeyError, TypeError):
            if event["type"] == "call.finished" and (replays or not event.get("recorded")):
                cost.agents.setdefault(str(event["agent"]), Used()).add(event)
                cost.models.setdefault(str(event["model"]), Used()).add(event)
            elif event["type"] == "check.finished":
                cost.checks += 1
                cost.check_seconds += event.get("seconds", 0.0)
    return cost
