"""All promises with the commands that prove them, as one table: ``make verify``, one alone: ``make verify ONLY=docs``.

What a command said last is kept in ``build/verify.jsonl`` with date and commit, so that long proofs can be made one by
one; the table shows for each the last result. The exit code is 1 where a command that was run now does not hold.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT = Path("build/verify.jsonl")
PASSED = r"(\d+ passed[^\n=]*?) in "
"""The figure of a run of pytest."""


@dataclass(frozen=True)
class Promise:
    """One promise, the command that proves it, and what its output says for the table."""

    name: str
    says: str
    command: str
    figure: str
    """A regular expression; its groups, joined, are the figure."""
    target: str
    minutes: float | None = None
    """Longest time that it may take; None where that is no promise."""


PROMISES = (
    Promise("test", "the gate", "make test", PASSED, "all, in 25 min", 25),
    Promise("demo", "one command, no key", "make demo", r"(VERIFIED|STUCK|FAILED)", "VERIFIED"),
    Promise("e2e", "the plugin in real OpenCode", "make e2e", PASSED, "all"),
    Promise("studio", "LangGraph Studio on real runs", "make studio", PASSED, "all"),
    Promise("browser", "the page of a run in a browser", "make browser", PASSED, "all"),
    Promise("notebooks", "five notebooks on recorded runs", "make notebooks", PASSED, "all"),
    Promise("terminal", "a run in a real terminal", "make terminal", PASSED, "all"),
    Promise("fleet", "workers that die, a database that stops", "make fleet", PASSED, "all"),
    Promise(
        "fleet-long", "200 runs, 4 workers, harm all along", "make fleet LONG=1", r"(as it must be)", "as it must be"
    ),
    Promise("gate", "every fault at every agent", "make gate", r"(\d+ runs), ", "none beyond the bar"),
    Promise("kills", "killed at every step, ends as ever", "make kills", r"(\d+ trials).*; (\d+ wrong)", "0 wrong"),
    Promise(
        "bench", "costs of the harness", "make bench", r"\| orchestrator \| ([\d.]+) \| ([\d.]+)", "0.1, 2.0 CPU s"
    ),
    Promise("local", "the embedded model, for real", "make local", PASSED, "all"),
    Promise("wheels", "wheels for two architectures, sdist", "make wheels", r"(\S+aarch64\.whl)", "both"),
    Promise("benchmarks", "every figure of the documents", "make benchmarks", r"()", "no target missed"),
    Promise("docs", "the site, strict, links followed", "make docs", r"(every link leads somewhere)", "no warning"),
    Promise("try-docs", "what the pages say is run", "make try-docs", r"(\d+ steps of \d+ pages)", "0 failed"),
    Promise("spell", "spelling", "make spell", r"()", "no finding"),
    Promise("package", "the wheel in clean environments", "make package", PASSED, "all"),
    Promise("workflows", "workflows, action, container: linted", "make workflows", r"()", "no finding"),
    Promise("sbom", "bills of materials", "make sbom", r"(\d+ crates)", "written"),
    Promise("audit", "no known fault in what is depended on", "make audit", r"()", "no finding"),
)


@dataclass(frozen=True)
class Result:
    """What came of a command."""

    name: str
    ok: bool
    figure: str
    seconds: int
    date: str
    commit: str


def main() -> int:
    """Run what is wanted, keep it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="promises to prove now; all of them if none is named")
    parser.add_argument("--table", action="store_true", help="run nothing, show what is kept")
    given = parser.parse_args()
    known = {promise.name: promise for promise in PROMISES}
    if unknown := [name for name in given.names if name not in known]:
        print(f"there is no promise {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    wanted = [] if given.table else [known[name] for name in given.names or known]
    proven = list(map(proved, wanted))
    print(f"\n{table(list(kept()))}")
    return 0 if all(result.ok for result in proven) else 1


def proved(promise: Promise) -> Result:
    """Run a command, with its output passed on as it comes, and keep what came of it."""
    print(f"== {promise.name}: {promise.command}", flush=True)
    began, lines = time.monotonic(), []
    with subprocess.Popen(
        promise.command.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    seconds = time.monotonic() - began
    result = judged(promise, process.returncode, "".join(lines), seconds)
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result)) + "\n")
    return result


def judged(promise: Promise, code: int, output: str, seconds: float) -> Result:
    """Whether a promise holds, and its figure: the last one that was said, and the time where that is promised."""
    found = re.findall(promise.figure, output)
    last = found[-1] if found else ""
    parts = [last] if isinstance(last, str) else list(last)
    in_time = promise.minutes is None or seconds <= promise.minutes * 60
    if promise.minutes is not None:
        parts.append(f"{seconds / 60:.0f} min")
    ok = code == 0 and bool(found) and in_time
    figure = ", ".join(filter(None, parts)) if found else f"exit {code}"
    return Result(promise.name, ok, figure, round(seconds), f"{datetime.now(UTC):%Y-%m-%d}", commit())


def commit() -> str:
    """The commit that is tried; a plus where files differ from it."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False)
    return said.stdout.strip()


def kept() -> Iterator[Result]:
    """Every result on file, the oldest first."""
    if KEPT.is_file():
        for line in KEPT.read_text("utf-8").splitlines():
            yield Result(**json.loads(line))


def table(results: Sequence[Result]) -> str:
    """The last result of each promise."""
    last = {result.name: result for result in results}
    rows = [("promise", "command", "figure", "target", "ok", "seconds", "date", "commit")]
    for promise in PROMISES:
        result = last.get(promise.name)
        told = (
            (
                result.figure,
                promise.target,
                "yes" if result.ok else "NO",
                f"{result.seconds}",
                result.date,
                result.commit,
            )
            if result
            else ("", promise.target, "not run", "", "", "")
        )
        rows.append((promise.says, promise.command, *told))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


if __name__ == "__main__":
    sys.exit(main())
