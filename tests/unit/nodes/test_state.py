"""The state stays small and plain whatever a run holds."""

import json
from typing import Any

from nodes.bounds import (
    MAX_ATTEMPTS,
    MAX_FINDINGS,
    MAX_GOAL,
    MAX_MESSAGE,
    MAX_REASON,
    MAX_REQUEST,
    MAX_TASKS,
    MAX_TESTS,
)
from nodes.state import merge_results

CHECKPOINT = 64 * 1024
"""Most bytes of a checkpoint."""

ID = "a" * 31
DIGEST = "0" * 64
PATH = "package/module/long_file_name_of_the_project.py"


def largest_run() -> dict[str, Any]:
    """The outer state of the largest run: every task planned, merged once, and come back once."""
    task = {
        "id": ID,
        "title": "t" * 100,
        "goal": "g" * MAX_GOAL,
        "files": [PATH] * 6,
        "depends_on": [ID] * 3,
        "tests": [f"{PATH}::test_name_that_says_the_behaviour"] * MAX_TESTS,
        "may_edit_tests": [PATH],
        "may_edit_reason": "r" * 100,
        "depth": 2,
    }
    result = {"task": ID, "lane": ID, "base": DIGEST, "commit": DIGEST, "record": DIGEST, "reason": "r" * MAX_REASON}
    names = [f"{ID}{n}" for n in range(MAX_TASKS)]
    return {
        "request": "r" * MAX_REQUEST,
        "tasks": [task] * MAX_TASKS,
        "status": dict.fromkeys(names, "unverified"),
        "dispatched": dict.fromkeys(names, 3),
        "integrated": dict.fromkeys(names, ID),
        "carry": {n: {"reason": DIGEST, "diff": DIGEST} for n in names},
        "results": dict.fromkeys(names, result),
    }


def largest_lane() -> dict[str, Any]:
    """The state of the lane with the longest history."""
    finding = {"source": "static", "file": PATH, "line": 1, "message": "m" * MAX_MESSAGE, "fingerprint": DIGEST}
    attempt = {"number": 9, "strategy": "reground", "model": "m" * 60, "commit": DIGEST, "tree": DIGEST}
    return {
        "request": "r" * MAX_REQUEST,
        "task": largest_run()["tasks"][0],
        "attempts": [attempt] * MAX_ATTEMPTS,
        "refused": [finding] * MAX_FINDINGS,
        "verdict": {"findings": [finding] * MAX_FINDINGS},
        "seen": [DIGEST] * 2 * MAX_FINDINGS,
        "acceptance": [{"command": "c" * 300, "before": DIGEST, "after": DIGEST}] * 4,
    }


def test_the_largest_run_fits_a_checkpoint() -> None:
    """With every bound reached, the outer state and a lane's stay below 64 KB each."""
    assert len(json.dumps(largest_run())) < CHECKPOINT
    assert len(json.dumps(largest_lane())) < CHECKPOINT


def test_parallel_lanes_keep_each_others_results() -> None:
    """The reducer adds a lane's result to those of the others, and the newest of one task wins."""
    old: Any = {"a": {"lane": "a"}, "b": {"lane": "b"}}
    assert merge_results(old, {"b": {"lane": "b.2"}}) == {"a": {"lane": "a"}, "b": {"lane": "b.2"}}  # type: ignore[typeddict-item]
    assert old["b"] == {"lane": "b"}
