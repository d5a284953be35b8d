"""Environments of tools: each is made once from the package index and kept in a cache folder."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "orchestrator-bench"
"""Where everything that benchmarks fetch is kept, unless another folder is given."""

STAMP = "installed"


class InstallError(Exception):
    """A tool cannot be installed here; the message is the installer's last word."""


def programs(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """The folder of the programs of one environment, made on first use and for other packages. Raises InstallError."""
    folder = cache / name
    stamp, wanted = folder / STAMP, "\n".join(packages)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {' '.join(packages)} into {folder}", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", "--clear", folder])
        _run([folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *packages])
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise InstallError(said[-1] if said else f"{command[0]} ended with code {done.returncode}")
