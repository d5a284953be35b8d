"""Whether the process helps: requests of several steps, by a model whose mistakes are drawn by chance.

    python bench/oracle.py                      the whole study, two processes; a rerun goes on where it was
    python bench/oracle.py --workers 1          the same with one process
    python bench/oracle.py --quick              one seed of one request at p = .7: does everything work?
    python bench/oracle.py --docs               table and plot of the finished cells into docs/; nothing is run

Each cell is one request, one seed, one model. The same draws meet one shot at the whole request, the best of K whole
answers at equal cost, and our whole graph over a real sandbox, git and HTTP server. Hidden tests outside of the run
say whether the request is resolved. Finished cells are lines of a results file.
"""

import argparse
import os
import sys
import traceback
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from bench.study.cells import CLOSER, Cell, Results, Row, cells, measured  # noqa: E402
from bench.study.hidden import Judge  # noqa: E402
from bench.study.report import markdown, picture  # noqa: E402

RESULTS = Path("oracle-study") / "cells.jsonl"
PICTURE = "oracle.svg"
SYSTEM_PATH = "/usr/bin:/bin"
"""Checks run with the system's Python: it has no pytest, whose start costs more than all else in a run."""
CELLS_OF_A_PROCESS = 40
"""So many runs, and a process makes room for a fresh one."""


def main() -> int:
    """Run what is missing, or write the section; exit code 1 where a cell could not be measured."""
    options = _options()
    results = Results(options.results)
    failed = 0
    if not options.docs:
        wanted = [cell for cell in cells(1) if cell.job == "text" and (cell.p, cell.kappa) == CLOSER]
        failed = _run(results.missing(wanted if options.quick else cells()), results, options.workers)
    rows = results.rows()
    text = markdown(rows, len(cells()))
    print(text)
    if options.docs:
        (ROOT / "docs" / PICTURE).write_text(picture(rows), encoding="utf-8")
        section = f"![Requests resolved, by the model's chance to get a step right]({PICTURE})\n\n{text}"
        write_section("statistical study", "python bench/oracle.py", section)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The statistical study, see the head of this file.")
    parser.add_argument("--results", type=Path, default=RESULTS, help=f"file of finished cells (default: {RESULTS})")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    parser.add_argument("--quick", action="store_true", help="one seed of one request at p = .7, kappa = .8")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md and its plot")
    return parser.parse_args()


def _run(missing: list[Cell], results: Results, workers: int) -> int:
    """Measure cells in processes of their own; each is on disk before the next one starts. Returns how many failed."""
    failed = 0
    with get_context("spawn").Pool(workers, initializer=_prepare, maxtasksperchild=CELLS_OF_A_PROCESS) as pool:
        for number, (cell, found) in enumerate(pool.imap_unordered(_one, missing), 1):
            if isinstance(found, Row):
                results.add(found)
            else:
                failed += 1
            said = found.outcome if isinstance(found, Row) else found
            print(f"{number} of {len(missing)}: {cell}: {said}", file=sys.stderr, flush=True)
    return failed


def _prepare() -> None:
    os.environ["PATH"] = SYSTEM_PATH
    for name in ("VIRTUAL_ENV", "PYTHONPATH"):
        os.environ.pop(name, None)


def _one(cell: Cell) -> tuple[Cell, Row | str]:
    """A cell and what was measured; or why it could not be, which is a fault of the machine or of the product."""
    try:
        return cell, measured(cell, Judge())
    except Exception:
        # The edge of the worker: one cell that breaks must not end the study; it stays missing, and a rerun takes it.
        return cell, traceback.format_exc()


if __name__ == "__main__":
    sys.exit(main())
