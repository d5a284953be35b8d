"""Edits of tools._native on real files: matched with care, written whole or not at all."""

import errno
import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.workspace.scenes import NOBODY, in_child
from tools._native import (
    Cancelled,
    EditConflict,
    EditError,
    NativeError,
    PathEscapeError,
    apply_edits,
    edits_of_diff,
    plan_edits,
    recover_edits,
)


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder: content and mode."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode) for path in files}


def test_a_plan_writes_nothing_and_says_what_would_happen(tmp_path: Path) -> None:
    """plan_edits and a dry run are the same, and apply_edits does what they said."""
    (tmp_path / "a.py").write_text("x = 1\n")
    edits = [{"path": "a.py", "search": "x = 1\n", "replace": "x = 2\n"}, {"path": "b/c.py", "content": "y = 1\n"}]
    planned = plan_edits(tmp_path, edits)
    dry = apply_edits(tmp_path, edits, dry_run=True)

    assert (False, False, {"a.py"}) == (planned.written, dry.written, set(tree(tmp_path)))
    done = apply_edits(tmp_path, edits)
    assert done.written
    assert done.render() == "2 files changed; written\na.py: exact\nb/c.py: created\n"
    assert planned.render() == dry.render()
    assert planned.render().startswith(
        "2 files changed; nothing is written yet\n\na.py: exact\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    )
    assert [(file.before, file.after) for file in done.files] == [("x = 1\n", "x = 2\n"), (None, "y = 1\n")]
    assert ((tmp_path / "a.py").read_text(), (tmp_path / "b/c.py").read_text()) == ("x = 2\n", "y = 1\n")


def test_all_files_of_a_patch_or_none(tmp_path: Path) -> None:
    """One edit that cannot be applied keeps every other from being written."""
    (tmp_path / "a.py").write_text("x = 1\n")
    before = tree(tmp_path)
    edits: list[dict[str, object]] = [
        {"path": "a.py", "delete": True},
        {"path": "new.py", "content": "n\n"},
        {"path": "gone.py", "search": "y", "replace": "z"},
    ]
    with pytest.raises(EditError, match=r"edit 3 of 3: gone\.py does not exist") as refusal:
        apply_edits(tmp_path, edits)

    assert (before, "gone.py") == (tree(tmp_path), refusal.value.path)


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """When the second file cannot be written whole, the first is not changed and nothing half written stays."""
    (tmp_path / "a.py").write_text("x = 1\n")
    before = tree(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            apply_edits(tmp_path, [{"path": "a.py", "content": "x = 2\n"}, {"path": "b/c.py", "content": "y" * 2_000}])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert tree(tmp_path) == before
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_journal_is_empty_once_the_patch_is_written(tmp_path: Path) -> None:
    """With a journal outside the root a patch is written as without one, and nothing is left to recover."""
    root, journal = tmp_path / "root", tmp_path / "journal"
    root.mkdir()
    apply_edits(root, [{"path": "a.py", "content": "x = 1\n"}], journal=journal)

    assert ((root / "a.py").read_text(), os.listdir(journal)) == ("x = 1\n", [])
    assert recover_edits(root, journal) == "nothing"
    with pytest.raises(EditError, match="name one outside"):
        apply_edits(root, [{"path": "a.py", "content": "x = 2\n"}], journal=root / "journal")


def test_an_interrupted_patch_is_recovered_before_the_next_one(tmp_path: Path) -> None:
    """A journal that holds an interrupted patch refuses the next one and says what to do."""
    root, journal = tmp_path / "root", tmp_path / "journal"
    root.mkdir()
    journal.mkdir()
    record = {"version": 1, "root": str(root), "phase": "announced", "files": [], "folders": []}
    (journal / "edit.json").write_text(json.dumps(record))
    with pytest.raises(EditConflict) as refusal:
        apply_edits(root, [{"path": "a.py", "content": "x = 1\n"}], journal=journal)

    assert refusal.value.hint == "recover it first"
    assert recover_edits(root, journal) == "rolled back"
    apply_edits(root, [{"path": "a.py", "content": "x = 1\n"}], journal=journal)


def test_a_diff_becomes_edits_that_apply(tmp_path: Path) -> None:
    """What ``git diff`` prints for a change makes that change in another copy of the files."""
    for copy in ["old", "new"]:
        (tmp_path / copy).mkdir()
        (tmp_path / copy / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
        (tmp_path / copy / "gone.py").write_text("g\n")
    (tmp_path / "new/a.py").write_text("a = 1\nb = 4\nc = 3\n")
    (tmp_path / "new/gone.py").unlink()
    (tmp_path / "new/made.py").write_text("no newline")
    printed = (
        subprocess.run(
            ["git", "diff", "--no-index", "--no-prefix", "old", "new"], cwd=tmp_path, capture_output=True, text=True
        )
        .stdout.replace("old/", "")
        .replace("new/", "")
    )
    edits = edits_of_diff(printed)
    apply_edits(tmp_path / "old", edits)

    assert tree(tmp_path / "old") == tree(tmp_path / "new")
    assert edits[0] == {
        "path": "a.py", "search": "a = 1\nb = 2\nc = 3\n", "replace": "a = 1\nb = 4\nc = 3\n", "line": 1
    }  # fmt: skip
    with pytest.raises(EditError, match="belongs to no hunk") as refusal:
        edits_of_diff("--- a/x\n+++ b/x\n-a\n+b\n")
    assert (refusal.value.path, refusal.value.line) == ("x", 3)


def test_a_read_only_folder_refuses_and_keeps_everything() -> None:
    """Where one folder of a patch cannot be written, no file of it is; the error is Python's own with its number."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "locked").mkdir(mode=0o555)
        (root / "a.py").write_text("x = 1\n")
        root.chmod(0o777)
        before = tree(root)

        def refused() -> None:
            with pytest.raises(PermissionError) as refusal:
                apply_edits(root, [{"path": "a.py", "content": "x = 2\n"}, {"path": "locked/b.py", "content": "y\n"}])
            assert refusal.value.errno == errno.EACCES
            assert vars(refusal.value)["hint"] == "check who owns it and its mode"

        assert (in_child(refused, user=NOBODY), tree(root), os.listdir(root / "locked")) == (0, before, [])


@pytest.mark.parametrize("path", ["folder", ".", "n" * 300, "a.py/b.py"])
def test_a_path_that_can_be_no_file_is_a_refusal(tmp_path: Path, path: str) -> None:
    """What only the author can mend is told to the author, not raised as a fault of the system."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.py").write_text("x\n")
    with pytest.raises(EditError):
        apply_edits(tmp_path, [{"path": path, "content": "x = 2\n"}])


def test_form_of_the_file_is_kept(tmp_path: Path) -> None:
    """CRLF, a missing final newline and the mode survive an edit that is written with plain newlines."""
    path = tmp_path / "run.sh"
    path.write_bytes(b"echo a\r\necho b")
    path.chmod(0o750)
    apply_edits(tmp_path, [{"path": "run.sh", "search": "echo a\necho b\n", "replace": "echo c\necho d\n"}])

    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"echo c\r\necho d", 0o750)


def test_indentation_is_mended_in_both_sides(tmp_path: Path) -> None:
    """A block given without its indentation is found, and its replacement is shifted likewise."""
    (tmp_path / "a.py").write_text("class A:\n    def f(self):\n        return 1\n")
    search, replace = "def f(self):\n    return 1\n", "def f(self):\n    if self:\n        return 2\n"
    done = apply_edits(tmp_path, [{"path": "a.py", "search": search, "replace": replace}])

    assert done.files[0].how == "re-indented by +4 spaces"
    wanted = "class A:\n    def f(self):\n        if self:\n            return 2\n"
    assert wanted == (tmp_path / "a.py").read_text()


def test_refusals_teach(tmp_path: Path) -> None:
    """Ambiguous edits name the lines; edits that miss show the nearest place with its line numbers."""
    (tmp_path / "a.py").write_text("a = 1\nb = total(cart)\na = 1\n")

    with pytest.raises(EditError, match="2 places, at lines 1, 3"):
        apply_edits(tmp_path, [{"path": "a.py", "search": "a = 1\n", "replace": "a = 2\n"}])
    with pytest.raises(EditError, match=r"lines 2 to 2:\n      - b = totals\(cart\)\n    2 \+ b = total\(cart\)"):
        apply_edits(tmp_path, [{"path": "a.py", "search": "b = totals(cart)\n", "replace": "b = 0\n"}])


def test_refusals_carry_path_line_and_hint(tmp_path: Path) -> None:
    """Whoever catches a refusal need not read its sentence to know the file, the line and what to do."""
    (tmp_path / "a.py").write_text("a = 1\nb = 2\na = 1\n")
    with pytest.raises(EditError) as ambiguous:
        apply_edits(tmp_path, [{"path": "a.py", "search": "a = 1\n", "replace": "a = 2\n"}])
    with pytest.raises(PathEscapeError) as outside:
        apply_edits(tmp_path, [{"path": "../a.py", "content": "x\n"}])

    refusal = ambiguous.value
    assert (refusal.path, refusal.line, refusal.hint) == ("a.py", 1, "add neighbouring lines until it is unique")
    assert (outside.value.path, outside.value.hint) == ("../a.py", "it leads above the project's root")
    assert issubclass(EditConflict, EditError)
    assert issubclass(Cancelled, NativeError)


@pytest.mark.parametrize(
    "path", ["../out.py", "/tmp/out.py", ".git/config", "sub/.git/hooks/x", "away/x.py", "link.py"]
)
def test_nothing_outside_is_written(tmp_path: Path, path: str) -> None:
    """Neither names, links nor git's own folder lead an edit astray."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "target.py").write_text("t\n")
    (root / "away").symlink_to(tmp_path)
    (root / "link.py").symlink_to(tmp_path / "target.py")
    before = tree(tmp_path)
    with pytest.raises(PathEscapeError):
        apply_edits(root, [{"path": path, "content": "x\n"}])

    assert before == tree(tmp_path)


def test_files_that_would_be_damaged_are_refused(tmp_path: Path) -> None:
    """Binary files and files that are not UTF-8 are never rewritten."""
    (tmp_path / "latin1.txt").write_bytes(b"caf\xe9\n")
    (tmp_path / "binary").write_bytes(b"\0\1")

    for path in ["latin1.txt", "binary"]:
        with pytest.raises(EditError, match=path):
            apply_edits(tmp_path, [{"path": path, "content": "x\n"}])


def test_a_mapping_that_is_no_edit_is_refused(tmp_path: Path) -> None:
    """What is missing or too much in an edit is said before anything is looked at."""
    with pytest.raises(ValueError, match="path"):
        apply_edits(tmp_path, [{"content": "x"}])
    with pytest.raises(ValueError, match="either"):
        apply_edits(tmp_path, [{"path": "a", "search": "x"}])
    with pytest.raises(ValueError, match="either"):
        apply_edits(tmp_path, [{"path": "a", "content": "x", "delete": True}])
    with pytest.raises(TypeError, match="content"):
        apply_edits(tmp_path, [{"path": "a", "content": 1}])
    with pytest.raises(EditError, match="no edit"):
        apply_edits(tmp_path, [])


LINES = st.lists(st.sampled_from(["a", "b", "    a", "\tb", "", "c  "]), max_size=6).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=LINES, ending=st.sampled_from(["\n", "\r\n"]), search=LINES, replace=LINES)
def test_an_edit_happens_as_planned_or_not_at_all(
    tmp_path: Path, text: str, ending: str, search: str, replace: str
) -> None:
    """The disk holds exactly what the result says, and exactly what it held where the edit is refused."""
    path = tmp_path / "a.txt"
    path.write_bytes(text.replace("\n", ending).encode())
    before = path.read_bytes()
    try:
        done = apply_edits(tmp_path, [{"path": "a.txt", "search": search, "replace": replace}])
    except EditError:
        assert before == path.read_bytes()
    else:
        assert (before.decode(), path.read_bytes().decode()) == (done.files[0].before, done.files[0].after)
    assert os.listdir(tmp_path) == ["a.txt"]
