"""`make verify`: what a command must have said before its promise counts as kept."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    """The script, which is no package."""
    spec = importlib.util.spec_from_file_location("upkeep_verify", ROOT / "upkeep/verify.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_promise_has_a_target_of_the_makefile(verify: ModuleType) -> None:
    """A command that is not there proves nothing."""
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if ": " in line}
    assert [p.command for p in verify.PROMISES if p.command.split()[1] not in targets] == []


@pytest.mark.parametrize(
    ("code", "output", "seconds", "ok", "figure"),
    [
        (0, "= 1200 passed, 3 deselected in 300.00s =", 300.0, True, "1200 passed, 3 deselected, 5 min"),
        (1, "= 2 failed, 1200 passed in 300.00s =", 300.0, False, "1200 passed, 5 min"),
        (0, "nothing was said", 300.0, False, "exit 0"),
        (0, "= 1200 passed in 2000.00s =", 2000.0, False, "1200 passed, 33 min"),
    ],
)
def test_a_promise_is_kept_by_code_figure_and_time(
    verify: ModuleType, code: int, output: str, seconds: float, ok: bool, figure: str
) -> None:
    """Exit 0 alone is not enough: the figure must have been said, and in time."""
    gate = next(promise for promise in verify.PROMISES if promise.name == "test")
    result = verify.judged(gate, code, output, seconds)
    assert (result.ok, result.figure) == (ok, figure)


def test_the_table_shows_the_last_result_of_each(verify: ModuleType) -> None:
    """And says of the others that they were not run."""
    old, new = (verify.Result("docs", ok, "f", 1, "2026-01-01", "abc") for ok in (False, True))
    rows = {line.split("  ")[0]: line for line in verify.table([old, new]).splitlines()}
    assert " yes " in rows["the site, strict, links followed"] and "not run" in rows["the gate"]
