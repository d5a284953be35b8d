"""The two kinds of lines that a scenario is made of: answers, and faults that are laid over them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from tests.modelserver import faults as _registered  # noqa: F401 - the catalogue is filled by importing it
from tests.modelserver.catalogue import Kind, check_options, kinds_of
from tests.modelserver.conditions import When
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request

Says: TypeAlias = str | Reply | Callable[[Request], "str | Reply"]


@dataclass(frozen=True)
class Rule:
    """One answer and the requests that it is for.

    A request meets a rule by `role` (the agent, "" for any) and `when`. `nth` counts the *different* requests that
    meet it, from 1: the same bytes sent again (a retry, a resume) keep their number. `times` is how often the rule may
    serve at all. The first rule of a scenario that fits serves.
    """

    reply: Says
    when: When | None = None
    role: str = ""
    nth: int | None = None
    times: int | None = None
    name: str = ""

    def meets(self, request: Request) -> bool:
        """Whether role and condition fit, counts left aside."""
        return (not self.role or self.role == request.role) and (self.when is None or self.when(request))

    def answer(self, request: Request) -> Reply:
        """Return what the rule says to a request."""
        value = self.reply(request) if callable(self.reply) else self.reply
        return Reply(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class FaultRule:
    """A kind of fault laid over the answers: where (`role`, `when`, `rule`, `nth`, `after`), how often, how likely.

    `rule` names the rule whose answers it is for, "" for any. `nth` counts different requests that meet role and
    condition, from 1; with `after` the first so many of them are spared. `times` counts how often the fault strikes in
    all, `repeat` how often it strikes one request. A draw for `rate` depends on seed, scenario and request only; with
    `draw_by="step"` on the rule that answers and the request's number there, so that other prompts meet the same draws.
    Raises ValueError for a kind, a way or an option that is not in the catalogue.
    """

    kind: str
    when: When | None = None
    role: str = ""
    nth: int | None = None
    times: int | None = 1
    repeat: int | None = None
    rate: float = 1.0
    options: Mapping[str, object] = field(default_factory=dict)
    after: int = 0
    rule: str = ""
    draw_by: Literal["request", "step"] = "request"

    def __post_init__(self) -> None:
        check_options(self.kinds, self.options)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The faults of the catalogue that `kind` names."""
        return kinds_of(self.kind)

    @property
    def label(self) -> str:
        """The names of the faults, for log and counters."""
        return "+".join(kind.fault.name for kind in self.kinds)

    def meets(self, request: Request) -> bool:
        """Whether role and condition fit, counts left aside."""
        return (not self.role or self.role == request.role) and (self.when is None or self.when(request))
