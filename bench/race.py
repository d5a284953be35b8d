"""A race: contestants answer the same questions in interleaved rounds, and targets are held against the medians."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.sampling import Batch, Contestant, WorkerError

BATCH_SECONDS = 0.02
"""A quick call is repeated until a batch takes about so long, so that a round is no single glance."""
MOST_CALLS = 256
LONGEST_SECONDS = 30.0
"""A slow contestant sits out the later rounds once its calls have taken so long, but never before the third."""
FEWEST_ROUNDS = 3

OURS = "ours"


@dataclass(frozen=True)
class Figures:
    """What one contestant needs for one call, in milliseconds."""

    name: str
    median: float
    least: float
    cpu: float
    """Median over the rounds of the CPU time of one call."""
    calls: int
    rounds: int
    answers: list[int]
    """What it answered to each question."""


@dataclass(frozen=True)
class Target:
    """Something that must hold for our figures."""

    text: str
    met: Callable[[Mapping[str, Figures]], bool]
    needs: Sequence[str] = ()
    """Contestants without whom it cannot be judged."""
    limit: float | None = None
    """Milliseconds, where it is a plain limit."""


@dataclass(frozen=True)
class Operation:
    """Something that we and others can do."""

    title: str
    note: str
    """What exactly is measured."""
    contestants: Sequence[Contestant]
    """Ours first."""
    questions: int = 1
    targets: Sequence[Target] = ()


def at_most(milliseconds: float, name: str = OURS) -> Target:
    """The median is not above a limit."""
    return Target(f"≤ {milliseconds:g} ms", lambda f: f[name].median <= milliseconds, (name,), milliseconds)


def faster_than(rival: str, factor: float = 1, name: str = OURS) -> Target:
    """The median is at most the rival's, divided by a factor."""
    text = f"faster than {rival}" if factor == 1 else f"≥ {factor:g} times faster than {rival}"
    return Target(text, lambda f: f[name].median * factor <= f[rival].median, (name, rival))


def at_most_times(factor: float, other: str, name: str = OURS) -> Target:
    """The median is at most so many times that of another contestant."""
    return Target(f"≤ {factor:g} times {other}", lambda f: f[name].median <= factor * f[other].median, (name, other))


def run(operation: Operation, rounds: int) -> tuple[list[Figures], dict[str, str]]:
    """Let all contestants answer; also says which rivals could not, and why. Raises what we raise."""
    failed: dict[str, str] = {}
    racers: list[_Racer] = []
    for contestant in operation.contestants:
        try:
            racers.append(_Racer(contestant, operation.questions))
        except WorkerError as error:
            failed[contestant.name] = str(error)
    for turn in range(rounds):
        first = turn % len(racers)
        for racer in racers[first:] + racers[:first]:
            racer.take_part()
    return [_figures(racer.contestant.name, racer.batches, operation.questions) for racer in racers], failed


def differing(operation: Operation, figures: Sequence[Figures]) -> str:
    """Who answers otherwise than we do, empty where nobody does."""
    comparable = {contestant.name for contestant in operation.contestants if contestant.comparable}
    asked = [f for f in figures if f.name in comparable]
    others = [f"{f.name} {f.answers}" for f in asked[1:] if f.answers != asked[0].answers]
    return f"{asked[0].name} {asked[0].answers}, {', '.join(others)}" if others else ""


class _Racer:
    """A contestant with what it has done so far. Raises WorkerError where it cannot answer at all."""

    def __init__(self, contestant: Contestant, questions: int) -> None:
        self.contestant = contestant
        self.batches: list[Batch] = []
        self._seconds = 0.0
        self._asked = list(range(questions))
        self._ask()
        turns = max(1, min(int(BATCH_SECONDS / self._seconds), MOST_CALLS // questions))
        self._asked *= turns
        self._seconds = 0.0

    def take_part(self) -> None:
        """Answer one batch, unless it has taken too long already."""
        if len(self.batches) < FEWEST_ROUNDS or self._seconds < LONGEST_SECONDS:
            self.batches.append(self._ask())

    def _ask(self) -> Batch:
        gc.collect()  # here, since garbage of one contestant is no matter of the next
        started = time.perf_counter()
        batch = self.contestant.ask(self._asked)
        self._seconds += time.perf_counter() - started
        return batch


def _figures(name: str, batches: Sequence[Batch], questions: int) -> Figures:
    walls = [wall for batch in batches for wall in batch.walls]
    return Figures(
        name,
        statistics.median(walls) * 1e3,
        min(walls) * 1e3,
        statistics.median(batch.cpu / len(batch.walls) for batch in batches) * 1e3,
        len(walls),
        len(batches),
        batches[0].answers[:questions],
    )
