"""Search: from file names and words to the real lines that a task needs, within a budget of characters."""

import glob
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tools._native import Index as Index
from tools._native import PathEscapeError

MAX_WHOLE_LINES = 300
"""Longest file that is shown whole; longer ones are shown by symbol."""

SMALL_PROJECT_FILES = 12
"""Up to so many source files, a request that names none gets all that fit."""

LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".rs": "rust", ".go": "go", ".java": "java", ".kt": "kotlin",
    ".c": "c", ".h": "c", ".cpp": "cpp", ".hpp": "cpp", ".cs": "csharp", ".rb": "ruby", ".php": "php", ".sh": "bash",
    ".swift": "swift", ".lua": "lua", ".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml",
    ".md": "markdown", ".html": "html", ".css": "css", ".sql": "sql",
}  # fmt: skip
"""File name endings and the language names that fences use."""

PROSE = {"markdown", "json", "toml", "yaml", "html", "css", ""}


@dataclass(frozen=True)
class Material:
    """One file, or a part of it."""

    path: str
    note: str
    """Says which lines are shown; empty for a whole file."""
    text: str
    whole: bool


@dataclass(frozen=True)
class Context:
    """What was found; JSON-plain through :meth:`plain`."""

    parts: list[Any] = field(default_factory=list)
    hits: str = ""
    hit_count: int = 0
    new_files: list[str] = field(default_factory=list)
    uses: str = ""
    """Where the project uses the names that the task is about."""
    conventions: str = ""
    """What the project says about how it is written."""

    def material(self) -> list[Material]:
        """The parts as records, also after a round trip through JSON."""
        return [p if isinstance(p, Material) else Material(**p) for p in self.parts]

    def plain(self) -> dict[str, Any]:
        """The JSON-plain form."""
        return {
            "parts": [vars(p) for p in self.material()],
            "hits": self.hits,
            "hit_count": self.hit_count,
            "new_files": self.new_files,
            "uses": self.uses,
            "conventions": self.conventions,
        }


def gather(
    index: Index, files: Sequence[str], words: Sequence[str], *, budget: int, withheld: Collection[str] = ()
) -> Context:
    """Real lines for the named files and words, most important first, at most ``budget`` characters of them.

    Nothing of a file in ``withheld`` is among them.
    """
    shown: dict[str, Material] = {}
    new_files: list[str] = []
    for path in dict.fromkeys(path for path in files if path not in withheld):
        try:
            _show(_file(index, path, words), shown, budget)
        except FileNotFoundError:
            new_files.append(path)
        except (PathEscapeError, IsADirectoryError, ValueError):
            continue  # a path that a model made up: nothing to show
    for word in words:
        for path, symbol in index.symbol(word, limit=3, budget_chars=budget).definitions:
            if path not in shown and path not in withheld:
                _show(_lines(index, path, symbol.start, symbol.end), shown, budget)
    if not shown:
        for path in _small_project(index):
            _show(_file(index, path, words), shown, budget)
    elsewhere = [f"!{glob.escape(path)}" for path in withheld]
    hits = index.search(list(words), globs=elsewhere, limit=20, budget_chars=1500) if words else None
    found = hits is not None and hits.total > 0
    return Context(
        parts=list(shown.values()),
        hits=hits.render() if hits is not None and found else "",
        hit_count=hits.total if hits is not None else 0,
        new_files=new_files,
    )


def language_of(path: str) -> str:
    """The fence name of a file's language; empty where none is known."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")


def languages(paths: Iterable[str]) -> list[str]:
    """Programming languages of a project, the most files first."""
    counts: dict[str, int] = {}
    for path in paths:
        if (language := language_of(path)) not in PROSE:
            counts[language] = counts.get(language, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def _show(part: Material | None, shown: dict[str, Material], budget: int) -> None:
    used = sum(len(p.text) for p in shown.values())
    if part is not None and used + len(part.text) <= budget:
        shown[part.path] = part


def _file(index: Index, path: str, words: Sequence[str]) -> Material | None:
    read = index.read(path)
    if read.binary:
        return None
    if read.total_lines <= MAX_WHOLE_LINES and read.complete:
        return Material(read.path, "", read.text, whole=True)
    wanted = [s for s in index.outline(path) if s.name in words]
    if wanted:
        return _lines(index, path, min(s.start for s in wanted), max(s.end for s in wanted))
    return _lines(index, path, 1, MAX_WHOLE_LINES // 2)


def _lines(index: Index, path: str, start: int, end: int) -> Material:
    read = index.read(path, start=start, end=end)
    return Material(read.path, f" (lines {read.start} to {read.end} of {read.total_lines})", read.text, whole=False)


def _small_project(index: Index) -> list[str]:
    sources = [p for p in index.files() if language_of(p) not in PROSE]
    return sorted(sources, key=lambda p: ("test" in p.lower(), p)) if len(sources) <= SMALL_PROJECT_FILES else []
