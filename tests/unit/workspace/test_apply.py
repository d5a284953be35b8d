"""Applying and undoing: nothing half written, nothing of the user's lost, byte for byte, after any crash."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.workspace.killer import Killer
from tests.unit.workspace.scenes import NOBODY, Content, in_child, picture, rich, scene, write
from workspace.apply import apply, recover, undo
from workspace.errors import ApplyConflict, ApplyFailed, NothingToUndo, RootUnusable

LINES = b"".join(b"line %d\n" % number for number in range(20))


def swap(text: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a part that must be there."""
    assert old in text
    return text.replace(old, new)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user may reach and write to, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_exactly_the_difference_is_written(tmp_path: Path) -> None:
    """Every kind of change arrives with bytes, kind and executable bit; other files and permissions stay."""
    made, final = rich(tmp_path)
    done = apply(made.run, made.base, final)
    assert sorted(done.files) == sorted(c["path"] for c in made.run.repository.changed(made.base, final))
    assert (made.root / "edited.txt").read_bytes() == b"one\r\nTWO\r\n"
    assert (made.root / "edited.txt").stat().st_mode & 0o777 == 0o640
    assert os.readlink(made.root / "link") == "nowhere/at all"
    assert (made.root / "script").stat().st_mode & 0o111 == 0o111
    assert not (made.root / "gone").exists() and (made.root / "kept").read_bytes() == b"kept"
    assert (made.root / "new/sub/nAme\nwith 'odd' ünicode").read_bytes() == b"new"


def test_undo_restores_every_byte_and_permission(tmp_path: Path) -> None:
    """Folders that were emptied come back with their permissions; one that was empty before stays."""
    made, final = rich(tmp_path)
    before = picture(made.root)
    files = apply(made.run, made.base, final).files
    assert undo(made.run) == sorted(files)
    assert picture(made.root) == before
    with pytest.raises(NothingToUndo):
        undo(made.run)


def test_a_change_can_be_applied_again_after_it_was_undone(tmp_path: Path) -> None:
    """Apply, undo, apply, undo: the same two states each time."""
    made, final = rich(tmp_path)
    before = picture(made.root)
    apply(made.run, made.base, final)
    after = picture(made.root)
    undo(made.run)
    apply(made.run, made.base, final)
    assert picture(made.root) == after
    undo(made.run)
    assert picture(made.root) == before


def test_applying_twice_changes_nothing_and_can_still_be_undone(tmp_path: Path) -> None:
    """A step that is repeated, as after a crash, names the same files and forgets nothing."""
    made, final = rich(tmp_path)
    before = picture(made.root)
    files = apply(made.run, made.base, final).files
    after = picture(made.root)
    assert apply(made.run, made.base, final).files == files
    assert picture(made.root) == after
    undo(made.run)
    assert picture(made.root) == before


def test_a_second_change_of_a_run_is_undone_with_the_first(tmp_path: Path) -> None:
    """Two steps of one run are one to the user."""
    made = scene(tmp_path, {"a": b"1", "b": b"1"})
    before = picture(made.root)
    first = made.change({"a": b"2"})
    apply(made.run, made.base, first)
    second = made.change({"a": b"3", "c": b"3"})
    assert apply(made.run, first, second).files == ["a", "c"]
    assert (made.root / "a").read_bytes() == b"3"
    assert undo(made.run) == ["a", "c"]
    assert picture(made.root) == before


def test_a_second_change_starts_from_the_first_whatever_it_is_compared_with(tmp_path: Path) -> None:
    """A run that went on after it was applied: its own lines are no conflict, the user's in between are kept."""
    made = scene(tmp_path, {"a": LINES, "b": b"1"})
    apply(made.run, made.base, made.change({"a": swap(LINES, b"line 2\n", b"ours\n"), "b": b"2"}))
    final = made.change({"a": swap(LINES, b"line 2\n", b"ours at last\n")})
    (made.root / "a").write_bytes(swap((made.root / "a").read_bytes(), b"line 17\n", b"theirs\n"))
    assert apply(made.run, made.base, final).files == ["a", "b"]
    assert (made.root / "a").read_bytes() == swap(
        swap(LINES, b"line 2\n", b"ours at last\n"), b"line 17\n", b"theirs\n"
    )
    assert (made.root / "b").read_bytes() == b"1"
    (made.root / "a").write_bytes(swap((made.root / "a").read_bytes(), b"theirs\n", b"line 17\n"))
    with pytest.raises(ApplyConflict):
        undo(made.run)
    (made.root / "a").write_bytes(swap((made.root / "a").read_bytes(), b"line 17\n", b"theirs\n"))
    undo(made.run)
    assert (made.root / "a").read_bytes() == swap(LINES, b"line 17\n", b"theirs\n")
    assert (made.root / "b").read_bytes() == b"1"


def test_an_edit_on_the_lines_of_a_first_change_outlives_the_undo_of_both(tmp_path: Path) -> None:
    """What cannot be told from the first change any more stays; the second change is taken back."""
    made = scene(tmp_path, {"a": LINES})
    first = made.change({"a": swap(LINES, b"line 2\n", b"ours\n")})
    apply(made.run, made.base, first)
    edited = swap((made.root / "a").read_bytes(), b"ours\n", b"ours, and theirs\n")
    (made.root / "a").write_bytes(edited)
    apply(made.run, made.base, made.change({"a": swap(swap(LINES, b"line 2\n", b"ours\n"), b"line 17\n", b"more\n")}))
    assert undo(made.run) == ["a"]
    assert (made.root / "a").read_bytes() == edited


def test_the_users_other_lines_of_the_same_file_are_kept(tmp_path: Path) -> None:
    """An edit elsewhere in the file, made meanwhile, is merged, and comes back with undo."""
    made = scene(tmp_path, {"a": LINES})
    final = made.change({"a": swap(LINES, b"line 2\n", b"ours\n")})
    (made.root / "a").write_bytes(swap(LINES, b"line 17\n", b"theirs\n"))
    before = picture(made.root)
    apply(made.run, made.base, final)
    assert (made.root / "a").read_bytes() == swap(swap(LINES, b"line 2\n", b"ours\n"), b"line 17\n", b"theirs\n")
    undo(made.run)
    assert picture(made.root) == before


def edit_same_line(root: Path) -> None:
    """The line that the run changes too."""
    (root / "a").write_bytes(swap(LINES, b"line 2\n", b"theirs\n"))


def take_name_of_new_file(root: Path) -> None:
    """A file where the run makes one."""
    (root / "new").write_bytes(b"the user's own")


def edit_deleted_file(root: Path) -> None:
    """A change in what the run deletes."""
    (root / "old").write_bytes(b"still needed")


def put_folder_in_place(root: Path) -> None:
    """A folder with work in it where the run has a file."""
    (root / "a").unlink()
    (root / "a").mkdir()
    (root / "a" / "work").write_bytes(b"work")


def put_link_in_the_way(root: Path) -> None:
    """A link that leads out of the folder where the run writes below."""
    (root / "sub" / "file").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(root.parent)


@pytest.mark.parametrize(
    "meddle", [edit_same_line, take_name_of_new_file, edit_deleted_file, put_folder_in_place, put_link_in_the_way]
)
def test_what_would_lose_the_users_work_is_refused_whole(tmp_path: Path, meddle: Callable[[Path], None]) -> None:
    """One file that cannot be brought together: nothing at all is written, and the file is named."""
    made = scene(tmp_path, {"a": LINES, "old": b"1", "sub/file": b"1", "z": b"1"})
    final = made.change(
        {"a": swap(LINES, b"line 2\n", b"ours\n"), "new": b"1", "sub/file": b"2", "z": b"2"}, gone=("old",)
    )
    meddle(made.root)
    before = picture(made.root)
    with pytest.raises(ApplyConflict) as refused:
        apply(made.run, made.base, final)
    assert len(refused.value.files) == 1 and "Nothing was written" in str(refused.value)
    assert picture(made.root) == before
    with pytest.raises(NothingToUndo):
        undo(made.run)


def test_undo_refuses_files_that_were_changed_since(tmp_path: Path) -> None:
    """What the user wrote after the step is not overwritten; other files of the step stay as well."""
    made = scene(tmp_path, {"a": b"1", "b": b"1"})
    apply(made.run, made.base, made.change({"a": b"2", "b": b"2"}))
    (made.root / "b").write_bytes(b"3")
    before = picture(made.root)
    with pytest.raises(ApplyConflict) as refused:
        undo(made.run)
    assert refused.value.files == ["b"]
    assert picture(made.root) == before


@pytest.mark.parametrize(
    ("files", "change", "gone"),
    [
        ({"a/b": b"1", "a/c/d": b"1"}, {"a": b"now a file"}, ("a/b", "a/c/d")),
        ({"a": b"1"}, {"a/b/c": b"now a folder"}, ("a",)),
        ({"a": b"1"}, {"a": "target"}, ()),
        ({"a/b": b"1"}, {"a": "target"}, ("a/b",)),
    ],
)
def test_kinds_can_change_places(
    tmp_path: Path, files: dict[str, Content], change: dict[str, Content], gone: tuple[str, ...]
) -> None:
    """A folder becomes a file or a link, a file a folder, and back with undo."""
    made = scene(tmp_path, files)
    before = picture(made.root)
    final = made.change(change, gone=gone)
    apply(made.run, made.base, final)
    assert picture(made.root) == picture(made.lane.path)
    undo(made.run)
    assert picture(made.root) == before


def test_owners_are_kept(tmp_path: Path) -> None:
    """Files that root writes for a user still belong to the user, new ones as well."""
    made = scene(tmp_path, {"a": b"1"})
    owner = NOBODY if os.geteuid() == 0 else os.geteuid()
    os.chown(made.root, owner, -1)
    os.chown(made.root / "a", owner, -1)
    apply(made.run, made.base, made.change({"a": b"2", "sub/b": b"2"}))
    assert {(made.root / name).stat().st_uid for name in ("a", "sub", "sub/b")} == {owner}


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    """Nothing is made where the user's folder was."""
    made = scene(tmp_path, {"a": b"1"})
    final = made.change({"a": b"2"})
    made.root.rename(tmp_path / "elsewhere")
    with pytest.raises(RootUnusable):
        apply(made.run, made.base, final)
    assert not made.root.exists()


def test_a_file_that_cannot_be_written_takes_back_the_ones_before_it(open_folder: Path) -> None:
    """A folder without the permission to write: nothing stays changed, the message names the file and the way on."""

    def work() -> None:
        made = scene(open_folder, {"a": b"1", "sub/b": b"1", "z": b"1"})
        final = made.change({"a": b"2", "new/x": b"2", "sub/b": b"2"}, gone=("z",))
        (made.root / "sub").chmod(0o500)
        before = picture(made.root)
        with pytest.raises(ApplyFailed, match=r"sub/b could not be written .*Nothing was changed.*orchestrator apply"):
            apply(made.run, made.base, final)
        assert picture(made.root) == before
        (made.root / "sub").chmod(0o755)
        apply(made.run, made.base, final)
        assert (made.root / "sub/b").read_bytes() == b"2" and not (made.root / "z").exists()

    assert in_child(work, user=NOBODY) == 0


def test_a_file_that_cannot_be_read_is_refused(open_folder: Path) -> None:
    """What cannot be compared is not overwritten."""

    def work() -> None:
        made = scene(open_folder, {"a": b"1", "b": b"1"})
        final = made.change({"a": b"2", "b": b"2"})
        (made.root / "b").chmod(0)
        with pytest.raises(ApplyFailed, match="b: Permission denied"):
            apply(made.run, made.base, final)
        assert (made.root / "a").read_bytes() == b"1"

    assert in_child(work, user=NOBODY) == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("undoing", [False, True])
def test_a_kill_at_any_write_is_recovered_from(tmp_path: Path, undoing: bool, after: bool) -> None:
    """Whenever the process is killed, the folder is as before or is brought to the end, and undo gives it back."""
    made, final = rich(tmp_path)
    start = picture(made.root)

    def work(at: int) -> None:
        Killer(at, after=after).arm()
        undo(made.run) if undoing else apply(made.run, made.base, final)

    for at in range(1, 500):
        if undoing:
            apply(made.run, made.base, final)
        ended = in_child(lambda at=at: work(at))  # type: ignore[misc]
        recover(made.run)
        now = picture(made.root)
        assert not [name for name in now if name.endswith(".partial")]
        if now != start:
            assert apply(made.run, made.base, final).files
            undo(made.run)
        assert picture(made.root) == start
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert at > 20


def test_a_conflict_can_be_read_from_three_sides(tmp_path: Path) -> None:
    """Text with the lines of all three between marks, the rest as it is; links and bytes in a line for each side."""
    made = scene(tmp_path, {"a": LINES, "link": "here", "data": b"\0\1", "gone": b"was\n"})
    final = made.change(
        {"a": swap(LINES, b"line 2\n", b"ours\n"), "link": "there", "data": b"\0\2", "new": b"ours\n"}, gone=("gone",)
    )
    edit_same_line(made.root)
    write(made.root, {"link": "elsewhere", "data": b"\0\3", "new": b"theirs\n", "gone": b"edited\n"})
    with pytest.raises(ApplyConflict) as refused:
        apply(made.run, made.base, final)
    place = made.run.folder / "conflicts.txt"
    assert str(place) in str(refused.value) and f"orchestrator apply {made.run.id[:8]}" in str(refused.value)
    text = place.read_text()
    meeting = "<<<<<<< is now, in your folder\ntheirs\n||||||| was, when the run began\nline 2\n=======\nours\n>>>>>>> "
    assert meeting in text and "line 1\n" in text and "line 19\n" in text
    assert 'is now, in your folder: a link to "elsewhere"\nthe run wants: a link to "there"' in text
    assert "was, when the run began: a file of 2 bytes" in text
    assert list(refused.value.files) == ["a", "data", "gone", "link", "new"]


def test_what_stands_against_an_undo_can_be_read_too(tmp_path: Path) -> None:
    """The message names the command that goes on, and the file with the three versions."""
    made = scene(tmp_path, {"a": b"was\n"})
    apply(made.run, made.base, made.change({"a": b"ours\n"}))
    (made.root / "a").write_bytes(b"theirs\n")
    with pytest.raises(ApplyConflict, match=r"since they were applied.*conflicts\.txt.*orchestrator undo"):
        undo(made.run)
    assert "theirs" in (made.run.folder / "conflicts.txt").read_text()
