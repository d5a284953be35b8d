"""Files that survive a crash: lines that are appended, and files that are replaced whole."""

import contextlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workspace.keeping import keeper_of


class JsonLines:
    """A file of JSON objects, one a line, that only grows. Safe for threads; a torn last line is ignored."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._mended = False

    def append(self, record: Mapping[str, Any], *, durable: bool = False) -> None:
        """Add a record; ``durable`` returns only when it is on the disk. Raises what the file's keeper raises."""
        keeper = keeper_of(self.path)
        if keeper is not None:
            keeper.before(record)
        self._write(record, durable)
        if keeper is not None:
            keeper.after(record)

    def _write(self, record: Mapping[str, Any], durable: bool) -> None:
        line = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "surrogatepass")
        with self._lock:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, 0o600)
            try:
                if not self._mended:
                    line = self._mend() + line
                write_whole(descriptor, line)
                if durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole record, oldest first; nothing where there is no file."""
        # What is torn by a crash was never relied on.
        return (record for record in self.lines() if record is not None)

    def lines(self) -> Iterator[dict[str, Any] | None]:
        """Every line as its record, oldest first; None for a line that holds none."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:
                    record = None
                yield record if isinstance(record, dict) else None

    def _mend(self) -> bytes:
        """A line end for a torn last line, so that the next record does not join it."""
        self._mended = True
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return b""
            file.seek(-1, os.SEEK_END)
            return b"" if file.read(1) == b"\n" else b"\n"


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of it at the end of a file, or none: what a full disk has cut is taken back."""
    size, written = os.fstat(descriptor).st_size, 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:])
    except OSError:
        if written:
            os.ftruncate(descriptor, size)
        raise


def atomic_write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file whole: readers see the old bytes or the new ones, also after a crash."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        try:
            write_whole(descriptor, data)
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):  # what stays is swept later; the first fault is the one to tell
            os.unlink(name)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
