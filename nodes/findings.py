"""Findings: from problems of tools, checks and reviewers to records that can be compared."""

import hashlib
import re
from typing import Literal, cast, get_args

from nodes.bounds import MAX_MESSAGE
from nodes.state import Finding

Source = Literal["syntax", "static", "edit", "test", "review", "guard", "merge"]


def finding(source: str, file: str, line: int, message: str) -> Finding:
    """A finding; its fingerprint leaves out numbers, so that a fault keeps it when lines move."""
    if source not in get_args(Source):
        raise ValueError(f"unknown source of a finding: {source}")
    return {
        "source": cast("Source", source),
        "file": file,
        "line": line,
        "message": message[:MAX_MESSAGE],
        "fingerprint": fingerprint(source, file, re.sub(r"\d+", "#", message)),
    }


def headline(file: str, line: int, message: str) -> str:
    """One finding as a line of text."""
    where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
    return f"{where}{message}"


def lines_of(findings: list[Finding]) -> list[str]:
    """Findings as lines of text."""
    return [f"[{f['source']}] {headline(f['file'], f['line'], f['message'])}" for f in findings]


def fingerprint(*parts: str) -> str:
    """A short digest that is equal for equal parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def state_fingerprint(tree: str, findings: list[Finding]) -> str:
    """Equal when the same tree fails in the same way."""
    return fingerprint(tree, *sorted(f["fingerprint"] for f in findings))
