"""Artefacts: texts and bytes too large for the state, kept by the digest of their content."""

import hashlib
from pathlib import Path

from workspace.records import atomic_write


class ArtefactStore:
    """A folder of files named by their sha256; the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: str | bytes) -> str:
        """Keep the data; returns its id."""
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        name = hashlib.sha256(raw).hexdigest()
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, raw)
        return name

    def bytes(self, name: str) -> bytes:
        """The data behind an id; raises FileNotFoundError where there is none."""
        return self._path(name).read_bytes()

    def text(self, name: str) -> str:
        """The text behind an id."""
        return self.bytes(name).decode("utf-8", "surrogatepass")

    def _path(self, name: str) -> Path:
        if not name.isalnum():
            raise FileNotFoundError(f"no artefact is called {name!r}")
        return self._folder / name[:2] / name[2:]
