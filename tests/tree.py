"""What a folder holds, to the last bit: proves that nobody touched it."""

import os
import stat
from pathlib import Path


def tree(root: Path) -> dict[str, tuple[str, bytes]]:
    """Every path below a folder, hidden and untracked ones included: kind and permission bits, and content."""
    found: dict[str, tuple[str, bytes]] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        mode = oct(status.st_mode)
        if stat.S_ISLNK(status.st_mode):
            found[str(path.relative_to(root))] = (mode, os.fsencode(os.readlink(path)))
        else:
            found[str(path.relative_to(root))] = (mode, path.read_bytes() if stat.S_ISREG(status.st_mode) else b"")
    return found
