"""The tool that looks for mistakes in files as they are, or as they would be."""

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from tools._native import Finding
from tools.catalogue.tool import Arguments, Short, as_list
from tools.search import language_of
from tools.workbench import Workbench

MOST_FILES = 50
MOST_FINDINGS = 50
"""Most that are shown; all are counted."""

MOST_CHARACTERS = 4_000_000
"""Longer files are not checked, which is said."""

PARSED = frozenset({"python", "javascript", "typescript", "json", "yaml", "toml"})
"""Languages whose mistakes are certain; those of the others are advice, or not seen."""


class Check(Arguments):
    """Arguments of ``check``."""

    paths: Annotated[
        tuple[Short, ...],
        Field(min_length=1, max_length=MOST_FILES),
        BeforeValidator(as_list),
        Field(validation_alias=AliasChoices("paths", "path", "file", "files"), description="files"),
    ]
    content: str | None = Field(None, description="check this text of the one file, before it is written")

    @model_validator(mode="after")
    def one_file_for_a_text(self) -> "Check":
        """Refuses a text that could be meant for several files."""
        if self.content is not None and len(self.paths) > 1:
            raise ValueError('"content" goes with one path')
        return self


def check(bench: Workbench, asked: Check) -> str:
    """What is wrong with files, and which of them nothing can be said about."""
    texts, unread = {}, []
    for path in asked.paths:
        text = asked.content if asked.content is not None else text_of(bench, path)
        if text is None:
            unread.append(path)
        else:
            texts[path] = text
    findings = bench.index.check([(path, None, text) for path, text in texts.items()])
    return told(findings, list(texts), unread)


def text_of(bench: Workbench, path: str) -> str | None:
    """A file's text; nothing for one that is binary or too long."""
    found = bench.index.read(path, max_chars=MOST_CHARACTERS)
    return found.text if found.complete and not found.binary else None


def told(findings: list[Finding], checked: list[str], unread: list[str]) -> str:
    """How much is wrong in how many files, then a line for each finding, then what was not seen."""
    certain = sum(finding.blocking for finding in findings)
    shown = sorted(findings, key=lambda finding: not finding.blocking)[:MOST_FINDINGS]
    state = "" if len(shown) == len(findings) else f"; showing {len(shown)}"
    advice = f" and {amount(len(findings) - certain, 'piece')} of advice" if len(findings) > certain else ""
    lines = [
        f"{amount(certain, 'mistake')}{advice} in {amount(len(checked), 'file')}{state}",
        *(finding.render().rstrip("\n") for finding in shown),
    ]
    doubtful = [path for path in checked if language_of(path) not in PARSED]
    if doubtful:
        lines.append(f"Only leftovers and secrets are certain in: {', '.join(doubtful)}")
    if unread:
        lines.append(f"Not checked, binary or too long: {', '.join(unread)}")
    return "\n".join(lines) + "\n"


def amount(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}{'s' * (number != 1)}"
