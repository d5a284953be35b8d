"""Every failure that reaches the edge of the program, as one sentence with its way on and its exit code."""

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from models.errors import BudgetSpent, ModelError, NoModel, PriceUnknown, ProviderError, Unanswerable
from orchestrator.errors import StoreAway, StoreRefuses, UsageError
from orchestrator.exits import BUDGET, FAILED, PROVIDER, STUCK, USAGE
from orchestrator.words import one_line
from workspace.disk import disk_fault
from workspace.errors import (
    NothingToUndo,
    RootUnusable,
    RunAmbiguous,
    RunBusy,
    RunNewer,
    RunNotFound,
    SandboxMissing,
    WorkspaceError,
)

CODES: tuple[tuple[type[Exception], int], ...] = (
    (UsageError, USAGE),
    (StoreAway, USAGE),
    (StoreRefuses, USAGE),
    (NoModel, USAGE),
    (PriceUnknown, USAGE),
    (RootUnusable, USAGE),
    (RunNotFound, USAGE),
    (RunAmbiguous, USAGE),
    (RunBusy, USAGE),
    (RunNewer, USAGE),
    (NothingToUndo, USAGE),
    (SandboxMissing, USAGE),
    (ProviderError, PROVIDER),
    (BudgetSpent, BUDGET),
    (Unanswerable, STUCK),
    (ModelError, FAILED),
    (WorkspaceError, FAILED),
)
"""Exit code of each known failure; the first class that fits counts."""

NATIVE = ("tools._native", "_native")
"""The one module that is built for a machine, as Python names it where it is missing and where it does not load."""


def explained(fault: Exception, log_folder: Path | None = None) -> tuple[str, int]:
    """The sentence and the exit code; the traceback of an unknown failure goes into a file that the sentence names."""
    fault = disk_fault(fault) or fault
    for kind, code in CODES:
        if isinstance(fault, kind):
            return str(fault), code
    if isinstance(fault, ImportError) and fault.name in NATIVE:
        fix = "Install the package again: pip install --force-reinstall ."
        return f"The native tools cannot be loaded here ({fault}). {fix}", USAGE
    said = f"Something went wrong inside the program ({type(fault).__name__})"
    try:
        return f"{said}. The details are in {log_of(fault, log_folder)}", FAILED
    except OSError as full:
        return f"{said}: {one_line(str(fault))}. No details could be kept ({full.strerror})", FAILED


def log_of(fault: Exception, folder: Path | None) -> Path:
    """Write the traceback down and return where: into the run's folder, else among the temporary files."""
    text = f"{datetime.now(UTC).isoformat()}\n{''.join(traceback.format_exception(fault))}\n"
    path = (folder or Path(tempfile.mkdtemp(prefix="orchestrator-"))) / "error.log"
    with path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return path
