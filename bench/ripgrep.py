"""Which lines ripgrep finds, as data."""

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

EVERY_TEXT = (
    "--no-config", "--json", "--no-ignore", "--hidden", "--text", "--crlf", "--max-filesize", "4M", "-g", "!/.git",
)  # fmt: skip
"""Flags that leave the choice of files to the caller."""


def matching_lines(program: Path, root: Path, flags: Sequence[str]) -> set[tuple[str, int]]:
    """Path and line (1-based) of every line below `root` in which a match begins. Raises RuntimeError if it fails."""
    command = [program, *EVERY_TEXT, *flags, "--", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace')}")
    lines: set[tuple[str, int]] = set()
    for event in map(json.loads, done.stdout.splitlines()):
        if event["type"] == "match":
            data = event["data"]
            text = _bytes(data["lines"])
            path = os.path.normpath(os.fsdecode(_bytes(data["path"])))
            lines |= {(path, data["line_number"] + text.count(b"\n", 0, m["start"])) for m in data["submatches"]}
    return lines


def _bytes(field: dict[str, str]) -> bytes:
    return field["text"].encode() if "text" in field else base64.b64decode(field["bytes"])
