"""The GitHub Action: an issue's text is done as a task, and is data all the way."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.modelserver.load import find
from tests.modelserver.server import Server

pytestmark = pytest.mark.pages

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}

CART = 'def total(prices, discount=0):\n    """What a customer pays."""\n    return sum(prices)\n'
TEST = (
    "import unittest\n\nfrom cart import total\n\n\nclass Total(unittest.TestCase):\n"
    "    def test_discount(self):\n        self.assertEqual(total([10, 20], discount=5), 25)\n"
)


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a runner gives to a step, with this environment's command where the action installs it."""
    (tmp_path / "temp/orchestrator").mkdir(parents=True)
    (tmp_path / "temp/orchestrator/bin").symlink_to(Path(sys.executable).parent)
    (tmp_path / "project").mkdir()
    (tmp_path / "project/cart.py").write_text(CART)
    (tmp_path / "project/test_cart.py").write_text(TEST)
    with Server(find("quickstart")) as server:
        yield {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": str(tmp_path),
            "RUNNER_TEMP": str(tmp_path / "temp"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "OPENAI_API_KEY": "none",
            "CHECKS": "python3 -m unittest -q\n",
            "MODEL": "quickstart",
            "BASE_URL": server.base_url,
            "MAX_CALLS": "20",
            "ROOT": ".",
        }


def done(runner: dict[str, str], task: str) -> "subprocess.CompletedProcess[str]":
    """The step that does the task, as a runner starts it."""
    script = STEPS["Do the task"]["run"]
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=Path(runner["HOME"]) / "project",
        env={**runner, "TASK": task},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_change_becomes_a_patch_and_the_files_stay(runner: dict[str, str]) -> None:
    """Outcome, patch, page and result are there to be kept; the checkout is as it was."""
    home = Path(runner["HOME"])
    ended = done(runner, "total() forgets the discount: repair it")

    assert ended.returncode == 0, ended.stderr
    assert (home / "output").read_text() == "outcome=verified\n"
    out = home / "temp/orchestrator-out"
    assert "+    return sum(prices) - discount" in (out / "change.patch").read_text()
    assert json.loads((out / "result.json").read_text().splitlines()[-1])["applied"] is False
    assert (out / "report.html").stat().st_size > 1000
    assert (home / "project/cart.py").read_text() == CART


@pytest.mark.parametrize(
    "task", ['$(touch owned) `touch owned`"; touch owned; #', "x\n--unsafe\n", "--plan last", "'; touch owned; '"]
)
def test_an_issues_text_is_no_command(runner: dict[str, str], task: str) -> None:
    """Whatever it holds, it is the request, letter by letter."""
    done(runner, task)

    home = Path(runner["HOME"])
    assert not list(home.rglob("owned"))
    (record,) = (home / ".local/state/opencode-orchestrator/runs").glob("*/run.json")
    assert json.loads(record.read_text())["request"] == task.strip()


def test_no_expression_stands_in_a_script() -> None:
    """Inputs reach scripts as variables: an expression there would be pasted in as code. So it is in the workflows."""
    scripts = [step.get("run", "") for step in ACTION["runs"]["steps"]]
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
        scripts += [step.get("run", "") for job in jobs for step in job.get("steps", [])]
    assert [script for script in scripts if "${{" in script] == []
