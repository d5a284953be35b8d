"""Environments of rivals: each is made once from the package index and kept in a cache folder."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "orchestrator-bench"
"""Where everything that benchmarks fetch is kept, unless another folder is given."""

STAMP = "installed"


class InstallError(Exception):
    """A rival cannot be installed here; the message is the installer's last word."""


def programs(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """The folder of the programs of one environment, which is made on first use. Raises InstallError."""
    folder = cache / name
    if not (folder / STAMP).exists():
        print(f"installing {' '.join(packages)} into {folder}", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", folder])
        _run([folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *packages])
        (folder / STAMP).touch()
    return folder / "bin"


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise InstallError(said[-1] if said else f"{command[0]} ended with code {done.returncode}")
