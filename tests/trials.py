"""Trials side by side, in processes of their own, kept in a file so that many of them go on where they stopped."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[1]
SOURCES = (
    *("graph", "nodes", "models", "prompts", "tools", "workspace", "orchestrator"),
    *("tests/crash", "tests/e2e", "tests/faults", "tests/graph", "tests/modelserver"),
)
"""The folders of which trials are made, beside the files that lie in tests/ itself."""

Trial = TypeVar("Trial", bound=Mapping[str, Any])


def of_all(
    cases: Sequence[str],
    tried: Callable[[str], Trial],
    line: Callable[[Trial], str],
    *,
    workers: int,
    results: Path | None,
) -> list[Trial]:
    """Every case's trial, which names it as ``case``: those on file, and the others, tried now and put there.

    What is on file counts only where it was made of these same sources. ``line`` is what is said of a trial as it ends.
    """
    sources = _identity() if results is not None else ""
    known: dict[str, Any] = {trial["case"]: trial for trial in _read(results, sources)}
    missing = [case for case in cases if case not in known]
    with ProcessPoolExecutor(workers) as pool:
        for number, trial in enumerate(pool.map(tried, missing), 1):
            known[trial["case"]] = trial
            print(f"{number}/{len(missing)} {line(trial)}", file=sys.stderr, flush=True)
            if results is not None:
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"sources": sources, **trial}) + "\n")
    return [known[case] for case in cases]


def _read(results: Path | None, sources: str) -> list[dict[str, Any]]:
    if results is None or not results.is_file():
        return []
    trials = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return [trial for trial in trials if trial.pop("sources") == sources]


def _identity() -> str:
    digest = hashlib.sha256()
    within = [path for folder in SOURCES for path in (ROOT / folder).rglob("*")]
    for path in sorted([*within, *(ROOT / "tests").glob("*.py")]):
        if path.suffix in (".py", ".md", ".so"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
