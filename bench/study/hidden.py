"""Hidden tests: run outside of any run, on a copy of what was delivered; the same files are judged once."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

TIMEOUT = 10.0
"""Seconds that a module may take: damaged code may never end."""

Files = Mapping[str, str]


def written(root: Path, files: Files) -> Path:
    """A folder with these files; returns it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def read(root: Path) -> dict[str, str]:
    """The Python files of a folder."""
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}


class Judge:
    """Runs test modules on projects and remembers what it saw."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, frozenset[tuple[str, str]]], bool] = {}

    def holds(self, module: str, files: Files) -> bool:
        """Whether a test module that stands outside of the project passes on it."""
        key = (module, frozenset(files.items()))
        if key not in self._seen:
            self._seen[key] = _passes(module, files)
        return self._seen[key]


def _passes(module: str, files: Files) -> bool:
    with tempfile.TemporaryDirectory(prefix="judged-") as folder:
        root = written(Path(folder) / "project", files)
        outside = written(Path(folder) / "outside", {"judging.py": module})
        try:
            done = subprocess.run(
                [sys.executable, "-S", "-m", "unittest", "-q", "judging"],
                cwd=outside,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
