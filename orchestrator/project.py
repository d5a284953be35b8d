"""The folder and the request that a person names: looked at before anything is started."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from nodes.bounds import MAX_REQUEST
from orchestrator.errors import UsageError
from workspace.run import state_home, usable_root


def state_folder(env: Mapping[str, str], *, make: bool = False) -> Path:
    """The state directory; `make` makes it where it is missing. Raises UsageError where it cannot be one."""
    home = state_home(env)
    try:
        if make:
            home.mkdir(parents=True, exist_ok=True)
        usable = not home.exists() or (home.is_dir() and os.access(home, os.R_OK | os.X_OK))
    except OSError:
        usable = False
    if not usable:
        raise UsageError(
            f"The state directory {home} cannot be used.", fix="Set ORCHESTRATOR_HOME to a folder of yours."
        )
    return home


def project_folder(text: str, home: Path) -> Path:
    """The folder to work on, resolved; raises RootUnusable or UsageError. `home` is the state directory."""
    try:
        folder = usable_root(Path(text))
    except OSError as fault:
        why = (fault.strerror or "not usable").lower()
        raise UsageError(f"The folder {text} cannot be used ({why}).", fix="Give --root an existing folder.") from None
    if folder in (Path(folder.anchor), Path.home()):
        raise UsageError(
            f"{folder} is not a project: all of it would be copied.", fix="Give --root the project's folder."
        )
    if home.resolve().is_relative_to(folder):
        raise UsageError(
            f"The state directory {home} lies inside the project {folder}.",
            fix="Set ORCHESTRATOR_HOME to a folder outside.",
        )
    return folder


def request_text(text: str | None) -> str:
    """The request in full; `-` reads it from standard input. Raises UsageError where it says nothing."""
    if text == "-":
        text = sys.stdin.read(MAX_REQUEST + 1)
    request = (text or "").strip()
    if not request:
        raise UsageError(
            "The request is empty.", fix='Say what should be done: orchestrator auto "fix the failing tests"'
        )
    if len(request) > MAX_REQUEST:
        raise UsageError(
            f"The request is longer than {MAX_REQUEST} characters.", fix="Put it into a file, and name the file."
        )
    try:
        request.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError("The request is not valid text.", fix="Write it in UTF-8.") from None
    return request
