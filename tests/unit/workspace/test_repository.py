"""The run's own repository: trees, differences and merges, without any working directory."""

from pathlib import Path

import pytest

from tests.unit.workspace.scenes import Scene, picture, scene
from workspace.errors import GitFailed

LINES = b"".join(b"line %d\n" % number for number in range(20))


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    """A project with a text long enough for two changes."""
    return scene(tmp_path, {"a": LINES, "b": LINES, "bin": bytes(range(256)), "new\nline": b"1"})


def test_changes_are_listed_with_status_and_modes(made: Scene) -> None:
    """Added, modified, deleted, made executable, turned into a link; a rename is a deletion and an addition."""
    made.change({})
    (made.lane.path / "a").chmod(0o755)
    (made.lane.path / "b").rename(made.lane.path / "c")
    (made.lane.path / "bin").unlink()
    (made.lane.path / "bin").symlink_to("a")
    commit = made.lane.commit("change", [made.base])
    assert [
        (c["status"], c["path"], c["old_mode"], c["new_mode"]) for c in made.run.repository.changed(made.base, commit)
    ] == [
        ("M", "a", "100644", "100755"),
        ("D", "b", "100644", "000000"),
        ("M", "bin", "100644", "120000"),
        ("A", "c", "000000", "100644"),
    ]


def test_a_difference_reads_as_git_shows_it(made: Scene) -> None:
    """Unified, with the wanted context; binary files are named, not printed."""
    commit = made.change({"a": LINES.replace(b"line 9\n", b"nine\n"), "bin": b"\0\1"})
    text = made.run.repository.diff(made.base, commit, context=1)
    assert "@@ -9,3 +9,3 @@" in text
    assert "\n line 8\n-line 9\n+nine\n line 10\n" in text
    assert "Binary files a/bin and b/bin differ" in text
    assert made.run.repository.diff(made.base, made.base) == ""


def test_files_are_read_from_any_commit(made: Scene) -> None:
    """Bytes of a file, whatever its name; None where there is none, and for a folder."""
    repository = made.run.repository
    assert repository.read(made.base, "bin") == bytes(range(256))
    assert repository.read(made.base, "new\nline") == b"1"
    assert repository.read(made.base, "absent") is None
    assert repository.files(made.base) == ["a", "b", "bin", "new\nline"]


def test_names_of_commits_are_kept(made: Scene) -> None:
    """A name is set, moved and read; one that was never set is None."""
    repository = made.run.repository
    assert repository.ref("lanes/none") is None
    repository.set_ref("lanes/x", made.base)
    other = made.change({"z": b"1"})
    repository.set_ref("lanes/x", other)
    assert repository.ref("lanes/x") == other
    assert repository.tree_of("refs/lanes/x") == repository.tree_of(other)


def test_changes_of_other_lines_are_merged(made: Scene) -> None:
    """Two lanes in one file: both changes stand in the merge, which has both as parents and always the same id."""
    left = made.change({"a": LINES.replace(b"line 2\n", b"left\n")})
    right = made.change({"a": LINES.replace(b"line 17\n", b"right\n"), "c": b"1"})
    merged = made.run.repository.merge(left, right, "merge t2")
    assert merged.commit and merged.conflicts == []
    text = made.run.repository.read(merged.commit, "a")
    assert text == LINES.replace(b"line 2\n", b"left\n").replace(b"line 17\n", b"right\n")
    assert made.run.repository.merge(left, right, "merge t2") == merged


def test_a_conflict_names_its_files_and_touches_nothing(made: Scene) -> None:
    """Same lines, or edited here and deleted there: no commit, every file once, and the lane stays as it is."""
    left = made.change({"a": LINES.replace(b"line 2\n", b"left\n"), "b": LINES + b"more\n", "d": b"left"})
    right = made.change({"a": LINES.replace(b"line 2\n", b"right\n"), "d": b"right"}, gone=("b",))
    lane, root = picture(made.lane.path), picture(made.root)
    merged = made.run.repository.merge(left, right, "merge")
    assert merged.commit is None and merged.conflicts == ["a", "b", "d"]
    assert (picture(made.lane.path), picture(made.root)) == (lane, root)


def test_a_merge_with_nothing_new_is_no_conflict(made: Scene) -> None:
    """A commit merged with its own ancestor, or with itself, gives its own tree."""
    left = made.change({"a": b"1"})
    for other in (made.base, left):
        merged = made.run.repository.merge(left, other, "merge")
        assert merged.commit and made.run.repository.tree_of(merged.commit) == made.run.repository.tree_of(left)


def test_the_users_attributes_do_not_steer_a_merge(tmp_path: Path) -> None:
    """A .gitattributes that declares a file binary or of a driver's own does not make a conflict of a clean merge."""
    made = scene(tmp_path, {"a": LINES, ".gitattributes": b"* -merge -text merge=mine\n"})
    left = made.change({"a": LINES.replace(b"line 2\n", b"left\n")})
    right = made.change({"a": LINES.replace(b"line 17\n", b"right\n")})
    assert made.run.repository.merge(left, right, "merge").commit


def test_a_revision_that_is_not_there_is_an_error(made: Scene) -> None:
    """A wrong id is never taken for an empty tree."""
    with pytest.raises(GitFailed):
        made.run.repository.changed(made.base, "0" * 40)
    with pytest.raises(GitFailed):
        made.run.repository.tree_of("refs/heads/none")
