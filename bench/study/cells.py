"""Cells of the study: which runs there are, and one line of JSON for each that is done, so that a rerun goes on."""

import fcntl
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.study import ledger, routes, shop, text
from bench.study.hidden import Judge
from bench.study.job import Job
from bench.study.model import Skill
from bench.study.ours import VARIANTS, ours
from bench.study.plain import Ending, best_of, one_shot

JOBS: dict[str, Job] = {module.JOB.name: module.JOB for module in (shop, ledger, routes, text)}

CHANCES = (0.5, 0.7, 0.9)
KAPPAS: tuple[float | None, ...] = (0.8, None)
SEEDS = 20
CLOSER = (0.7, 0.8)
"""Where our parts are switched off one by one."""

ALL = "all"
OTHERS = ("one shot", "best of K, calls", "best of K, tokens", "best of K, calls, tiring")
"""Other ways to use the same model; what each means says `bench.study.plain`."""


@dataclass(frozen=True)
class Cell:
    """One request, one model, one seed, one way of ours."""

    job: str
    p: float
    kappa: float | None
    seed: int
    variant: str = ALL


@dataclass(frozen=True)
class Row:
    """What was measured in a cell: our run's ending and, beside the full process, those of the other ways."""

    cell: Cell
    endings: dict[str, Ending]
    outcome: str
    reason: str
    tasks: dict[str, list[str]]


def cells(seeds: int = SEEDS) -> list[Cell]:
    """Every cell, ordered so that what is done at any time is balanced over requests and settings."""
    found = []
    for seed in range(1, seeds + 1):
        for job in JOBS:
            found += [Cell(job, p, kappa, seed) for kappa in KAPPAS for p in CHANCES]
            found += [Cell(job, *CLOSER, seed, variant) for variant in VARIANTS if variant != ALL]
    return found


def measured(cell: Cell, judge: Judge) -> Row:
    """Run a cell."""
    job, skill = JOBS[cell.job], Skill(cell.p, cell.kappa)
    run = ours(job, skill, cell.seed, VARIANTS[cell.variant], judge)
    endings = {cell.variant: run.ending}
    if cell.variant == ALL:
        calls, tokens = run.ending.calls, run.ending.tokens
        endings |= {
            "one shot": one_shot(job, skill, cell.seed, judge),
            "best of K, calls": best_of(job, skill, cell.seed, judge, calls=calls, fresh=True),
            "best of K, tokens": best_of(job, skill, cell.seed, judge, tokens=tokens, fresh=True),
            "best of K, calls, tiring": best_of(job, skill, cell.seed, judge, calls=calls, fresh=False),
        }
    return Row(cell, endings, run.outcome, run.reason, run.tasks)


class Results:
    """The file of finished cells; several processes may add to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, row: Row) -> None:
        """Write one line, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(asdict(row)) + "\n")

    def rows(self) -> list[Row]:
        """What is done; a line that was cut off by a crash does not count, of equal cells the first does."""
        found: dict[Cell, Row] = {}
        for row in self._read():
            found.setdefault(row.cell, row)
        return list(found.values())

    def missing(self, wanted: Sequence[Cell]) -> list[Cell]:
        """The cells that are still to be measured."""
        done = {row.cell for row in self.rows()}
        return [cell for cell in wanted if cell not in done]

    def _read(self) -> Iterator[Row]:
        if not self._path.exists():
            return
        for line in self._path.read_text("utf-8").splitlines():
            try:
                value: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            endings = {name: Ending(**ending) for name, ending in value.pop("endings").items()}
            yield Row(Cell(**value.pop("cell")), endings, **value)
