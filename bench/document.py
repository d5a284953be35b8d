"""Sections of a document that a command writes, so that no figure is copied by hand."""

from pathlib import Path


class SectionError(Exception):
    """A document has no place for a section; the message says which markers are missing."""


def replace_section(document: str, name: str, text: str) -> str:
    """The document with the text between the two markers of a section replaced. Raises SectionError."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise SectionError(f"the document needs the lines {begin} and {end}, in this order")
    return f"{head}{begin}\n{text.strip()}\n{end}{tail}"


def write_section(path: Path, name: str, text: str) -> None:
    """The same in a file."""
    path.write_text(replace_section(path.read_text(encoding="utf-8"), name, text), encoding="utf-8")
