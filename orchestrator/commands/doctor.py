"""The command ``doctor``: what a run needs, whether it is here, and the way to get it."""

import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from models.embedded import try_runtime
from models.errors import ModelError
from models.resolve import resolve
from orchestrator.arguments import flags_of
from orchestrator.config import Settings, stored
from orchestrator.errors import UsageError
from orchestrator.exits import FAILED, VERIFIED
from orchestrator.layers import load
from orchestrator.opencode.entry import entries
from orchestrator.opencode.places import OLDEST, PACKAGE, global_file, opencode, project_file, specification
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.watch import console_on
from workspace.errors import WorkspaceError
from workspace.process import run as run_process
from workspace.sandbox import choose_sandbox

GIT_NEEDED = (2, 38)
"""Oldest git that can merge without a work tree."""


@dataclass(frozen=True)
class Finding:
    """One thing that a run needs."""

    name: str
    state: Literal["ok", "weak", "missing"]
    """weak: runs work, with less than could be."""
    reason: str
    fix: str = ""


def doctor(options: Namespace) -> int:
    """One line for each need; exit code 1 where one is missing."""
    found = [look() for look in looks(options)]
    if options.json:
        print(line_of({"v": 1, "findings": [asdict(finding) for finding in found]}))
    else:
        print_lines(found)
    return FAILED if any(finding.state == "missing" for finding in found) else VERIFIED


def looks(options: Namespace) -> list[Callable[[], Finding]]:
    """Every look, in the order in which the needs arise."""
    home = state_folder(os.environ)
    return [
        python,
        native,
        git,
        sandbox,
        lambda: state(home),
        lambda: configuration(options, home),
        lambda: model(options, home),
        lambda: opencode_plugin(options),
    ]


def python() -> Finding:
    """The interpreter."""
    return Finding("python", "ok", ".".join(map(str, sys.version_info[:3])))


def native() -> Finding:
    """The native module."""
    try:
        from tools.search import Index
    except ImportError as fault:
        return Finding(
            "native tools", "missing", str(fault), "Install the package again: pip install --force-reinstall ."
        )
    return Finding("native tools", "ok", f"{Index.__module__} is built for this Python")


def git() -> Finding:
    """git, which keeps snapshots and attempts."""
    fix = "Install git 2.38 or newer."
    try:
        said = run_process(["git", "--version"], cwd=Path.cwd(), timeout=10).output.strip()
    except (WorkspaceError, OSError):
        return Finding("git", "missing", "not found", fix)
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    return Finding("git", "ok", said) if version >= GIT_NEEDED else Finding("git", "missing", f"{said} is too old", fix)


def sandbox() -> Finding:
    """Where commands run."""
    try:
        chosen = choose_sandbox(unsafe=False)
    except WorkspaceError:
        reason = "there is no way to confine commands here, so nothing is run"
        return Finding("sandbox", "missing", reason, "Install bubblewrap (for example: apt install bubblewrap).")
    if chosen.kind == "bubblewrap":
        return Finding("sandbox", "ok", chosen.describe())
    return Finding("sandbox", "weak", chosen.describe(), "Install bubblewrap for the strongest one.")


def state(home: Path) -> Finding:
    """The state directory."""
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        return Finding("state", "ok", str(home))
    return Finding("state", "missing", f"{nearest} is not writable", "Set ORCHESTRATOR_HOME to a folder of yours.")


def configuration(options: Namespace, home: Path) -> Finding:
    """The configuration that holds here."""
    try:
        loaded = load(project_folder(options.root, home), os.environ, flags_of(options))
    except UsageError as fault:
        return Finding(
            "configuration", "missing", *halves(fault, "Correct it; every key: orchestrator config show --all")
        )
    sources = sorted(set(loaded.origins.values()))
    return Finding(
        "configuration", "ok", f"from {', '.join(sources)}" if sources else "defaults; no file sets anything"
    )


def model(options: Namespace, home: Path) -> Finding:
    """The model that a run here would use."""
    try:
        settings: Settings = load(project_folder(options.root, home), os.environ, flags_of(options)).settings
        found = resolve(None, None, stored(settings), os.environ, home)
        if found.gguf is not None:
            try_runtime(found.gguf)
        return Finding("model", "ok", found.reason)
    except ModelError as fault:
        return Finding("model", "missing", *halves(fault, "Without a key or a server: orchestrator model fetch local"))
    except UsageError:
        return Finding(
            "model", "missing", "unknown while the configuration is wrong", "Correct the configuration first."
        )


def halves(fault: Exception, otherwise: str) -> tuple[str, str]:
    """What is wrong, and the way on that the fault names; `otherwise` where it names none."""
    fix = getattr(fault, "fix", "")
    return str(fault).removesuffix(fix).strip(), fix or otherwise


def opencode_plugin(options: Namespace) -> Finding:
    """OpenCode and the plugin's entry; whoever does not use OpenCode lacks nothing."""
    found = opencode(os.environ)
    if found is None:
        return Finding(
            "opencode", "ok", "not installed; `/auto` in OpenCode is one way to use this, and not the only one"
        )
    if found.version and found.version[:2] < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return Finding("opencode", "weak", f"{found.title} is too old for the plugin", f"Update OpenCode to {wanted}.")
    named = {path: entries_of(path) for path in (global_file(os.environ), project_file(Path(options.root)))}
    specs = [spec for entries in named.values() for spec in entries]
    if not specs:
        return Finding("opencode", "weak", f"{found.title}, without the plugin", "Run: orchestrator opencode install")
    if any("@" in spec and spec != specification() for spec in specs):
        reason = f"{found.title} has the plugin {specs[0]}, this package is {specification()}"
        return Finding("opencode", "weak", reason, "Run: orchestrator opencode install")
    return Finding("opencode", "ok", f"{found.title}, with the plugin {specs[0]}")


def entries_of(path: Path) -> list[str]:
    """The plugin's entries in a configuration; none where it cannot be read: OpenCode says that itself."""
    try:
        return entries(path.read_text("utf-8"), PACKAGE)
    except (OSError, ValueError):
        return []


def print_lines(found: list[Finding]) -> None:
    """The lines for people."""
    from rich.table import Table
    from rich.text import Text

    from orchestrator.words import one_line

    styles = {"ok": "green", "weak": "yellow", "missing": "bold red"}
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in found:
        text = Text(one_line(finding.reason, 300))
        if finding.fix:
            text.append(f"\n{finding.fix}", "cyan")
        table.add_row(Text(finding.state, styles[finding.state]), finding.name, text)
    console_on(sys.stdout).print(table)
