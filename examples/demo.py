"""The main job in one go: the team repairs a copy of the sample project, with the embedded 0.5B model and no key.

usage: demo.py [--seed N] [--keep DIR]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
REQUEST = "Make the failing tests pass."


def main() -> int:
    """Fetch the model if it is missing, copy the sample, run ``orchestrator auto`` on it, show what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="seed of the model's samples (default 0)")
    parser.add_argument("--keep", type=Path, help="where to put the repaired copy (default: a temporary folder)")
    arguments = parser.parse_args()
    os.environ["ORCHESTRATOR_SEED"] = str(arguments.seed)

    say("1. The model: fetched once, checked on every start")
    if code := orchestrator("model", "fetch", "local"):
        return code

    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="orchestrator-demo-")) / "sample"
    shutil.copytree(HERE / "sample", folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    say(f"2. The project: a copy of examples/sample in {folder}, with failing tests")
    pytest(folder)

    say(f'3. orchestrator auto "{REQUEST}" --model local')
    code = orchestrator("auto", REQUEST, "--root", str(folder), "--model", "local")

    say("4. The tests now")
    pytest(folder)
    say("5. What was changed")
    orchestrator("diff", "last")
    return code


def say(text: str) -> None:
    """A heading."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


def orchestrator(*arguments: str) -> int:
    """Run the product as a user does; returns its exit code."""
    return subprocess.run([Path(sys.executable).parent / "orchestrator", *arguments], check=False).returncode


def pytest(folder: Path) -> None:
    """Show the project's own tests in short."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=folder, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


if __name__ == "__main__":
    sys.exit(main())
