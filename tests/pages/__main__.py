"""Follow the documentation: every block that is marked as runnable is run, each page in a fresh folder.

python -m tests.pages                    all pages, with the scripted model that each of them expects
python -m tests.pages QUICKSTART         one of them
python -m tests.pages --model local      with a model of yours instead: local, or a name at OPENAI_BASE_URL
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.modelserver.load import find
from tests.modelserver.server import Server
from tests.pages.blocks import Command, File, blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCENARIO = "quickstart"
"""The scripted model of the pages."""

SECONDS = 900
"""Longest time of one command."""


def main() -> int:
    """Run what is wanted; the exit code is 1 where a page promises what does not happen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as QUICKSTART (default: all)")
    parser.add_argument("--model", help="a model of yours instead of the scripted one")
    given = parser.parse_args()
    pages = [page for page in sorted(DOCS.rglob("*.md")) if not given.pages or page.stem in given.pages]
    steps = {page: list(blocks(page)) for page in pages}
    ran, failed, began = 0, 0, time.monotonic()
    for page, found in steps.items():
        for step in found and followed(page, found, given.model):
            ran, failed = ran + 1, failed + bool(step)
    print(f"{ran} steps of {sum(map(bool, steps.values()))} pages in {time.monotonic() - began:.0f} s, {failed} failed")
    return 1 if failed or not ran else 0


def followed(page: Path, steps: list[Command | File], model: str | None) -> Iterator[str]:
    """Carry out the steps of a page; yields for each one what is wrong with it, empty where it is right."""
    print(f"== {page.relative_to(ROOT)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="page-") as place, surroundings(Path(place), model) as env:
        project = Path(place) / "project"
        project.mkdir()
        for step in steps:
            wrong = carried_out(step, project, env)
            shown = f"write {step.name}" if isinstance(step, File) else step.line
            print(f"   {'FAILED' if wrong else 'ok':<7}{shown}{wrong and f'{chr(10)}{wrong}'}", flush=True)
            yield wrong


def carried_out(step: Command | File, project: Path, env: dict[str, str]) -> str:
    """Do one step; returns what is wrong, with what the command said."""
    if isinstance(step, File):
        (project / step.name).parent.mkdir(parents=True, exist_ok=True)
        (project / step.name).write_text(step.text, encoding="utf-8")
        return ""
    done = subprocess.run(
        ["bash", "-c", step.line], cwd=project, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode != step.exit:
        return f"it ended with {done.returncode} instead of {step.exit}:\n{said}"
    missing = step.missing(said)
    return f"it did not say {missing}:\n{said}" if missing else ""


@contextmanager
def surroundings(place: Path, model: str | None) -> Iterator[dict[str, str]]:
    """The environment of somebody new: an empty home, this environment's commands, and a model."""
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(place),
        "LANG": "C.UTF-8",
        **{
            name: os.environ[name] for name in ("PYTHONPATH", "OPENAI_BASE_URL", "OPENAI_API_KEY") if name in os.environ
        },
    }
    if model:
        kept = Path.home() / ".local/state/opencode-orchestrator/models"
        state = place / ".local/state/opencode-orchestrator"
        state.mkdir(parents=True)
        (state / "models").symlink_to(kept)
        yield {**env, "ORCHESTRATOR_MODEL": model}
        return
    with Server(find(SCENARIO)) as server:
        yield {
            **env,
            "OPENAI_BASE_URL": server.base_url,
            "OPENAI_API_KEY": "none",
            "ORCHESTRATOR_MODEL": SCENARIO,
        }


if __name__ == "__main__":
    sys.exit(main())
