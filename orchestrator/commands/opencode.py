"""The command ``opencode``: put the plugin into a configuration of OpenCode, or take it out."""

import difflib
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from orchestrator.errors import UsageError
from orchestrator.jsonc import JsoncError
from orchestrator.opencode.entry import EMPTY, KEY, NoPlace, entries, installed, removed
from orchestrator.opencode.places import PACKAGE, global_file, project_file, specification
from orchestrator.project import project_folder, state_folder
from workspace.records import atomic_write

Seen = TypeVar("Seen")


def opencode(options: Namespace) -> int:
    """Install or uninstall; prints the one line as well, for those who write it themselves."""
    home = state_folder(os.environ)
    path = project_file(project_folder(options.root, home)) if options.project else global_file(os.environ)
    path = path.resolve()
    if options.action == "install":
        return install(path, options.plugin or specification(), options, home)
    return uninstall(path, options, home)


def install(path: Path, spec: str, options: Namespace, home: Path) -> int:
    """Put the entry in."""
    before = text_of(path)
    after = changed(path, before or EMPTY, lambda text: installed(text, spec, PACKAGE))
    if after == before:
        print(f"{path} names {spec} already.")
        return 0
    write(path, before, after, options, home)
    if not options.dry_run:
        print(
            f'The plugin stands in {path}: "{KEY}": ["{spec}"]\nStart opencode, and type: /auto "fix the failing tests"'
        )
    return 0


def uninstall(path: Path, options: Namespace, home: Path) -> int:
    """Take the entry out; a file that nothing else was ever in goes too."""
    before = text_of(path)
    if before is None or not named_in(path, before):
        print(f"{path} does not name {PACKAGE}: nothing to do.")
        return 0
    after = changed(path, before, lambda text: removed(text, PACKAGE))
    write(path, before, None if after == EMPTY else after, options, home)
    if not options.dry_run:
        print(f"The plugin is out of {path}.")
    return 0


def text_of(path: Path) -> str | None:
    """A configuration's text, None where there is no file; raises UsageError where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path} cannot be read ({fault}).", fix="Nothing was changed.") from None


def named_in(path: Path, text: str) -> list[str]:
    """The entries of ours in a file."""
    return understood(path, lambda: entries(text, PACKAGE))


def changed(path: Path, text: str, change: Callable[[str], str]) -> str:
    """The text after a change."""
    return understood(path, lambda: change(text))


def understood(path: Path, look: Callable[[], Seen]) -> Seen:
    """What a look at a file gives; raises UsageError with file and line where the file cannot be understood."""
    try:
        return look()
    except JsoncError as fault:
        raise UsageError(f"{path}:{fault.line}: {fault}.", fix="Correct it first; nothing was changed.") from None
    except NoPlace as fault:
        raise UsageError(f"{path}: {fault}.", fix="Correct it first; nothing was changed.") from None


def write(path: Path, before: str | None, after: str | None, options: Namespace, home: Path) -> None:
    """Write the change, the earlier text kept aside; with --dry-run only show it."""
    if options.dry_run:
        old, new = ((text or "").splitlines(keepends=True) for text in (before, after))
        sys.stdout.writelines(difflib.unified_diff(old, new, str(path), str(path)))
        return
    try:
        if before is not None:
            print(f"The file as it was: {backup(path, before, home)}")
        if after is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        atomic_write(path, after.encode("utf-8"))
        if mode is not None:
            path.chmod(mode)
    except OSError as fault:
        raise UsageError(f"{path} cannot be written ({fault.strerror}).", fix="Nothing was changed.") from None


def backup(path: Path, text: str, home: Path) -> Path:
    """Keep a text in the state directory."""
    folder = home / "opencode"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000:06d}-{path.name}"
    atomic_write(kept, text.encode("utf-8"))
    return kept
