"""Any tree, any change, any edits meanwhile: refused whole, or undone to the last byte, and no edit is lost."""

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workspace.scenes import Scene, begin, picture, scene, write
from workspace.apply import apply, undo
from workspace.errors import ApplyConflict, NothingToUndo


@dataclass(frozen=True)
class Entry:
    """A file with its permission bits, or a link where the content is a text."""

    content: bytes | str
    bits: int = 0o644


Tree = Mapping[str, Entry]

USER = b"a line of the user's\n"

ODD = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6)
FIXED = ["a", "b", "d/a", "d/b", "d/e/a", "ü\n", "-x", " ", "d/ö/\t'\"", os.fsdecode(b"caf\xe9"), "x" * 200]
NAMES = st.sampled_from(FIXED) | ODD.map(lambda name: f"odd/{name}").filter(
    lambda name: name[4:] not in (".", "..") and not name[4:].startswith(".git")
)
LINES = [
    b"",
    b"1\n",
    b"1\n2\n3\n4\n5\n6\n7\n",
    b"1\n2\n3\n4\n5\n6\nseven\n",
    b"one\n2\n3\n4\n5\n6\n7",
    b"a\r\nb\r\nc\r\n",
]
FILES = st.builds(
    Entry,
    st.sampled_from(LINES) | st.binary(max_size=40) | st.just(b"\0\1binary\n" * 40),
    st.sampled_from([0o644, 0o755, 0o600, 0o664, 0o444]),
)
LINKS = st.builds(Entry, st.sampled_from(["a", "../outside", "nowhere/at all", "d"]))
TREES = st.dictionaries(NAMES, FILES | LINKS, max_size=7)


def laid_out(folder: Path, tree: Tree) -> set[str]:
    """Put entries into a folder, over whatever stands there; returns those for which there was a place."""
    done = set()
    for name, entry in tree.items():
        path = folder / name
        with suppress(OSError):
            if any(parent.is_symlink() for parent in path.parents if parent.is_relative_to(folder)):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if isinstance(entry.content, str):
                path.symlink_to(entry.content)
            else:
                path.write_bytes(entry.content)
                path.chmod(entry.bits)
            done.add(name)
    return done


def committed(made: Scene, change: Tree, gone: set[str]) -> str:
    """The commit of a change in the lane."""
    made.lane.checkout(made.base)
    for name in gone:
        with suppress(OSError):
            (made.lane.path / name).unlink()
    laid_out(made.lane.path, change)
    return made.lane.commit("change", [made.base])


@st.composite
def deletions(draw: st.DrawFn) -> set[int]:
    """Which entries are deleted, by number."""
    return draw(st.sets(st.integers(0, 6), max_size=3))


def chosen(tree: Tree, numbers: set[int]) -> set[str]:
    """The names behind numbers."""
    return {name for number, name in enumerate(sorted(tree)) if number in numbers}


@settings(max_examples=60)
@given(
    before=TREES,
    change=TREES,
    gone=deletions(),
    edits=TREES,
    deleted=deletions(),
    appended=deletions(),
    later=TREES,
)
def test_apply_and_undo_are_the_identity_and_every_edit_survives(
    before: Tree, change: Tree, gone: set[int], edits: Tree, deleted: set[int], appended: set[int], later: Tree
) -> None:
    """The user writes, deletes, links, changes rights and adds lines while the run works, and again before the undo."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "project")
        root.mkdir()
        laid_out(root, before)
        made = begin(Path(folder), root)
        final = committed(made, change, chosen(before, gone))
        ours = {c["path"] for c in made.run.repository.changed(made.base, final)}
        meddled(made.root, edits, chosen(before, deleted), chosen(before, appended))
        start = picture(made.root)
        try:
            apply(made.run, made.base, final)
        except ApplyConflict:
            assert picture(made.root) == start
            return
        applied = picture(made.root)
        assert kept(start, ours) == kept(applied, ours)
        assert {name for name, (_, data) in start.items() if USER in data and name in applied} <= {
            name for name, (_, data) in applied.items() if USER in data
        }
        undone_beside_later_edits(made, start, applied, later, ours)


def meddled(root: Path, edits: Tree, deleted: set[str], appended: set[str]) -> None:
    """Edits of every kind."""
    laid_out(root, edits)
    for name in deleted:
        with suppress(OSError):
            (root / name).unlink()
    for name in appended:
        path = root / name
        if path.is_file() and not path.is_symlink():
            with suppress(PermissionError):  # a file that its owner may only read
                path.write_bytes(USER + path.read_bytes())


def kept(seen: Mapping[str, tuple[int, bytes]], ours: set[str]) -> dict[str, tuple[int, bytes]]:
    """What the change has nothing to do with; folders come and go with their files."""
    return {name: what for name, what in seen.items() if name not in ours and not stat.S_ISDIR(what[0])}


def undone_beside_later_edits(
    made: Scene, start: dict[str, tuple[int, bytes]], applied: dict[str, tuple[int, bytes]], later: Tree, ours: set[str]
) -> None:
    """The user goes on working: an undo is refused whole, or takes back exactly the change; unedited it always does.

    What the user had made alike beforehand is no part of the change.
    """
    laid_out(made.root, {name: entry for name, entry in later.items() if name in ours})
    edited = picture(made.root)
    try:
        undo(made.run)
    except ApplyConflict:
        assert picture(made.root) == edited != applied
    except NothingToUndo:
        assert edited == start or applied == start
    else:
        moved = {name for name in {*start, *applied} if start.get(name) != applied.get(name)}
        now = picture(made.root)
        assert {name: edited.get(name) for name in moved} == {name: applied.get(name) for name in moved}
        assert {name: now.get(name) for name in moved} == {name: start.get(name) for name in moved}
        assert kept(now, moved) == kept(edited, moved)


def test_a_change_among_thousands_of_files(tmp_path: Path) -> None:
    """Ten thousand files, some hundreds of them changed, others edited meanwhile: identity all the same."""
    files = {f"d{n % 100}/f{n}": b"%d\n" % n for n in range(10_000)}
    made = scene(tmp_path, files)
    final = made.change({name: b"ours\n" + data for name, data in list(files.items())[::90]}, gone=tuple(files)[1::190])
    write(made.root, {name: b"theirs\n" for name in list(files)[2::45]})
    start = picture(made.root)
    apply(made.run, made.base, final)
    assert (made.root / "d0/f0").read_bytes() == b"ours\n0\n" and picture(made.root) != start
    undo(made.run)
    assert picture(made.root) == start
