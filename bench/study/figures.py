"""Figures of the study: shares with intervals, and differences between ways that met the same draws."""

import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.study.cells import Row
from bench.study.plain import Ending

Z = 1.96
RESAMPLES = 2000

Key = tuple[str, int]
"""One request and one seed: what is compared in pairs."""


@dataclass(frozen=True)
class Share:
    """How many of how many, and the 95 % interval of the share (Wilson)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its lower and upper end; all that is possible where nothing was measured."""
        if not self.of:
            return 0.0, 1.0
        spread = Z * math.sqrt(self.value * (1 - self.value) / self.of + Z * Z / (4 * self.of * self.of))
        middle, width = self.value + Z * Z / (2 * self.of), 1 + Z * Z / self.of
        return max(0.0, (middle - spread) / width), min(1.0, (middle + spread) / width)


@dataclass(frozen=True)
class Figures:
    """One way of working at one setting."""

    resolved: Share
    false: Share
    """Runs that claim success and are not resolved, of all runs."""
    claimed: int
    calls: float
    tokens: float
    """Means of a run."""


Series = dict[Key, Ending]
"""The endings of one way at one setting."""


def series(rows: Sequence[Row], p: float, kappa: float | None) -> dict[str, Series]:
    """The endings at one setting, by way of working."""
    found: dict[str, Series] = defaultdict(dict)
    for row in rows:
        if (row.cell.p, row.cell.kappa) == (p, kappa):
            for way, ending in row.endings.items():
                found[way][row.cell.job, row.cell.seed] = ending
    return dict(found)


def figures(endings: Series) -> Figures:
    """The figures of one way at one setting; raises StatisticsError where nothing was measured."""
    all = list(endings.values())
    return Figures(
        Share(sum(e.resolved for e in all), len(all)),
        Share(sum(e.claimed and not e.resolved for e in all), len(all)),
        sum(e.claimed for e in all),
        statistics.fmean(e.calls for e in all),
        statistics.fmean(e.tokens for e in all),
    )


@dataclass(frozen=True)
class Difference:
    """How much more one way resolves than another on the same draws, with its 95 % interval (paired bootstrap)."""

    value: float
    low: float
    high: float
    pairs: int


def difference(one: Series, other: Series) -> Difference:
    """The paired difference; seeds are resampled within each request, since the requests were chosen."""
    by_job: dict[str, list[float]] = defaultdict(list)
    for key in one.keys() & other.keys():
        by_job[key[0]].append(float(one[key].resolved) - float(other[key].resolved))
    groups = [sorted(values) for _, values in sorted(by_job.items())]
    draw = random.Random(1)
    means = sorted(_mean([draw.choices(group, k=len(group)) for group in groups]) for _ in range(RESAMPLES))
    low, high = (means[round(RESAMPLES * share) - (share > 0.5)] for share in (0.025, 0.975))
    return Difference(_mean(groups), low, high, sum(map(len, groups)))


def only(endings: Series, wanted: Callable[[Key], bool]) -> Series:
    """The part of a series."""
    return {key: ending for key, ending in endings.items() if wanted(key)}


def _mean(groups: Sequence[Sequence[float]]) -> float:
    values = [value for group in groups for value in group]
    return statistics.fmean(values) if values else 0.0
