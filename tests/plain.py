"""The Python that checks test projects: pytest alone, as a small project has it, whatever the machine has.

The environment that runs the tests would check them as well, but every check would load its plugins: two seconds.
"""

import os
import shutil
import sys
import tempfile
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

HOME = Path(sys.prefix) / "plain"


def put_plain_python_first() -> None:
    """Let ``python3`` mean it, for this process and all that it starts."""
    if not HOME.is_dir():
        _make()
    os.environ["PATH"] = f"{HOME / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _make() -> None:
    with tempfile.TemporaryDirectory(dir=HOME.parent) as made:
        folder = Path(made) / "plain"
        venv.create(folder, symlinks=True)
        (packages,) = folder.glob("lib/python3*/site-packages")
        for needed in _with_needs("pytest"):
            for file in needed.files or ():
                if ".." not in file.parts and "__pycache__" not in file.parts:  # no scripts
                    (packages / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file.locate(), packages / file)
        try:
            folder.rename(HOME)
        except OSError:
            if not HOME.is_dir():  # else another process has made it at the same moment
                raise


def _with_needs(name: str) -> list[Distribution]:
    found = {name: distribution(name)}
    waiting = [name]
    while waiting:
        needs = map(Requirement, found[waiting.pop()].requires or ())
        for need in needs:
            if need.name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
                found[need.name] = distribution(need.name)
                waiting.append(need.name)
    return list(found.values())
