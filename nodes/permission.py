"""Permission: what a program that hosts a run may refuse on its user's behalf, and what comes of a refusal."""

import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

Action = Literal["execute", "edit"]


class Denied(Exception):
    """The user does not allow what the run cannot do without; it ends honestly, with what it has."""


class Permission(Protocol):
    """Who is asked before a command is executed and before files of the user's change."""

    def __call__(self, action: Action, targets: Sequence[str], detail: str) -> bool:
        """Whether a command (one target) may be executed, or files (paths below the root) be edited; may wait.

        `detail` is what the user may want to see: the patch of an edit, or that a command has a network.
        """
        ...


def everything(action: Action, targets: Sequence[str], detail: str) -> bool:
    """A run that was started by its user's own command line needs no further word."""
    return True


class Gate:
    """Asks once for each thing, one at a time whichever lane wants it, and puts every refusal on record."""

    def __init__(self, permission: Permission, emit: Callable[..., object]) -> None:
        self._permission = permission
        self._emit = emit
        self._answers: dict[tuple[str, ...], bool] = {}
        self._lock = threading.Lock()

    def require(self, command: str, detail: str = "") -> None:
        """Raise Denied where a command may not be executed."""
        if not self.allows("execute", [command], detail):
            raise Denied(f"you did not allow `{command}`, and nothing but executed checks can tell whether it works")

    def allows(self, action: Action, targets: Sequence[str], detail: str = "") -> bool:
        """Whether something may be done; the answer holds for this process."""
        with self._lock:
            key = (action, *targets)
            if key not in self._answers:
                self._answers[key] = self._permission(action, targets, detail)
                if not self._answers[key]:
                    self._emit("permission.denied", action=action, targets=list(targets))
            return self._answers[key]
