"""The little that is read from a GGUF file itself: how many parameters the model says that it has."""

import re
import struct
from pathlib import Path
from typing import BinaryIO

_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each scalar value type of the format; 8 is a string, 9 an array."""

_BYTES_PER_BILLION = 0.7e9
"""A usual 4-bit file, for files that do not state their size."""


def billions_of(path: Path) -> float:
    """Return the billions of parameters: from the file's `general.size_label`, else from its length."""
    try:
        with path.open("rb") as file:
            label = _size_label(file)
    except (OSError, struct.error, ValueError):
        label = None
    stated = re.fullmatch(r"(?:(\d+)x)?(\d+(?:\.\d+)?)([BM])", label or "")
    if stated:
        return int(stated[1] or 1) * float(stated[2]) / (1 if stated[3] == "B" else 1000)
    return path.stat().st_size / _BYTES_PER_BILLION


def _size_label(file: BinaryIO) -> str | None:
    """Walk the metadata as far as the size label; it stands near the start, before the long vocabulary arrays."""
    magic, version, _tensors, entries = struct.unpack("<4sIQQ", file.read(24))
    if magic != b"GGUF" or version not in (2, 3):
        raise ValueError("not a GGUF file of version 2 or 3")
    for _ in range(min(entries, 64)):
        key = _string(file)
        (kind,) = struct.unpack("<I", file.read(4))
        if kind == 8:
            value = _string(file)
            if key == "general.size_label":
                return value
        elif kind in _WIDTHS:
            file.seek(_WIDTHS[kind], 1)
        elif not _skip_array(file):
            return None
    return None


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > 1 << 20:
        raise ValueError("a string of the metadata is too long to be one")
    return file.read(length).decode("utf-8", "replace")


def _skip_array(file: BinaryIO) -> bool:
    """Skip an array; returns False at the vocabulary, behind which nothing is of interest."""
    kind, count = struct.unpack("<IQ", file.read(12))
    if count > 1024:
        return False
    if kind == 8:
        for _ in range(count):
            _string(file)
        return True
    if kind not in _WIDTHS:
        raise ValueError("unknown kind of value in the metadata")
    file.seek(_WIDTHS[kind] * count, 1)
    return True
