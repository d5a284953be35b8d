"""What the harness itself costs: one task of four model calls, answered by a scripted model without delay.

    python bench/harness.py                  this project alone
    python bench/harness.py --docs           also write the section of docs/BENCHMARKS.md
    python bench/harness.py --rivals         also aider-chat and mini-swe-agent, installed from PyPI (about 1.4 GB)

Every tool runs in an environment of its own, with its packages alone. It gets the same four-file repository with one
wrong line and one failing test, and a scripted model whose answers lead it straight to the end. CPU is the least of
the runs, since anything else on the machine only adds to it; memory is the median. Prompt tokens are counted over
messages and tool schemas of every request, with one counter.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.contenders import CONTENDERS, OURS, Contender, environment, program_folder  # noqa: E402
from bench.document import write_section  # noqa: E402
from bench.environments import CACHE, InstallError  # noqa: E402
from bench.measure import measure  # noqa: E402
from tests.modelserver.server import Server  # noqa: E402

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return add(a, a)\n",
    "test_calc.py": "import unittest\n\nfrom calc import add\n\n\nclass TestAdd(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n",
    "README.md": "# calc\n\nA small calculator.\n",
    ".gitignore": "__pycache__/\n",
}
TIMEOUT = 300.0
"""Seconds that one run may take."""

TARGETS = (
    "targets of orchestrator: start ≤ 0.1 CPU s; task ≤ 2.0 CPU s and less than half of aider's, ≤ 150 MB; "
    "first prompt ≤ 2,000 tokens, all prompts ≤ 6,000"
)


@dataclass(frozen=True)
class Row:
    """The figures of one tool."""

    name: str
    start_cpu: float
    task_cpu: float
    peak: float
    wall: float
    calls: int
    first_prompt: int
    prompts: int
    solved: int
    runs: int


def main() -> int:
    """Measure and print the table; exit code 1 where a target is missed, 2 where a tool cannot be installed."""
    options = _options()
    chosen = [c for c in CONTENDERS if options.rivals or c.name == OURS]
    try:
        rows = [figures(contender, options.cache, options.runs) for contender in chosen]
    except InstallError as error:
        print(f"not measured: {error}", file=sys.stderr)
        return 2
    table = _table(rows)
    print(f"{table}\n\n{TARGETS}")
    if options.out:
        _keep(options.out, rows, table)
    if options.docs:
        flags = " --rivals" if options.rivals else ""
        text = f"Least CPU and median memory of {options.runs} runs each, all in one run of the benchmark.\n\n{table}"
        write_section("harness", f"python bench/harness.py{flags} --runs {options.runs}", text)
    missed = _missed(rows)
    for text in missed:
        print(f"missed: {text}")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cost of the harness, see the head of this file.")
    parser.add_argument("--rivals", action="store_true", help="install and measure the rivals too")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each tool (default: 3)")
    parser.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        help="where the tools are installed",
    )
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep table and raw figures in a folder of this run")
    return parser.parse_args()


def figures(contender: Contender, cache: Path, runs: int) -> Row:
    """All figures of one tool."""
    programs = program_folder(contender, cache)
    costs, requests, starts, solved = [], [], [], 0
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, Server(contender.scenario()) as server:
            project, home = Path(folder) / "project", Path(folder) / "home"
            home.mkdir()
            _make(project)
            env = environment(contender, programs, server.base_url, home)
            first, *rest = contender.version
            starts.append(measure([str(programs / first), *rest], cwd=project, env=env, timeout=TIMEOUT).cpu)
            cost = measure(contender.command(programs, server.base_url), cwd=project, env=env, timeout=TIMEOUT)
            costs.append(cost)
            requests = [entry["body"] for entry in server.requests]
            solved += _solved(project)
            if not _solved(project):
                print(f"{contender.name} did not solve the task:\n{cost.output[-3000:]}", file=sys.stderr)
    tokens = [count_tokens(body) for body in requests]
    return Row(
        contender.name,
        min(starts),
        min(cost.cpu for cost in costs),
        statistics.median(cost.peak for cost in costs),
        min(cost.wall for cost in costs),
        len(requests),
        tokens[0] if tokens else 0,
        sum(tokens),
        solved,
        runs,
    )


def _make(project: Path) -> None:
    project.mkdir()
    for name, text in FILES.items():
        (project / name).write_text(text)
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], cwd=project, check=True)


def _solved(project: Path) -> bool:
    check = [sys.executable, "-m", "unittest", "-q"]
    return subprocess.run(check, cwd=project, capture_output=True, check=False).returncode == 0


def count_tokens(body: dict[str, Any]) -> int:
    """About how many tokens a request has: four characters each, over messages and tool schemas alike."""
    sent = json.dumps([body.get("messages", []), body.get("tools", [])], ensure_ascii=False)
    return -(-len(sent) // 4)


def _table(rows: list[Row]) -> str:
    lines = [
        "| tool | start CPU s | task CPU s | peak MB | wall s | calls | first prompt | all prompts | solved |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.start_cpu:.2f} | {r.task_cpu:.2f} | {r.peak:.0f} | {r.wall:.1f} | {r.calls} "
        f"| {r.first_prompt:,} | {r.prompts:,} | {r.solved}/{r.runs} |"
        for r in rows
    ]
    return "\n".join(lines)


def _missed(rows: list[Row]) -> list[str]:
    """The targets that this project misses."""
    us = next(row for row in rows if row.name == OURS)
    aider = next((row for row in rows if row.name == "aider"), None)
    facts = {
        f"solved {us.solved} of {us.runs}": us.solved == us.runs,
        f"start {us.start_cpu:.2f} > 0.1 CPU s": us.start_cpu <= 0.1,
        f"task {us.task_cpu:.2f} > 2.0 CPU s": us.task_cpu <= 2.0,
        f"peak {us.peak:.0f} > 150 MB": us.peak <= 150,
        f"first prompt {us.first_prompt} > 2000 tokens": us.first_prompt <= 2000,
        f"all prompts {us.prompts} > 6000 tokens": us.prompts <= 6000,
        "task not below half of aider's CPU": aider is None or us.task_cpu < aider.task_cpu / 2,
    }
    return [text for text, holds in facts.items() if not holds]


def _keep(folder: Path, rows: list[Row], table: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "harness.md").write_text(f"{table}\n\ncommand: python {' '.join(sys.argv)}\n", encoding="utf-8")
    (folder / "harness.json").write_text(json.dumps([vars(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
