"""The command ``report``: a run as one page that opens from the disk."""

import os
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from nodes.hiding import learn_snapshot, opened_secrets, salt_of
from orchestrator.errors import UsageError
from orchestrator.project import state_folder
from orchestrator.report.gather import gather
from orchestrator.report.page import page
from orchestrator.words import clean
from tools.secrets import Secrets
from workspace.errors import GitFailed
from workspace.records import atomic_write
from workspace.run import Run


def report(options: Namespace) -> int:
    """Write the page of a run, and say where it is."""
    home = state_folder(os.environ)
    run = Run.open(home, options.run)
    if options.out == "-":
        sys.stdout.buffer.write(page_of(run, home))
        return 0
    path = Path(options.out) if options.out else None
    print(clean(str(written(run, home, path))))
    return 0


def written(run: Run, home: Path, path: Path | None = None) -> Path:
    """Write the page of a run, into its folder where no other place is named; raises UsageError."""
    path = path or run.folder / "report.html"
    try:
        atomic_write(path, page_of(run, home))
    except OSError as fault:
        raise UsageError(
            f"{path} cannot be written ({fault.strerror}).", fix="Name a file in a folder of yours with --out."
        ) from None
    return path


def page_of(run: Run, home: Path) -> bytes:
    """The page of a run, without its secrets."""
    hide = secrets_of(run, home).hide
    return page(gather(run, hide), hide).encode("utf-8", "replace")


def secrets_of(run: Run, home: Path) -> Secrets:
    """What must not stand in the page: the secrets of the project's folder and, where that has gone, the snapshot's."""
    with suppress(OSError, GitFailed):
        return opened_secrets(run, home, os.environ)
    secrets = Secrets(salt_of(home))
    with suppress(GitFailed):
        if base := run.repository.ref("heads/base"):
            learn_snapshot(secrets, run, base)
    return secrets
