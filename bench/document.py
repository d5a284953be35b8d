"""Sections of the documents that a command writes, with the command, the day and the machine: no figure is copied."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "docs" / "BENCHMARKS.md"


class SectionError(Exception):
    """A document has no place for a section; the message says which markers are missing."""


def write_section(name: str, command: str, text: str, path: Path = BENCHMARKS) -> None:
    """Write a section into a document, below a line that says where its figures come from. Raises SectionError."""
    whole = f"`{command}`, {today()}, {machine()}.\n\n{text}"
    path.write_text(replace_section(path.read_text(encoding="utf-8"), name, whole), encoding="utf-8")


def replace_section(document: str, name: str, text: str) -> str:
    """The document with the text between the two markers of a section replaced. Raises SectionError."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise SectionError(f"the document needs the lines {begin} and {end}, in this order")
    return f"{head}{begin}\n{text.strip()}\n{end}{tail}"


def machine() -> str:
    """The machine in a line."""
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{_processor()}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def today() -> str:
    """The date in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
