"""Every figure of the documents anew, section by section: ``make benchmarks``, or one: ``make benchmarks ONLY=soak``.

A section stands between two markers, and one command writes it. What takes hours keeps its results in ``build/`` and
goes on where it was stopped.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

KEPT = Path("build/benchmarks")


@dataclass(frozen=True)
class Section:
    """One section of a document."""

    name: str
    commands: tuple[str, ...]
    """To the interpreter; ``{kept}`` is the folder of results."""
    document: str = "docs/BENCHMARKS.md"


SECTIONS = (
    Section("harness", ("bench/harness.py --rivals --runs 5 --docs",)),
    Section("faults", ("-m tests.faults --results {kept}/gate.jsonl --docs",)),
    Section("scenarios", ("bench/scenarios.py --docs",)),
    Section("embedded model", ("bench/embedded.py --docs",)),
    Section(
        "small models",
        (
            "bench/small_models.py --home {kept}/models --results {kept}/small-models.jsonl",
            "bench/small_models.py --results {kept}/small-models.jsonl --docs",
        ),
    ),
    Section("native tools", ("bench/native.py --rivals=all --linux --docs",)),
    Section("soak", ("bench/soak.py --docs",)),
    Section("agreement", ("bench/agreement.py --docs",)),
    Section("quality of the checks", ("bench/check_quality.py --docs",)),
    Section("statistical study", ("bench/oracle.py --results {kept}/oracle.jsonl --docs",)),
    Section("fleet", ("bench/fleet.py --docs",), "docs/FLEET.md"),
)


def main() -> int:
    """Write what is wanted; exit code 1 where a command fails, which a missed target is too."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="sections; all of them if none is named")
    given = parser.parse_args()
    known = {section.name.replace(" ", "-"): section for section in SECTIONS}
    if unknown := [name for name in given.names if name not in known]:
        print(f"there is no section {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    KEPT.mkdir(parents=True, exist_ok=True)
    return max([written(known[name]) for name in given.names or known], default=0)


def written(section: Section) -> int:
    """Run the commands of a section; 1 where one of them fails."""
    worst = 0
    for command in section.commands:
        began = time.monotonic()
        arguments = [word.format(kept=KEPT) for word in command.split()]
        code = subprocess.run([sys.executable, *arguments], check=False).returncode
        print(f"{section.name}: exit {code}, {time.monotonic() - began:.0f} s", flush=True)
        worst = max(worst, min(1, code))
    return worst


if __name__ == "__main__":
    sys.exit(main())
