"""A faulty disk: from some call on, what changes the disk fails, as a full, a broken or a locked one has it fail."""

import errno
import os
from collections.abc import Callable
from typing import Any

WRITING = ("write", "fsync", "replace", "mkdir", "symlink", "rename", "fchmod")
"""Calls that a full disk refuses."""

CLEARING = ("unlink",)
"""Calls that only a broken or a locked disk refuses. An empty folder that stays is no harm: git leaves it as well."""

FAULTS = (errno.ENOSPC, errno.EIO, errno.EACCES)


class Faulty:
    """Fails the nth call that changes the disk: that one alone, or every one from there on."""

    def __init__(self, at: int, fault: int, *, lasting: bool) -> None:
        self.at, self.fault, self.lasting = at, fault, lasting
        self.calls = 0

    def arm(self) -> None:
        """Stand in front of the functions of the module os."""
        names = WRITING if self.fault == errno.ENOSPC else (*WRITING, *CLEARING)
        for name in names:
            self.stand_before(name, getattr(os, name))
        self.stand_before("open", os.open, lambda _, flags, *rest: bool(flags & os.O_CREAT))

    def stand_before(self, name: str, real: Callable[..., Any], counts: Callable[..., bool] | None = None) -> None:
        """Put the fault in front of one function; ``counts`` tells which of its calls change the disk."""

        def faulty(*arguments: Any, **options: Any) -> Any:
            if name == "write" and arguments[0] in (1, 2):
                return real(*arguments, **options)  # the terminal is no disk
            if counts is None or counts(*arguments, *options.values()):
                self.calls += 1
                if self.calls == self.at or (self.lasting and self.calls > self.at):
                    raise OSError(self.fault, os.strerror(self.fault), *arguments[:1] if name != "write" else ())
            return real(*arguments, **options)

        setattr(os, name, faulty)
