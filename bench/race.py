"""A race: contestants answer the same questions in interleaved rounds, and targets are held against the medians."""

import statistics
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
    calls: dict[str, int] = {}
    for contestant in operation.contestants:
        try:
            calls[contestant.name] = _calls(contestant.ask(range(operation.questions)))
        except WorkerError as error:
            failed[contestant.name] = str(error)
    order = [contestant for contestant in operation.contestants if contestant.name in calls]
    batches: dict[str, list[Batch]] = {contestant.name: [] for contestant in order}
    for _ in range(rounds):
        for contestant in order:
            done = batches[contestant.name]
            if len(done) < FEWEST_ROUNDS or sum(sum(batch.walls) for batch in done) < LONGEST_SECONDS:
                turns = range(calls[contestant.name])
                done.append(contestant.ask([turn % operation.questions for turn in turns]))
        order = [*order[1:], order[0]]
    return [_figures(c.name, batches[c.name], operation.questions) for c in operation.contestants if c in order], failed


def differing(operation: Operation, figures: Sequence[Figures]) -> str:
    """Who answers otherwise than we do, empty where nobody does."""
    comparable = {contestant.name for contestant in operation.contestants if contestant.comparable}
    asked = [f for f in figures if f.name in comparable]
    others = [f"{f.name} {f.answers}" for f in asked[1:] if f.answers != asked[0].answers]
    return f"{asked[0].name} {asked[0].answers}, {', '.join(others)}" if others else ""


def _calls(warmed: Batch) -> int:
    """How many calls make a batch: every question equally often."""
    one_each = len(warmed.walls)
    wanted = BATCH_SECONDS / max(sum(warmed.walls), 1e-9)
    return one_each * max(1, min(int(wanted), MOST_CALLS // one_each))


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
