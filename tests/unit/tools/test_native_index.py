"""The index of tools._native on real folders and real git repositories."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools._native import CancelToken, EditError, Index, NativeError, PathEscapeError, PatternError, resolve


def fill(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git without anybody's configuration."""
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_gits_index_lists_what_git_lists(tmp_path: Path, version: str) -> None:
    """The file set is what git itself calls tracked, and untracked but not ignored."""
    fill(
        tmp_path,
        {".gitignore": "*.log\n", "a.py": "", "src/deep/b.py": "", "src/ü.py": "", "kept.log": "", "x.log": ""},
    )
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "a.py", "src", "kept.log")
    git(tmp_path, "update-index", "--index-version", version)
    listed = git(tmp_path, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")

    assert sorted(filter(None, listed)) == Index(tmp_path).files()


def test_a_linked_work_tree_has_its_own_list(tmp_path: Path) -> None:
    """A work tree whose .git is a file is read through the folder that the file names."""
    main = fill(tmp_path / "main", {".gitignore": "*.log\n", "kept.log": ""})
    git(main, "init", "-q")
    git(main, "add", "-f", ".")
    git(main, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    git(main, "worktree", "add", "-q", "../linked")
    fill(tmp_path / "linked", {"other.log": ""})

    assert Index(tmp_path / "linked").files() == [".gitignore", "kept.log"]


def test_a_damaged_index_falls_back_to_walking_and_says_so(tmp_path: Path) -> None:
    """Unreadable data of git's costs no error, and the doubt is in the result."""
    fill(tmp_path, {"a.py": "needle\n"})
    git(tmp_path, "init", "-q")
    (tmp_path / ".git/index").write_bytes(b"DIRC\0\0\0\x63nonsense" * 9)
    found = Index(tmp_path).search("needle")

    assert (found.total, "git's index could not be read" in found.render()) == (1, True)


def test_a_missing_root_is_an_os_error(tmp_path: Path) -> None:
    """A root that is no folder is refused at once, not searched as an empty one."""
    with pytest.raises(FileNotFoundError, match="missing"):
        Index(tmp_path / "missing")
    with pytest.raises(NotADirectoryError):
        Index(fill(tmp_path, {"file": ""}) / "file")


def test_links_out_of_the_root_are_refused(tmp_path: Path) -> None:
    """No spelling and no link reaches a file outside the root."""
    root = fill(tmp_path / "root", {"in.txt": "in\n"})
    fill(tmp_path, {"secret.txt": "secret\n"})
    (root / "link").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path)
    index = Index(root)

    for path in ["link", "folder/secret.txt", "../secret.txt", "/etc/passwd", "in.txt/../../secret.txt", "a\0b"]:
        with pytest.raises(PathEscapeError) as refusal:
            index.read(path)
        assert refusal.value.path is not None
    assert index.search("secret").total == 0


def test_errors_are_also_pythons_own() -> None:
    """Code that knows only ValueError and PermissionError catches the refusals too."""
    assert [PatternError.__mro__[1:3], PathEscapeError.__mro__[1:3], EditError.__mro__[1:3]] == [
        (NativeError, ValueError),
        (NativeError, PermissionError),
        (NativeError, ValueError),
    ]


def test_sloppy_paths_name_the_same_file(tmp_path: Path) -> None:
    """Dots, slashes and absolute paths inside the root are tolerated everywhere."""
    index = Index(fill(tmp_path, {"src/a.py": "x = 1\n"}))

    for path in ["src/a.py", "./src/a.py", "src/a.py/", "src//a.py", str(tmp_path / "src/a.py")]:
        assert "src/a.py" == index.read(path).path == resolve(tmp_path, path)
    assert resolve(tmp_path, "./") == "."


def test_errors_of_reading_name_the_way_out(tmp_path: Path) -> None:
    """A missing file names the closest ones, a folder says that it is one."""
    index = Index(fill(tmp_path, {"src/cart.py": "", "src/card.py": ""}))

    with pytest.raises(FileNotFoundError, match=r"closest: src/cart\.py, src/card\.py"):
        index.read("cart.py")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        index.read("src")


def test_reading_gives_the_bytes_as_they_are(tmp_path: Path) -> None:
    """Line endings survive, foreign bytes are marked as such, binary files have no text."""
    index = Index(fill(tmp_path, {"crlf": "a\r\nb\r\n", "latin1": b"caf\xe9\n", "binary": b"\0", "empty": ""}))

    assert (index.read("crlf").text, index.read("crlf").crlf, index.read("crlf").lossy) == ("a\r\nb\r\n", True, False)
    assert (index.read("latin1").text, index.read("latin1").lossy) == ("caf\ufffd\n", True)
    assert (index.read("binary").text, index.read("binary").binary) == ("", True)
    assert (index.read("empty").start, index.read("empty").total_lines, index.read("empty").complete) == (0, 0, True)


def test_a_cut_says_where_to_read_on(tmp_path: Path) -> None:
    """What does not fit is never dropped in silence."""
    read = Index(fill(tmp_path, {"a": "line\n" * 100})).read("a", start=11, max_chars=50)

    assert (read.start, read.end, read.total_lines, read.complete) == (11, 20, 100, False)
    assert read.render().startswith("a: lines 11 to 20 of 100; cut at the size limit, read on from line 21\n")


def test_a_search_tells_the_truth_first(tmp_path: Path) -> None:
    """The first line holds totals, what is shown, completeness and what was skipped."""
    files = {f"f{n}.py": "needle\n" * 10 for n in range(10)}
    found = Index(fill(tmp_path, {**files, "b": b"\0"})).search("needle", limit=5)

    assert (found.total, found.files, len(found.hits), found.complete) == (100, 10, 5, False)
    assert found.skipped == {"binary": 1}
    assert sum(unshown for _, unshown in found.rest) == 95
    assert found.render().splitlines()[0] == (
        '100 matching lines for "needle" in 10 files; showing 5 in 1 file; not complete; searched 10 files; '
        "skipped 1 binary"
    )


def test_search_takes_one_pattern_or_many_and_sloppy_globs(tmp_path: Path) -> None:
    """Strings and lists are both accepted, and a bare ending is a glob."""
    index = Index(fill(tmp_path, {"a.py": "one\ntwo\n", "b.md": "One\n"}))

    assert index.search(["one", "two"]).total == 3
    assert index.search("One").total == 1
    assert index.search("One", case="ignore").total == 2
    assert index.search("one", globs="py").total == 1
    assert index.search(["o.e", "t.o"], regex=True, globs=["*.py"]).total == 2


def test_what_cannot_be_searched_is_a_pattern_error_and_a_broken_regex_is_not(tmp_path: Path) -> None:
    """Only what has no meaning at all is refused; a broken regex is searched as text, and that is said."""
    index = Index(fill(tmp_path, {"a.py": "f(x[0\n"}))

    with pytest.raises(PatternError, match="empty"):
        index.search("")
    with pytest.raises(PatternError, match="path glob"):
        index.search("x", globs=["["])
    with pytest.raises(ValueError, match="case must be"):
        index.search("x", case="loud")  # type: ignore[arg-type]
    found = index.search("f(x[0", regex=True)
    assert (found.total, len(found.notes)) == (1, 1)


def test_references_are_names_in_code(tmp_path: Path) -> None:
    """A name inside a longer name, a string or a comment is no reference; strings and comments are counted apart."""
    source = "load()\nreload()\nload_all()\nx.load // load\n'load'\n"
    found = Index(fill(tmp_path, {"a.js": source, "notes.md": "load it\n"})).references("load")

    assert [(hit.line, hit.column, hit.kind) for hit in found.hits] == [(1, 1, "call"), (4, 3, "other")]
    assert (found.total, found.in_text, found.other_files, found.complete) == (2, 2, [("notes.md", 1)], True)


def test_a_symbol_is_found_in_every_language(tmp_path: Path) -> None:
    """A qualified name finds the definition, however the language joins names, with its first lines."""
    source = "struct Cart;\nimpl Cart {\n    fn total(&self) -> u32 { 3 }\n}\n"
    found = Index(fill(tmp_path, {"cart.rs": source, "cart.py": "def total(): ...\n"})).symbol("Cart.total")
    [(path, symbol)] = found.definitions

    assert (path, symbol.line, symbol.kind, symbol.qualified_name) == ("cart.rs", 3, "method", "Cart::total")
    assert "  3      fn total(&self) -> u32 { 3 }" in found.render()


def test_structure_is_searched_and_replaced(tmp_path: Path) -> None:
    """A pattern with holes finds code, and a replacement is written only on demand."""
    index = Index(fill(tmp_path, {"a.py": "add(1, 2)\nprint('add(1, 2)')\n", "b.js": "add(1, 2);\n"}))
    found = index.structural_search("add($A, $B)", "python")
    [match] = found.matches

    assert (match.path, match.line, match.captures) == ("a.py", 1, {"A": "1", "B": "2"})
    assert (found.total, found.languages, found.complete) == (1, ["python"], True)
    assert not index.structural_replace("add($A, $B)", "$A + $B").written
    assert index.structural_replace("add($A, $B)", "$A + $B", globs="*.py", dry_run=False).written
    assert (tmp_path / "a.py").read_text() == "1 + 2\nprint('add(1, 2)')\n"
    with pytest.raises(PatternError, match="no language"):
        index.structural_search("x", "cobol")


def test_a_name_is_renamed_in_code_only(tmp_path: Path) -> None:
    """Identifiers of every language change, strings and comments stay and are counted."""
    index = Index(fill(tmp_path, {"a.py": "load = 1  # load\n", "b.ts": "load('load');\n"}))

    assert "nothing is written" in index.rename("load", "fetch").render()
    done = index.rename("load", "fetch", dry_run=False)
    assert [file.path for file in done.files] == ["a.py", "b.ts"]
    assert "2 times in comments, strings" in done.render()
    assert (tmp_path / "b.ts").read_text() == "fetch('load');\n"
    assert index.references("fetch").total == 2


def test_a_map_fits_its_budget(tmp_path: Path) -> None:
    """The definitions that others refer to are on the map, which is no larger than asked for."""
    files = {f"m{n}.py": f"from core import load_all\n\ndef use_{n}(): load_all()\n" for n in range(20)}
    index = Index(fill(tmp_path, {"core.py": "def load_all(): ...\n\ndef other(): ...\n", **files}))
    found = index.repo_map(budget_tokens=80)

    assert (found.files[0][0], found.files[0][1][0].name) == ("core.py", "load_all")
    assert found.tokens <= 80 < len(found.render()) < 4 * 80 + 1
    assert index.repo_map(names=["use_7"], budget_tokens=80).files[0][0] == "m7.py"
    assert Index(tmp_path).repo_map(token=CancelToken(0.0)).partial == "deadline"


def test_outline_and_definitions_agree(tmp_path: Path) -> None:
    """What an outline lists is what definitions find, with lines from 1."""
    text = "class Cart:\n    @property\n    def total(self) -> int:\n        '''Sum.'''\n        return 1\n"
    index = Index(fill(tmp_path, {"cart.py": text, "cart.txt": "fn total() {}\n"}))
    cart, total = index.outline("cart.py")

    assert (cart.qualified_name, cart.kind, cart.start, cart.end) == ("Cart", "class", 1, 5)
    assert (
        total.kind, total.start, total.line, total.documented, total.signature,
    ) == ("method", 2, 3, True, "def total(self) -> int")  # fmt: skip
    assert [(path, symbol.line) for path, symbol in index.definitions("Cart.total")] == [("cart.py", 3)]
    assert index.outline("cart.txt") == []
    names = [[symbol.name for symbol in symbols] for symbols in index.outlines(["cart.py", "cart.txt", "cart.py"])]
    assert names == [["Cart", "total"], [], ["Cart", "total"]]
    with pytest.raises(FileNotFoundError, match=r"cart\.py"):
        index.outlines(["cart.py", "carts.py", "missing.py"])


def test_own_edits_and_foreign_changes_are_seen(tmp_path: Path) -> None:
    """update() takes over named files, refresh() finds the others and names them."""
    index = Index(fill(tmp_path, {"a.py": "one\n", "b.py": "one\n"}))
    assert index.search("one").total == 2
    fill(tmp_path, {"a.py": "two\n"})
    index.update(["a.py"])
    assert (index.search("one").total, index.search("two").total) == (1, 1)
    fill(tmp_path, {"b.py": "two\n", "c.py": "two\n"})

    assert index.refresh() == ["b.py", "c.py"]
    assert index.refresh() == []
    assert index.search("two").total == 3


def test_postings_change_the_time_of_a_search_and_not_its_answer(tmp_path: Path) -> None:
    """The same question has the same bytes for an answer before and after the background work."""
    index = Index(fill(tmp_path, {f"{n:03}.py": f"def f{n}(): ...\n" + "#\n" * 4000 for n in range(300)}))
    before = index.search("f7").render()

    assert (index.wait_ready(), index.ready) == (True, True)
    assert index.search("f7").render() == before
    assert index.search("f7").total == 11


def test_other_threads_run_while_a_search_works(tmp_path: Path) -> None:
    """The GIL is released: another thread is never held up for a large part of one long call."""
    lines = "".join(f"{n:032x} {'ab' * 40}\n" for n in range(30_000))
    index = Index(fill(tmp_path, {f"{n}.txt": lines for n in range(6)}))
    running, done = threading.Event(), threading.Event()
    took: list[float] = []

    def search() -> None:
        running.set()
        start = time.perf_counter()
        index.search(r"(?:[ab]+x|[0-9a-f]{30,}[xyz])+$", regex=True)
        took.append(time.perf_counter() - start)
        done.set()

    worker = threading.Thread(target=search)
    worker.start()
    running.wait()
    longest_wait, last = 0.0, time.perf_counter()
    while not done.is_set():
        now = time.perf_counter()
        longest_wait, last = max(longest_wait, now - last), now
    worker.join()

    assert longest_wait < took[0] / 2


def test_many_threads_share_one_index(tmp_path: Path) -> None:
    """Searches and updates from several threads neither block for ever nor see half a state."""
    index = Index(fill(tmp_path, {f"{n}.py": "needle\n" for n in range(80)}))
    totals: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            index.update([f"{number}.py"])
            totals.append(index.search("needle").total)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert totals == [80] * 80


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=12), regex=st.booleans())
def test_no_query_breaks_the_search(tmp_path: Path, query: str, regex: bool) -> None:
    """Whatever a model writes is searched or refused with a typed error."""
    if not (tmp_path / "a.py").exists():
        fill(tmp_path, {"a.py": "def f(x): return x[0]\n", "ü.md": "text\r\n"})
    index = Index(tmp_path)
    try:
        assert index.search(query, regex=regex).render()
        assert index.find(query).render()
    except PatternError as refusal:
        assert not query.strip() or "glob" in str(refusal)
