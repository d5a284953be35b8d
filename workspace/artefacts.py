"""Artefacts: texts and bytes too large for the state, kept by the digest of their content."""

import hashlib
from pathlib import Path

from workspace.errors import RunBroken
from workspace.records import atomic_write
from workspace.versions import damaged


class ArtefactStore:
    """A folder of files named by their sha256; the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: str | bytes) -> str:
        """Keep the data; returns its id."""
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        name = hashlib.sha256(raw).hexdigest()
        path = self._path(name)
        if not holds(path, len(raw)):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, raw)
        return name

    def bytes(self, name: str) -> bytes:
        """The data behind an id; raises RunBroken where there is none, or where it is not what was put."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RunBroken(damaged(path, str(error.strerror))) from error
        if hashlib.sha256(data).hexdigest() != name:
            raise RunBroken(damaged(path, "it holds other bytes than were put there"))
        return data

    def text(self, name: str) -> str:
        """The text behind an id."""
        return self.bytes(name).decode("utf-8", "surrogatepass")

    def _path(self, name: str) -> Path:
        if len(name) < 3 or not name.isalnum():
            raise RunBroken(damaged(self._folder, f"no artefact is called {name!r}"))
        return self._folder / name[:2] / name[2:]


def holds(path: Path, size: int) -> bool:
    """True for a file of this size: one that was cut short does not stay as it is."""
    try:
        return path.stat().st_size == size
    except OSError:
        return False
