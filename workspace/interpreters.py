"""Interpreters: which Python a project is run with, found by looking at files only, never by starting one.

What may not be looked at is not there: ``os.path`` says so, where ``pathlib`` would raise.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

VENVS = (".venv", "venv")
"""Where projects keep their environment."""


def python_command(root: Path, env: Mapping[str, str] | None = None) -> str:
    """The Python for a project's commands: a word that works where a lane is the current folder.

    It is the project's own environment, else the active one, else python3 on the PATH, else the product's own. A name
    is preferred to an absolute path, so that commands are the same on every machine.
    """
    return next(candidates(root, os.environ if env is None else env))[0]


def python_with(module: str, root: Path, env: Mapping[str, str] | None = None) -> str | None:
    """The first of the same interpreters that can import a module; None where none can."""
    found = candidates(root, os.environ if env is None else env)
    return next((command for command, interpreter in found if can_import(interpreter, module)), None)


def candidates(root: Path, env: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Commands and the interpreters behind them, the nearest to the project first."""
    for name in VENVS:
        if os.path.exists(root / name / "bin" / "python"):
            yield f"{name}/bin/python", root / name / "bin" / "python"
    on_path = shutil.which("python3", path=env.get("PATH", os.defpath))
    active = Path(env.get("VIRTUAL_ENV") or os.devnull) / "bin" / "python"
    if os.path.exists(active) and (on_path is None or Path(on_path).parent != active.parent):
        yield str(active), active
    if on_path:
        yield "python3", behind_shim(Path(on_path))
    yield sys.executable, Path(sys.executable)


def can_import(interpreter: Path, module: str) -> bool:
    """True when the interpreter's own packages hold the module."""
    folders = list(packages_of(interpreter))
    return any(os.path.isdir(f / module) or os.path.isfile(f / f"{module}.py") for f in folders)


def packages_of(interpreter: Path) -> Iterator[Path]:
    """The folders in which an interpreter's packages lie."""
    prefix = interpreter.parent.parent
    yield from sorted(prefix.glob("lib/python3*/site-packages"))
    if os.path.isfile(prefix / "pyvenv.cfg"):
        if setting(prefix, "include-system-site-packages") == "true":
            for base in base_of(prefix):
                yield from sorted(base.glob("lib/python3*/site-packages"))
                yield from sorted(base.glob("lib/python3/dist-packages"))
        return
    real = interpreter.resolve().parent.parent
    yield from sorted(real.glob("lib/python3*/site-packages"))
    yield from sorted(real.glob("lib/python3/dist-packages"))
    yield from sorted(real.glob("local/lib/python3*/dist-packages"))


def base_of(prefix: Path) -> Iterator[Path]:
    """The installation behind a virtual environment; nothing for any other folder."""
    if not os.path.isfile(prefix / "pyvenv.cfg"):
        return
    if home := setting(prefix, "home"):
        yield Path(home).parent
    if os.path.exists(interpreter := prefix / "bin" / "python"):
        yield interpreter.resolve().parent.parent


def setting(prefix: Path, name: str) -> str:
    """A setting of a virtual environment; empty where it has none of that name."""
    try:
        text = (prefix / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return ""
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key.strip().lower() == name:
            return value.strip()
    return ""


def behind_shim(program: Path) -> Path:
    """The interpreter that one of pyenv's shims starts; any other program as it is."""
    if program.parent.name == "shims" and (version := pyenv_version(program.parent.parent)):
        return program.parent.parent / "versions" / version / "bin" / program.name
    return program


def pyenv_version(folder: Path) -> str:
    """The Python version that pyenv uses by default; empty where it is not a version of its own."""
    try:
        names = (folder / "version").read_text("utf-8").split()
    except OSError:
        return ""
    return next((n for n in names if os.path.isdir(folder / "versions" / n / "bin")), "")
