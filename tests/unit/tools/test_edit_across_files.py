"""Edits are held against the other files of the project before anything is written."""

from pathlib import Path

import pytest

from tools._native import Index, secrets_in, secrets_in_diff
from tools.edit import write

SHAPES = "def area(r):\n    return r * r\n\n\ndef volume(r):\n    return area(r) * r\n"
VIEW = "from shapes import area, volume\n\nprint(area(1), volume(2))\n"
TOKEN = "q8Zr3vT0pLw7Ks2n" + "Yb5D"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shapes.py").write_text(SHAPES)
    (tmp_path / "view.py").write_text(VIEW)
    return tmp_path


def test_what_others_still_use_cannot_be_taken_away(root: Path) -> None:
    """The refusal names the users; the same edit passes when the patch changes them too."""
    rename = {"path": "shapes.py", "search": "def volume(r):", "replace": "def content(r):"}
    users = {"path": "view.py", "content": "from shapes import area, content\n\nprint(area(1), content(2))\n"}
    refused = write(root, [rename], index=Index(root))

    assert [(p.source, p.file) for p in refused.problems] == [("guard", "shapes.py")]
    assert "still used: view.py:1" in refused.problems[0].message
    assert "still used" not in str(write(root, [rename, users], index=Index(root)).problems)


def test_a_call_must_fit_the_function_that_is_there(root: Path) -> None:
    """A changed signature is held against callers in files that the edit leaves alone."""
    edit = {"path": "shapes.py", "search": "def area(r):", "replace": "def area(r, scale):"}
    problems = write(root, [edit], index=Index(root)).problems

    assert [(p.file, p.line) for p in problems] == [("shapes.py", 6), ("view.py", 3)]
    assert problems[1].message == "`area()` misses the argument `scale`; its parameters: (r, scale)"
    assert (root / "shapes.py").read_text() == SHAPES


def test_an_import_must_lead_somewhere(root: Path) -> None:
    """A name that a module of the project does not have is refused with the one that was meant."""
    edit = {"path": "new.py", "content": "from shapes import aera\n\nprint(aera(1))\n"}
    (problem,) = write(root, [edit], index=Index(root)).problems

    assert (problem.file, problem.line) == ("new.py", 1)
    assert problem.message.endswith("shapes.py does not define it; did you mean `area`?")


def test_an_edit_that_fits_is_written(root: Path) -> None:
    """Advice, such as an import that is not used yet, keeps nothing from being written."""
    edit = {"path": "new.py", "content": "import os\n\nfrom shapes import area\n\nprint(area(1))\n"}

    assert write(root, [edit], index=Index(root)).files == ["new.py"]


def test_a_secret_is_refused_and_not_repeated(root: Path) -> None:
    """The kind and the line are told, the value is not."""
    (problem,) = write(root, [{"path": "settings.py", "content": f'\nAPI_TOKEN = "{TOKEN}"\n'}]).problems

    assert (problem.source, problem.line) == ("guard", 2)
    assert TOKEN not in problem.message


def test_secrets_are_found_in_texts_and_in_what_a_diff_adds() -> None:
    """Only added lines of a diff count, by their place in the new file."""
    line = f'API_TOKEN = "{TOKEN}"'
    added = f"--- a/s.py\n+++ b/s.py\n@@ -1 +1,2 @@\n x = 1\n+{line}\n"
    removed = f"--- a/s.py\n+++ b/s.py\n@@ -1,2 +1 @@\n x = 1\n-{line}\n"

    assert secrets_in(f"\n{line}\n") == [(2, "value of a secret")]
    assert secrets_in_diff(added) == [("s.py", 2, "value of a secret")]
    assert secrets_in_diff(removed) == []
