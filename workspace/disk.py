"""The disk: which failures are its own, full, broken or closed to us, and not the program's."""

import errno
import sqlite3

from workspace.errors import DiskFault

OWN = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.ENFILE}
)
"""What the system says when it is the disk, its rights or its limits that stand in the way."""

SAID = ("disk is full", "disk I/O error", "readonly database", "unable to open database file")
"""What SQLite says in their place."""

FULL = "No space left on device"
"""What git and other programs pass on."""


def disk_fault(fault: BaseException) -> DiskFault | None:
    """The failure as one sentence for the user; None where it is not the disk's."""
    if isinstance(fault, DiskFault):
        return fault
    if isinstance(fault, OSError) and fault.errno in OWN:
        return DiskFault(f"{fault.filename or 'A file of the run'} could not be written ({fault.strerror})")
    if isinstance(fault, sqlite3.OperationalError) and any(said in str(fault) for said in SAID):
        return DiskFault(f"The checkpoints could not be written ({fault})")
    if type(fault).__module__.startswith("psycopg"):
        return DiskFault(f"The database of checkpoints does not serve ({' '.join(str(fault).split())[:300]})")
    return None
