"""The agreement check: file sets by git, lines by ripgrep."""

import base64
import json
import sys
from pathlib import Path

import pytest

from bench.agreement import Verdict, agreement, hold_apart, listed_by_git, summary, table
from bench.agreement_cases import FINDS, SEARCHES, literal, regex
from bench.ripgrep import matching_lines
from tools._native import Index

EVENTS = [
    {"type": "begin", "data": {"path": {"text": "./a.py"}}},
    {
        "type": "match",
        "data": {
            "path": {"text": "./a.py"},
            "lines": {"text": "def a():\n    pass\ndef b():\n    pass\n"},
            "line_number": 4,
            "submatches": [{"match": {"text": "def a"}, "start": 0, "end": 8}, {"start": 18, "end": 26}],
        },
    },
    {
        "type": "match",
        "data": {
            "path": {"bytes": base64.b64encode(b"./\xff.py").decode()},
            "lines": {"bytes": base64.b64encode(b"\xff def\n").decode()},
            "line_number": 1,
            "submatches": [{"start": 2, "end": 5}],
        },
    },
]
"""What ripgrep prints for matches across lines, and for names and lines that are not UTF-8."""


@pytest.fixture
def silent_rg(tmp_path: Path) -> Path:
    """A program in the place of ripgrep that finds what EVENTS say."""
    program = tmp_path / "rg"
    lines = "\n".join(json.dumps(event) for event in EVENTS)
    program.write_text(f"#!{sys.executable}\nimport sys\nif '--broken' in sys.argv: sys.exit(2)\nprint({lines!r})\n")
    program.chmod(0o755)
    return program


def test_lines_are_where_matches_begin(silent_rg: Path, tmp_path: Path) -> None:
    """A match across lines counts once, at its first line; bytes that are not UTF-8 are kept."""
    assert matching_lines(silent_rg, tmp_path, []) == {("a.py", 4), ("a.py", 6), ("\udcff.py", 1)}


def test_a_failing_ripgrep_is_an_error(silent_rg: Path, tmp_path: Path) -> None:
    """A rival that did not answer is never taken for one that found nothing."""
    with pytest.raises(RuntimeError, match="--broken"):
        matching_lines(silent_rg, tmp_path, ["--broken"])


def test_a_question_in_ripgreps_words() -> None:
    """Literal or regex, case, word and globs all arrive."""
    asked = literal("a", "b", case="smart", word=True, globs=("*.py",))

    assert asked.flags() == ["--smart-case", "--fixed-strings", "--word-regexp", "-g", "*.py", "-e", "a", "-e", "b"]
    assert regex("a+").flags() == ["--case-sensitive", "-e", "a+"]


def test_files_of_every_standing_are_listed_as_git_lists_them(project: Path) -> None:
    """Ignored but tracked and untracked files are in, ignored and untracked ones are out, on both sides."""
    hold_apart(project)
    listed = listed_by_git(project)

    assert {"docs/notes.txt", "shop/models.py", ".gitignore"} <= listed
    assert not any(path.startswith("left-out/") for path in listed)
    assert set(Index(project).files()) == listed
    assert listed_by_git(project, ":(glob)shop/*.py") == {"shop/models.py", "shop/test_models.py", "shop/views.py"}


def test_differences_are_found_and_named(project: Path, silent_rg: Path) -> None:
    """A rival that finds nothing of what we find differs in every such question, and globs agree with git."""
    verdicts = agreement(project, silent_rg)
    found = {v.question: v.difference for v in verdicts}

    assert found["all files"] == ""
    assert "only ours" in found["text 'import'"]
    assert {found[f"files {find.glob}"] for find in FINDS} == {""}


def test_the_table_has_a_row_for_each_question() -> None:
    """Trees stand side by side, and what differs is said below."""
    verdicts = [Verdict("text 'a|b'", "one", 3, ""), Verdict("text 'a|b'", "two", 4, "1 missed, as x.py:1")]

    lines = table(verdicts).splitlines()
    assert lines[2] == "| `text 'a\\|b'` | 3 | 4 **differs** |"
    assert lines[-1] == "- two, `text 'a|b'`: 1 missed, as x.py:1"
    assert "1 of 2 questions agree." in lines
    assert "| two | 1 | 4 | 1 |" in summary(verdicts, "ripgrep 15").splitlines()


def test_questions_have_different_titles() -> None:
    """Two questions under one title would hide one another in the table."""
    titles = [search.title() for search in SEARCHES]
    assert len(set(titles)) == len(titles) >= 40
