"""A signal at a chosen call: what a power cut, or an impatient person, may do at any moment."""

import os
import signal

NAMES = ("replace", "unlink", "rmdir", "mkdir", "symlink", "rename")
"""The functions that change a name on the disk."""


class Killer:
    """Sends this very process a signal before the nth call that changes a file, or just after it."""

    def __init__(self, at: int, *, after: bool = False, number: signal.Signals = signal.SIGKILL) -> None:
        self.left = at
        self.number = number
        self.after = after

    def arm(self, names: tuple[str, ...] = NAMES) -> None:
        """Watch these functions of the module os."""
        for name in names:
            self.watch(name)

    def watch(self, name: str) -> None:
        """Put the watch in front of one function."""
        real = getattr(os, name)

        def watched(*arguments: object, **options: object) -> object:
            self.left -= 1
            if self.left == 0 and not self.after:
                os.kill(os.getpid(), self.number)
            try:
                return real(*arguments, **options)
            finally:
                if self.left == 0 and self.after:
                    os.kill(os.getpid(), self.number)

        setattr(os, name, watched)
