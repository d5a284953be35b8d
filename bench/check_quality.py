"""What the checks of the native tools miss, and what they say wrongly.

    python bench/check_quality.py                 2,000 mutations, five packages
    python bench/check_quality.py --mutations 200 a first impression
    python bench/check_quality.py --docs          renew the section in docs/

Missed: one-edit mutations of the standard library's files; CPython's own compiler says which of them are invalid.
Wrong: valid files of real packages, as new files and as edits that add one line; whatever blocks is a false alarm.
The packages are those of this environment. The exit code is 1 if something is missed or said wrongly.
"""

import argparse
import shutil
import statistics
import sys
import sysconfig
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from bench.mutations import KINDS, Mutant, mutants  # noqa: E402
from tools._native import Finding, Index, check  # noqa: E402

PACKAGES = ("rich", "pydantic", "hypothesis", "openai", "langgraph", "langchain_core", "jinja2", "mypy")
WANTED_PACKAGES = 5
PATH = "module.py"


@dataclass
class Caught:
    """What became of the mutants of one kind."""

    made: int = 0
    invalid: int = 0
    missed: list[Mutant] = field(default_factory=list)
    distances: list[int] = field(default_factory=list)
    valid_and_told: int = 0


@dataclass
class Alarms:
    """What was said of the valid files of one package."""

    files: int = 0
    checks: int = 0
    blocking: list[str] = field(default_factory=list)
    guards: int = 0
    advice: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def main() -> int:
    """Print both tables; exit code 1 where something is missed or said wrongly."""
    parser = argparse.ArgumentParser(description="Quality of the checks, see the head of this file.")
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--packages", nargs="*", metavar="DIR", type=Path, help="folders of packages to check instead")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    options = parser.parse_args()
    caught = catch(list(mutants(sources(), options.mutations)))
    folders = options.packages or installed_packages()
    alarms = {folder.name: false_alarms(folder) for folder in folders}
    text = f"{mutation_table(caught)}\n{alarm_table(alarms)}"
    print(text)
    if options.docs:
        write_section("quality of the checks", "python bench/check_quality.py", text)
    wrong = [line for found in alarms.values() for line in found.blocking]
    print("\n".join(wrong), end="\n" if wrong else "")
    missed = [mutant for one in caught.values() for mutant in one.missed]
    for mutant in missed:
        print(f"missed: {mutant.kind}, line {mutant.line}: {mutant.text.splitlines()[mutant.line - 1]!r}")
    return 1 if missed or wrong else 0


def sources() -> list[str]:
    """Files of the standard library with 100 to 1,500 lines, in the order of their names."""
    library = Path(sysconfig.get_paths()["stdlib"])
    texts = [path.read_text("utf-8") for path in sorted(library.glob("*.py"))]
    return [text for text in texts if 100 <= text.count("\n") <= 1500]


def catch(made: Sequence[Mutant]) -> dict[str, Caught]:
    """Check each mutant, and ask CPython whether it is valid."""
    caught = {kind: Caught() for kind in KINDS}
    for mutant in made:
        one = caught[mutant.kind]
        one.made += 1
        blocking = [found for found in check(PATH, mutant.text) if found.blocking]
        if is_valid(mutant.text):
            one.valid_and_told += bool(blocking)
            continue
        one.invalid += 1
        if blocking:
            one.distances.append(min(abs(found.line - mutant.line) for found in blocking))
        else:
            one.missed.append(mutant)
    return caught


def is_valid(text: str) -> bool:
    """Whether CPython compiles the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, PATH, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def installed_packages() -> list[Path]:
    """The folders of the first five packages that this environment has."""
    places = [Path(place) for place in sys.path if place.endswith("site-packages")]
    found = [folder for name in PACKAGES for place in places if (folder := place / name).is_dir()]
    return found[:WANTED_PACKAGES]


def false_alarms(package: Path) -> Alarms:
    """Check every file of a package in a project of its own: as a new file, and as an edit that adds one line."""
    alarms = Alarms()
    with tempfile.TemporaryDirectory(prefix="check-quality-") as scratch:
        shutil.copytree(package, Path(scratch) / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        index = Index(scratch)
        for path in index.files():
            text = readable(Path(scratch) / path)
            if text is None or (path.endswith(".py") and not is_valid(text)):
                continue
            alarms.files += 1
            for before in (None, *shorter(text)):
                started = time.perf_counter()
                found = index.check([(path, before, text)])
                alarms.seconds += time.perf_counter() - started
                alarms.checks += 1
                count(found, alarms)
    return alarms


def count(found: Sequence[Finding], alarms: Alarms) -> None:
    alarms.blocking += [one.render() for one in found if one.blocking]
    alarms.guards += sum(one.source == "guard" for one in found)
    alarms.advice.update(one.code for one in found if not one.blocking)


def readable(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return None


def shorter(text: str) -> Iterator[str]:
    """The text without one of its lines: the first from the middle on that heads no definition."""
    lines = text.splitlines(keepends=True)
    for at in range(len(lines) // 2, len(lines)):
        if not lines[at].lstrip().startswith(("def ", "class ", "async def ")):
            yield "".join(lines[:at] + lines[at + 1 :])
            return


def mutation_table(caught: dict[str, Caught]) -> str:
    rows = [
        "| mutation | made | invalid Python | missed | line exact | p90 of distance | valid, yet told |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, one in caught.items():
        exact = sum(distance == 0 for distance in one.distances)
        share = f"{100 * exact / len(one.distances):.0f} %" if one.distances else "-"
        p90 = percentile(one.distances, 90) if one.distances else "-"
        rows.append(
            f"| {kind} | {one.made} | {one.invalid} | {len(one.missed)} | {share} | {p90} "
            f"| {one.valid_and_told} of {one.made - one.invalid} |"
        )
    return "\n".join([*rows, ""])


def percentile(numbers: Sequence[int], percent: int) -> int:
    return (
        int(statistics.quantiles(numbers, n=100, method="inclusive")[percent - 1]) if len(numbers) > 1 else numbers[0]
    )


def alarm_table(alarms: dict[str, Alarms]) -> str:
    rows = [
        "| package | files | checks | blocking | of these guards | ms a check | advice |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in alarms.items():
        advice = ", ".join(f"{code} {number}" for code, number in one.advice.most_common(6)) or "-"
        cost = 1000 * one.seconds / max(1, one.checks)
        rows.append(
            f"| {name} | {one.files} | {one.checks} | {len(one.blocking)} | {one.guards} | {cost:.1f} | {advice} |"
        )
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    sys.exit(main())
