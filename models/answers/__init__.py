"""Code in answers: fenced text, as SEARCH/REPLACE blocks or as whole files, parsed without loss or guess."""

from models.answers import blocks, whole
from models.answers.edits import AnswerFormatError, Delete, Edit, Replace, Write
from models.profiles import AnswerFormat

__all__ = ["AnswerFormatError", "Delete", "Edit", "Replace", "Write", "parse", "render"]


def parse(format: AnswerFormat, text: str) -> list[Edit]:
    """Return the edits of an answer, in order; raises AnswerFormatError with the defect and its line."""
    return blocks.parse(text) if format == "blocks" else whole.parse(text)


def render(format: AnswerFormat, edits: list[Edit]) -> str:
    """Write edits down in a format, so that `parse` returns them; for examples in prompts and for recordings."""
    return blocks.render(edits) if format == "blocks" else whole.render(edits)
