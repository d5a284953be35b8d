"""Who takes part in the cost benchmark: how each is installed, called, and answered by the scripted model."""

import json
import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.environments import programs
from tests.modelserver.reply import Reply, ToolCall
from tests.modelserver.scenario import Rule, Scenario, script

ROOT = Path(__file__).parents[1]
TASK = "The function add in calc.py subtracts. Fix it, so that the test in test_calc.py passes."
CHECK = "python3 -m unittest -q"
MODEL = "scripted"
OURS = "orchestrator"
BLOCK = "calc.py\n```python\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n>>>>>>> REPLACE\n```\n"


@dataclass(frozen=True)
class Contender:
    """One tool."""

    name: str
    packages: tuple[str, ...]
    """What its own environment is made of, from PyPI."""
    scenario: Callable[[], Scenario]
    command: Callable[[Path, str], Sequence[str]]
    """The argument list for the folder of its programs and the address of the model."""
    version: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)


def program_folder(contender: Contender, cache: Path) -> Path:
    """Where its programs are; installed on first use into an environment of its own below `cache`."""
    return programs(cache, contender.name, contender.packages)


def needs() -> tuple[str, ...]:
    """What a user of this project installs with it. The packages of its tests would have it load more."""
    return tuple(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])


def ours() -> Scenario:
    """Four calls: what the request is, the plan, the edit, the review of the diff."""
    task = {
        "id": "add",
        "title": "Repair add",
        "goal": "add in calc.py returns the sum of its arguments, as its test says",
        "files": ["calc.py"],
        "depends_on": [],
        "covers": ["R1", "R2"],
        "tests": ["test_calc.TestAdd.test_add"],
    }
    rules = [
        Rule(json.dumps({"kind": "project", "title": "Repair add"}), role="orchestrator"),
        Rule(json.dumps({"tasks": [task]}), role="planner"),
        Rule(BLOCK, role="coder"),
        Rule(json.dumps({"accept": True, "findings": []}), role="reviewer"),
    ]
    return Scenario(MODEL, rules)


def aiders() -> Scenario:
    """One answer with the edit, and one commit message; it runs the test itself."""
    commit = Rule("fix: add adds", when=lambda request: "commit message" in request.system.lower())
    return Scenario(MODEL, [commit, Rule(BLOCK)], strict=False)


def minis() -> Scenario:
    """Four tool calls: read, edit, run the test, done."""
    commands = (
        "cat calc.py test_calc.py",
        "sed -i 's/a - b/a + b/' calc.py",
        CHECK,
        "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT",
    )
    steps = [Reply("", tool_calls=(ToolCall("bash", {"command": command}),)) for command in commands]
    return Scenario(MODEL, script(*steps), strict=False)


CONTENDERS = (
    Contender(
        OURS,
        needs(),
        ours,
        lambda programs, url: [
            str(programs / "python"), "-m", "orchestrator", "auto", TASK, "--headless", "--json",
            "--base-url", url, "--model", MODEL, "--check", CHECK,
        ],
        ("python", "-m", "orchestrator", "--version"),
        {"PYTHONPATH": str(ROOT)},
    ),
    Contender(
        "aider",
        ("aider-chat",),
        aiders,
        lambda programs, url: [
            str(programs / "aider"), "--model", f"openai/{MODEL}", "--openai-api-base", url, "--edit-format", "diff",
            "--yes-always", "--auto-test", "--test-cmd", CHECK, "--no-check-update", "--no-show-model-warnings",
            "--analytics-disable", "--message", TASK, "calc.py",
        ],
        ("aider", "--version"),
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    ),
    Contender(
        "mini-swe-agent",
        ("mini-swe-agent", "mcp"),
        minis,
        lambda programs, url: [str(programs / "mini"), "-m", f"openai/{MODEL}", "-t", TASK, "-y", "--exit-immediately"],
        ("mini", "--help"),
        {"MSWEA_COST_TRACKING": "ignore_errors", "MSWEA_CONFIGURED": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    ),
)  # fmt: skip


def environment(contender: Contender, programs: Path, url: str, home: Path) -> dict[str, str]:
    """What the tool inherits: a home of its own, the scripted model as its endpoint, no colours."""
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "OPENAI_API_KEY": "scripted",
        "OPENAI_BASE_URL": url,
        "OPENAI_API_BASE": url,
        "ORCHESTRATOR_HOME": str(home / "state"),
        **contender.env,
    }
