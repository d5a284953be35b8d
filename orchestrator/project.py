"""The folder and the request that a person names: looked at before anything is started."""

import os
import sys
from pathlib import Path

from orchestrator.errors import UsageError

MAX_REQUEST = 50_000
"""Longest request, in characters; a specification belongs into a file that the request names."""


def project_folder(text: str, home: Path) -> Path:
    """The folder to work on, resolved; raises UsageError where it cannot be. `home` is the state directory."""
    path = Path(text).expanduser()
    try:
        folder = path.resolve(strict=True)
    except (OSError, RuntimeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) and fault.strerror else "a loop of links"
        raise UsageError(
            f"The folder {path} cannot be used ({why.lower()}).", fix="Give --root an existing folder."
        ) from None
    if not folder.is_dir():
        raise UsageError(f"{path} is a file.", fix="Give --root the folder that holds the project.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UsageError(
            f"The folder {path} cannot be read.", fix="Give yourself the right to read it, or choose another."
        )
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
