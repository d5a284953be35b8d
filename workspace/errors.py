"""What can go wrong with folders, git and commands; every message is for the user and names the fix."""

from collections.abc import Sequence


class WorkspaceError(Exception):
    """Base of all of them."""


class RunNotFound(WorkspaceError):
    """No run folder has this name."""


class RunAmbiguous(WorkspaceError):
    """More than one run begins with this name."""


class RunBroken(WorkspaceError):
    """Something in a run's folder is missing, or is not what was written there."""


class EventsLost(RunBroken):
    """Some of a run's events are missing."""


class RunNewer(RunBroken):
    """A run was written by a newer version of this program."""

    def __init__(self, place: object, version: int, known: int) -> None:
        super().__init__(
            f"{place} was written by a newer version of this program (format {version}, this one knows {known}). "
            "Nothing was changed. Update the program, then try again"
        )


class RunBusy(WorkspaceError):
    """Another process drives this run; ``pid`` is its process id, 0 where it is not known."""

    def __init__(self, run: str, pid: int) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"run {run} is being driven by {who}; wait for it, or end it with: orchestrator cancel {run}")
        self.pid = pid


class DiskFault(WorkspaceError):
    """The disk is full, broken or closed to us: nothing is wrong with the run, and it can go on later."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}. Nothing is lost. Put that right; a run goes on with: orchestrator resume last")


class RootUnusable(WorkspaceError):
    """The project folder is missing, is no folder, or cannot be read."""


class GitFailed(WorkspaceError):
    """A git command failed."""

    @property
    def reason(self) -> str:
        """What git gives as the reason, without what it says around it."""
        lines = [line.strip() for line in str(self).splitlines()]
        fatal = [line.rpartition("fatal: ")[2] for line in lines if "fatal: " in line]
        return (fatal[:1] or lines)[-1].rstrip(".")[:300]


class SandboxMissing(WorkspaceError):
    """There is no way to confine commands here, and the user did not allow to run them unconfined."""


class ApplyRefused(WorkspaceError):
    """The user's folder was left as it was."""

    files: Sequence[str] = ()
    """The paths that stood in the way, where they are known."""


class ApplyConflict(ApplyRefused):
    """The user has changed the same lines meanwhile; nothing was written, and the versions stand in ``view``."""

    def __init__(self, files: Sequence[str], since: str, view: object, again: str) -> None:
        names = ", ".join(files[:5]) + (" and others" if len(files) > 5 else "")
        super().__init__(
            f"{names}: changed in the folder since {since}, on the same lines. Nothing was written. "
            f"What was, what is and what is wanted stands in {view}. Put your change aside, then: {again}"
        )
        self.files = list(files)


class ApplyFailed(ApplyRefused):
    """A file of the user's could not be written: a full disk, a folder without the permission."""


class NothingToUndo(WorkspaceError):
    """The run has written nothing to the user's folder, or it was undone already."""
