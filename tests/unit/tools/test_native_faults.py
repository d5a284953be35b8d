"""Faults that tools of this kind are known for, each shown not to be here."""

import os
import platform
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools import _native
from tools._native import (
    CancelToken,
    Index,
    NativeError,
    apply_edits,
    check,
    edits_of_diff,
    plan_edits,
    recover_edits,
    resolve,
)
from tools.catalogue import TOOLS, answered
from tools.edit import write
from tools.workbench import open_workbench
from workspace.protected import why_untouchable


def test_replacing_never_damages_a_file(tmp_path: Path) -> None:
    """A plan writes nothing, line endings stay, and who reads meanwhile sees the old file or the new one, whole."""
    path = tmp_path / "a.txt"
    old, new = b"old line\r\n" * 5_000, b"new line\r\n" * 5_000
    path.write_bytes(old)
    forth = [{"path": "a.txt", "content": new.decode().replace("\r\n", "\n")}]
    back = [{"path": "a.txt", "content": old.decode().replace("\r\n", "\n")}]
    assert not plan_edits(tmp_path, forth).written
    assert path.read_bytes() == old

    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        apply_edits(tmp_path, forth)
        apply_edits(tmp_path, back)
    done.set()
    reader.join()

    assert seen <= {old, new}
    assert path.read_bytes() == old


@pytest.mark.parametrize("path", ["package-lock.json", ".github/workflows/ci.yml", "tests/test_a.py", ".git/config"])
def test_replacing_leaves_protected_files_alone(tmp_path: Path, path: str) -> None:
    """What judges a change, and git's own data, is refused, and the other files of the patch stay as they are."""
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("old\n")
    (tmp_path / "a.txt").write_text("old\n")
    done = write(tmp_path, [{"path": "a.txt", "content": "new\n"}, {"path": path, "content": "new\n"}])

    assert (len(done.problems), done.problems[0].file, done.files) == (1, path, [])
    assert ((tmp_path / path).read_text(), (tmp_path / "a.txt").read_text()) == ("old\n", "old\n")


def test_failures_are_errors_and_never_answers(tmp_path: Path) -> None:
    """What cannot be done is raised with a sentence, never handed back as a result with an error in it."""
    index = Index(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    failures: list[Callable[[], object]] = [
        lambda: Index(tmp_path / "missing"),
        lambda: Index(tmp_path / "a.py"),
        lambda: index.read("missing.py"),
        lambda: index.read("."),
        lambda: index.read("a\0b"),
        lambda: index.search(""),
        lambda: index.search("x", globs="["),
        lambda: index.outline("missing.py"),
        lambda: resolve(tmp_path, ".."),
        lambda: apply_edits(tmp_path, []),
        lambda: apply_edits(tmp_path, [{"path": "b.py", "delete": True}]),
        lambda: edits_of_diff("no diff"),
        lambda: recover_edits(tmp_path / "missing", tmp_path / "journal"),
    ]
    for fail in failures:
        with pytest.raises((NativeError, OSError)) as failure:
            fail()
        assert len(str(failure.value)) > 10


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40), other=st.text(max_size=40), number=st.integers(0, 2**32 - 1))
def test_every_call_ends_in_an_answer_or_a_typed_error(tmp_path: Path, text: str, other: str, number: int) -> None:
    """No argument, however odd, makes a call return nothing, hang, or end in anything but its documented errors."""
    (tmp_path / "a.py").write_text("x = 1\n")
    index = Index(tmp_path)
    calls: list[Callable[[], object]] = [
        lambda: index.search(text, regex=True, globs=other, limit=number % 50),
        lambda: index.references(text),
        lambda: index.find(text),
        lambda: index.read(text, number, number),
        lambda: index.read("a.py", number, 1),
        lambda: index.outline(text),
        lambda: check(text, other),
        lambda: plan_edits(tmp_path, [{"path": text, "search": other, "replace": text}]),
        lambda: plan_edits(tmp_path, [{"path": "a.py", "search": other, "replace": text, "line": number}]),
        lambda: edits_of_diff(f"--- a\n+++ a\n@@ {text}\n{other}"),
        lambda: resolve(tmp_path, text),
    ]
    for call in calls:
        try:
            assert call() is not None
        except (NativeError, OSError) as refusal:
            assert type(refusal) is not NativeError, "a fault in the tools"
            assert str(refusal)


def test_nothing_is_fetched_or_started_at_run_time() -> None:
    """The library imports no function that opens a connection, resolves a name or starts a program."""
    library = Path(_native.__file__).read_bytes()
    forbidden = ["socket", "connect", "getaddrinfo", "fork", "vfork", "execve", "execvp", "posix_spawn", "posix_spawnp"]
    imported = [name for name in forbidden if f"\0{name}\0".encode() in library]

    assert imported == []
    assert b"\0openat\0" in library or b"\0open64\0" in library, "names of imported functions are seen"
    assert os.access(_native.__file__, os.R_OK)


@pytest.mark.parametrize("place", ["build/app", "dist/app", "target/app", ".hidden/app", "node_modules/app"])
def test_a_project_below_a_folder_of_any_name_is_searched(tmp_path: Path, place: str) -> None:
    """What lies above the root, and how it is called, hides nothing."""
    root = tmp_path / place
    root.mkdir(parents=True)
    (root / "a.py").write_text("needle = 1\n")

    assert Index(root).search("needle").total == 1


def test_hidden_folders_and_foreign_encodings_are_searched_and_ignored_files_are_not(tmp_path: Path) -> None:
    """Continuous integration files and Latin-1 are found; what .gitignore names is not, and the result says where."""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text("run: needle\n")
    (tmp_path / "latin1.txt").write_bytes(b"caf\xe9 needle\n")
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/made.txt").write_text("needle only_here\n")
    index = Index(tmp_path)

    assert [hit.path for hit in index.search("needle").hits] == [".github/workflows/ci.yml", "latin1.txt"]
    assert index.search("only_here").total == 0
    assert "out (1 line in 1 file)" in index.search("only_here").render()


def test_time_that_is_over_is_said(tmp_path: Path) -> None:
    """No time at all gives no files, and the first words of the result are that it is not whole."""
    (tmp_path / "a.py").write_text("needle\n")
    found = Index(tmp_path).search("needle", token=CancelToken(0))

    assert (found.total, found.partial, found.complete, found.not_reached) == (0, "deadline", False, 1)
    assert found.render().startswith("PARTIAL")


def test_a_missing_folder_is_an_error_or_said(tmp_path: Path) -> None:
    """A root that does not exist is refused; a path glob that matches nothing is named in the result."""
    with pytest.raises(FileNotFoundError, match="missing"):
        Index(tmp_path / "missing")
    (tmp_path / "a.py").write_text("needle\n")

    assert "No file matches the path glob missing/**" in Index(tmp_path).search("needle", globs="missing/**").render()


def test_a_line_of_200_kilobytes_is_shown_around_what_was_found(tmp_path: Path) -> None:
    """A search shows a window of it, says what it leaves out, and names the column from which to read."""
    (tmp_path / "min.js").write_text("a" * 100_000 + "needle" + "b" * 100_000 + "\n")
    index = Index(tmp_path)
    found = index.search("needle")
    shown = found.render()

    assert (len(shown) < 600, "needle" in shown, "characters]" in shown) == (True, True, True)
    assert "around line 1, column 100001" in shown
    assert "needle" in index.read("min.js", column=found.hits[0].column).render()


def test_many_patterns_read_every_file_once(tmp_path: Path) -> None:
    """Twelve patterns in one search read as many bytes as one of them does, and find what they find one by one."""
    patterns = [f"word{n:02}" for n in range(12)]
    (tmp_path / "all.txt").write_text(" ".join(patterns) + "\n")
    for number in range(100):
        (tmp_path / f"{number:03}.txt").write_text("nothing\n" * 1000)
    index = Index(tmp_path, budget_bytes=0)

    def bytes_read(patterns: list[str]) -> int:
        before = read_so_far()
        assert index.search(patterns).total == 1
        return read_so_far() - before

    assert bytes_read(patterns) - bytes_read(patterns[:1]) < 4096


def test_lines_count_from_one_everywhere(tmp_path: Path) -> None:
    """Search, outline, definitions, reading and checks give the same number to the same line."""
    text = "def first():\n    return missing\n"
    (tmp_path / "a.py").write_text(text)
    index = Index(tmp_path)

    assert index.search("first").hits[0].line == 1
    assert [symbol.line for symbol in index.outline("a.py")] == [1]
    assert [symbol.line for _, symbol in index.definitions("first")] == [1]
    assert (index.read("a.py", start=2).start, index.read("a.py", start=2).text) == (2, "    return missing\n")
    assert [finding.line for finding in check("a.py", text)] == [2]
    assert [use.line for use in index.references("first").hits] == [1]
    assert [(match.line, match.end_line) for match in index.structural_search("return $X").matches] == [(2, 2)]
    with pytest.raises(NativeError) as refused:
        plan_edits(tmp_path, [{"path": "a.py", "search": "retrun x", "replace": ""}])
    assert "lines 2 to 2" in str(refused.value)


def test_the_library_runs_on_old_systems() -> None:
    """It asks for no C library newer than 2.34, or than that of the machine on which it was built."""
    wanted = re.findall(rb"GLIBC_(\d+)\.(\d+)", Path(_native.__file__).read_bytes())
    version = re.findall(r"\d+", platform.libc_ver()[1])

    assert max((int(major), int(minor)) for major, minor in wanted) <= max((2, 34), tuple(map(int, version)))


def test_a_renaming_leaves_protected_files_alone(tmp_path: Path) -> None:
    """A change of the whole project that would touch a file with secrets is refused, and nothing is written."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/a.py").write_text("limit = 1\n")
    (tmp_path / "project/.env.sh").write_text("limit=1\necho $limit\n")
    bench = open_workbench(tmp_path / "project", journals=tmp_path / "edits", protected=why_untouchable)
    answer = answered(bench, TOOLS, "rename", {"name": "limit", "to": "most", "preview": False})

    assert answer.refused
    assert ".env.sh: protected (secrets)" in answer.text
    assert (tmp_path / "project/a.py").read_text() == "limit = 1\n"


def read_so_far() -> int:
    """Bytes that this process has read, from whatever file."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])
