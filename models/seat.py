"""The place a node sits at while it runs: the first half of the address under which its calls are journalled."""

from dataclasses import dataclass, field
from typing import NamedTuple

BESIDE = 100
"""Distance between the numbers of calls that are made side by side: more than one piece of work makes."""


class CallKey(NamedTuple):
    """The address of one call in a journal."""

    lane: str
    agent: str
    attempt: int
    ordinal: int

    def __str__(self) -> str:
        return f"{self.lane}/{self.agent}, attempt {self.attempt}, call {self.ordinal + 1}"


@dataclass(slots=True)
class Seat:
    """Numbers the calls of one running node.

    A node takes a new seat each time it starts, so that a node started over after a crash asks for the same
    addresses again and is handed the recorded answers. Not shared between threads.
    """

    lane: str
    agent: str
    attempt: int = 1
    _taken: int = field(default=0, init=False, repr=False)

    def next(self) -> CallKey:
        """Return the address of this node's next call."""
        key = CallKey(self.lane, self.agent, self.attempt, self._taken)
        self._taken += 1
        return key

    def beside(self, number: int) -> "Seat":
        """Return a seat for work done beside this one: its calls are numbered apart, whoever comes first."""
        seat = Seat(self.lane, self.agent, self.attempt)
        seat._taken = number * BESIDE
        return seat
