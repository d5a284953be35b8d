"""The snapshot: everything of the user's that counts, and not one bit of the user's folder changed by taking it."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import NOBODY, Content, begin, in_child, picture, scene, user_git, write
from workspace.run import Run
from workspace.snapshot import Skipped, take


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty git repository of the user's."""
    folder = tmp_path / "project"
    folder.mkdir()
    user_git(folder, "init", "-q", "-b", "main")
    return folder


def commit_all(root: Path) -> None:
    """Commit what is there, as the user would."""
    user_git(root, "add", "--all")
    user_git(root, "commit", "-q", "--allow-empty", "-m", "users")


ODD: dict[str, Content] = {
    "crlf.txt": b"one\r\ntwo\nthree\r\n",
    ".gitattributes": b"* text=auto eol=lf\n*.big filter=lfs diff=lfs merge=lfs -text\n"
    b"*.id ident\n*.u16 working-tree-encoding=UTF-16\n",
    "pointer.big": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "keyword.id": b"$Id$ and $Id: abc $\n",
    "wide.u16": "ab\n".encode("utf-16"),
    "binary": bytes(range(256)) * 10,
    "empty": b"",
    "link": "crlf.txt",
    "dangling": "no/such file",
    "-rf": b"dash",
    " leading and trailing ": b"space",
    "new\nline": b"newline",
    'quote"back\\slash': b"quote",
    "ünï/✓.txt": b"unicode",
    "*glob?[x]": b"glob",
    ".hidden/.deep": b"hidden",
}


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("git", [False, True])
def test_bytes_names_links_and_modes_come_back_exactly(tmp_path: Path, git: bool, committed: bool) -> None:
    """What a lane checks out is the user's tree to the last byte: no line end, filter or keyword is converted."""
    folder = tmp_path / "project"
    folder.mkdir()
    write(folder, ODD)
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    if git:
        user_git(folder, "init", "-q")
        if committed:
            commit_all(folder)
            write(folder, ODD)
    write(folder, {"git~1": b"a name that git itself refuses on the user's side"})
    made = begin(tmp_path, folder)
    assert made.snapshot.skipped == []
    assert made.snapshot.files == len(ODD) + 2
    lane, user = picture(made.lane.path), picture(folder)
    wanted = {name: entry for name, entry in user.items() if not (name == ".git" or name.startswith(".git/"))}
    assert lane == wanted


def test_a_name_that_is_no_unicode_is_kept(tmp_path: Path) -> None:
    """A file name is bytes to the system, and so it is here."""
    name = os.fsdecode(b"caf\xe9.txt")
    made = scene(tmp_path, {name: b"latin"}, git=True)
    assert (made.lane.path / name).read_bytes() == b"latin"


def test_work_that_was_never_committed_is_part_of_it(root: Path, tmp_path: Path) -> None:
    """Edited, staged, untracked and tracked-though-ignored files are in; ignored and deleted ones are not."""
    write(root, {"edited": b"1", "staged": b"1", "deleted": b"1", "unstaged-delete": b"1", "kept.log": b"1"})
    write(root, {".gitignore": b"*.log\n/private\n"})
    user_git(root, "add", "--all", "--force")
    user_git(root, "commit", "-q", "-m", "first")
    write(root, {"edited": b"2", "staged": b"2", "untracked": b"2", "kept.log": b"2", "new.log": b"2", "private": b"2"})
    user_git(root, "add", "staged")
    user_git(root, "rm", "-q", "deleted")
    (root / "unstaged-delete").unlink()
    made = begin(tmp_path, root)
    found = {path: made.run.repository.read(made.base, path) for path in made.run.repository.files(made.base)}
    assert found == {
        ".gitignore": b"*.log\n/private\n",
        "edited": b"2",
        "kept.log": b"2",
        "staged": b"2",
        "untracked": b"2",
    }


def with_conflict(root: Path) -> None:
    """A merge that the user has not finished."""
    write(root, {"a": b"1\n"})
    commit_all(root)
    user_git(root, "checkout", "-q", "-b", "side")
    write(root, {"a": b"2\n"})
    commit_all(root)
    user_git(root, "checkout", "-q", "main")
    write(root, {"a": b"3\n"})
    commit_all(root)
    with pytest.raises(Exception, match="merge"):
        user_git(root, "merge", "-q", "side")


def with_folder_become_link(root: Path) -> None:
    """A tracked folder that is a link now."""
    write(root, {"a/b": b"1"})
    commit_all(root)
    (root / "a").rename(root / "c")
    (root / "a").symlink_to("c")


def with_file_become_folder(root: Path) -> None:
    """A tracked file that is a folder now."""
    write(root, {"a": b"1"})
    commit_all(root)
    (root / "a").unlink()
    write(root, {"a/b": b"2"})


def with_sparse_checkout(root: Path) -> None:
    """Tracked files that are not checked out."""
    write(root, {"in/a": b"1", "out/b": b"1"})
    commit_all(root)
    user_git(root, "sparse-checkout", "set", "in")


@pytest.mark.parametrize(
    ("prepare", "files"),
    [
        (with_conflict, ["a"]),
        (with_folder_become_link, ["a", "c/b"]),
        (with_file_become_folder, ["a/b"]),
        (with_sparse_checkout, ["in/a"]),
    ],
)
def test_unusual_states_of_a_repository_are_taken_as_they_stand(
    root: Path, tmp_path: Path, prepare: Callable[[Path], None], files: list[str]
) -> None:
    """What counts is what lies in the folder, whatever the user's index says."""
    prepare(root)
    made = begin(tmp_path, root)
    assert made.run.repository.files(made.base) == files
    assert made.snapshot.skipped == []


def test_what_cannot_be_taken_in_is_said(root: Path, tmp_path: Path) -> None:
    """Nested repositories, submodules, pipes and sockets are left out, each with its reason."""
    write(root, {"a": b"1", "nested/x": b"1", ".GIT/config": b"1"})
    user_git(root / "nested", "init", "-q")
    commit_all(root / "nested")
    write(root, {"lib/y": b"1"})
    user_git(root / "lib", "init", "-q")
    commit_all(root / "lib")
    user_git(root, "-c", "advice.addEmbeddedRepo=false", "add", "lib")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        previous = Path.cwd()
        os.chdir(root)
        server.bind("socket")
        os.chdir(previous)
        made = begin(tmp_path, root)
    assert made.run.repository.files(made.base) == ["a"]
    own = "a repository of its own"
    assert {(s.path.rstrip("/"), s.reason) for s in made.snapshot.skipped} >= {("lib", own), ("nested", own)}
    assert {s.path for s in made.snapshot.skipped} <= {"lib", "nested/", ".GIT/config", "pipe", "socket"}


def test_a_pipe_among_tracked_files_is_left_out_and_never_opened(root: Path, tmp_path: Path) -> None:
    """A tracked file that has become a pipe would hold whoever reads it."""
    write(root, {"a": b"1", "b": b"1"})
    commit_all(root)
    (root / "b").unlink()
    os.mkfifo(root / "b")
    made = begin(tmp_path, root)
    assert made.run.repository.files(made.base) == ["a"]
    assert made.snapshot.skipped == [Skipped("b", "not a regular file")]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user may reach and write to, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("git", [False, True])
def test_unreadable_files_and_folders_are_said(open_folder: Path, git: bool) -> None:
    """An ordinary user's run goes on without them."""

    def work() -> None:
        root = open_folder / "project"
        write(root, {"a": b"1", "secret": b"1", "closed/x": b"1"})
        if git:
            user_git(root, "init", "-q")
        (root / "secret").chmod(0)
        (root / "closed").chmod(0)
        made = begin(open_folder, root)
        assert made.run.repository.files(made.base) == ["a"]
        assert {s.path: s.reason for s in made.snapshot.skipped} == {
            "secret": "not readable",
            "closed": "Permission denied",
        }
        (root / "closed").chmod(0o700)

    assert in_child(work, user=NOBODY) == 0


def test_a_large_file_is_taken(tmp_path: Path) -> None:
    """50 MB are no obstacle."""
    made = scene(tmp_path, {"big": os.urandom(1 << 20) * 50})
    assert (made.lane.path / "big").stat().st_size == 50 << 20


@pytest.mark.parametrize("git", [False, True])
def test_an_empty_folder_is_a_beginning(tmp_path: Path, git: bool) -> None:
    """Greenfield: nothing there, and a file can be added to it."""
    made = scene(tmp_path, {}, git=git)
    assert made.snapshot.files == 0
    final = made.change({"a": b"1"})
    assert [c["path"] for c in made.run.repository.changed(made.base, final)] == ["a"]


def test_a_folder_inside_a_repository_is_taken_alone(root: Path, tmp_path: Path) -> None:
    """A root below the repository's top: its own files, by paths relative to it, with the repository's rules."""
    write(root, {"top": b"1", "sub/a": b"1", "sub/b.log": b"1", ".gitignore": b"*.log\n"})
    commit_all(root)
    made = begin(tmp_path, root / "sub")
    assert made.run.repository.files(made.base) == ["a"]


@pytest.mark.parametrize("git", [False, True])
def test_installed_packages_are_never_copied(tmp_path: Path, git: bool) -> None:
    """Dependency folders stay out even where nobody told git to ignore them, and lanes link to them instead."""
    made = scene(
        tmp_path,
        {
            "a.py": b"1",
            ".venv/lib/x.py": b"1",
            "node_modules/m/i.js": b"1",
            "web/b.js": b"1",
            "web/node_modules/n/i.js": b"1",
            "__pycache__/a.pyc": b"1",
        },
        git=git,
    )
    assert made.run.repository.files(made.base) == ["a.py", "web/b.js"]
    assert made.lane.links() == [".venv", "node_modules", "web/node_modules"]
    assert (made.lane.path / "web/node_modules/n/i.js").read_bytes() == b"1"


def test_vendored_sources_that_git_tracks_are_part_of_the_tree(root: Path, tmp_path: Path) -> None:
    """A dependency folder under version control is the user's own code."""
    write(root, {"vendor/m/a.go": b"1", "node_modules/m/i.js": b"1"})
    commit_all(root)
    made = begin(tmp_path, root)
    assert made.run.repository.files(made.base) == ["node_modules/m/i.js", "vendor/m/a.go"]
    assert made.lane.links() == []


def test_the_folder_is_untouched_by_a_whole_run_up_to_the_apply_step(root: Path, tmp_path: Path) -> None:
    """Files, modes, index, HEAD and everything else below the root are byte-identical after snapshot, lanes, merge."""
    write(root, ODD)
    commit_all(root)
    write(root, {"crlf.txt": b"dirty\r\n", "untracked": b"1"})
    user_git(root, "add", "-N", "untracked")
    before = picture(root)
    made = begin(tmp_path, root)
    left, right = made.change({"left": b"1"}), made.change({"right": b"1"})
    assert made.run.repository.merge(left, right, "merge").commit
    made.lane.checkout(left)
    assert picture(root) == before


def test_git_variables_of_the_caller_lead_nowhere(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller inside a hook has GIT_DIR and more set: the run is about the root all the same."""
    write(root, {"a": b"1"})
    commit_all(root)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    user_git(elsewhere, "init", "-q")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(elsewhere / ".git"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {tmp_path}/ran")
    before = picture(elsewhere)
    made = begin(tmp_path, root)
    assert made.run.repository.files(made.base) == ["a"]
    assert picture(elsewhere) == before and not (tmp_path / "ran").exists()


def test_nothing_that_the_users_repository_configures_is_executed(root: Path, tmp_path: Path) -> None:
    """Hooks, file system monitors, filters, diff and merge drivers of a hostile repository never start."""
    mark = tmp_path / "ran"
    script = root / "evil.sh"
    write(root, {"evil.sh": f"#!/bin/sh\necho ran >> {mark}\ncat\n".encode(), "a": b"1\n", "b": b"1\n"})
    write(root, {".gitattributes": b"* filter=evil diff=evil merge=evil\n"})
    script.chmod(0o755)
    commit_all(root)
    for name in ("core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "diff.external"):
        user_git(root, "config", name, str(script))
    for name in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command"):
        user_git(root, "config", name, str(script))
    user_git(root, "config", "merge.evil.driver", str(script))
    user_git(root, "config", "diff.evil.textconv", str(script))
    user_git(root, "config", "core.hooksPath", str(root))
    for hook in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction", "post-merge"):
        shutil.copy(script, root / ".git" / "hooks" / hook)
        shutil.copy(script, root / hook)
    mark.unlink(missing_ok=True)
    write(root, {"a": b"2\n"})
    made = begin(tmp_path, root)
    left, right = made.change({"a": b"3\n", "c": b"1"}), made.change({"b": b"3\n"})
    merged = made.run.repository.merge(left, right, "merge").commit
    assert merged and made.run.repository.diff(made.base, merged)
    made.lane.checkout(merged)
    assert not mark.exists()


def test_a_repository_that_git_cannot_read_is_taken_as_a_plain_folder(tmp_path: Path) -> None:
    """A broken .git does not stop a run; the files are there."""
    made = scene(tmp_path, {"a": b"1", ".git": b"gitdir: /nowhere\n"})
    assert made.run.repository.files(made.base) == ["a"]


def test_a_snapshot_that_was_interrupted_is_taken_afresh(tmp_path: Path) -> None:
    """Neither the lock nor the index that a killed process has left counts."""
    made = scene(tmp_path, {"a": b"1", "b": b"1"})
    (made.root / "b").unlink()
    (made.run.folder / "snapshot.index.lock").write_bytes(b"")
    again = take(Run.open(tmp_path / "state", made.run.id))
    assert made.run.repository.files(again.commit) == ["a"]
