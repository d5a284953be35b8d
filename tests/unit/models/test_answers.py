"""Answer formats: what loses nothing is read, what could lose something is refused with the defect and its line."""

import contextlib
import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models.answers import AnswerFormatError, Edit, parse, render
from models.answers.labels import path_of_info, path_of_line

BLOCK = "<<<<<<< SEARCH\nold = 1\n=======\nnew = 2\n>>>>>>> REPLACE\n"
EDIT: list[Edit] = [{"path": "src/a.py", "search": "old = 1\n", "replace": "new = 2\n"}]


@pytest.mark.parametrize(
    "answer",
    [
        f"src/a.py\n```python\n{BLOCK}```\n",
        f"src/a.py\n```\n{BLOCK}```\n",
        f"src/a.py\n\n```python\n{BLOCK}```\n",
        f"`src/a.py`\n```python\n{BLOCK}```\n",
        f"**src/a.py**\n```python\n{BLOCK}```\n",
        f"**`src/a.py`**:\n```python\n{BLOCK}```\n",
        f"### src/a.py\n```python\n{BLOCK}```\n",
        f"1. File: `./src/a.py`\n```python\n{BLOCK}```\n",
        f"Here is the change to `src/a.py`:\n```python\n{BLOCK}```\nThat fixes it.\n",
        f"```python src/a.py\n{BLOCK}```\n",
        f"```python:src/a.py\n{BLOCK}```\n",
        f"```src/a.py\n{BLOCK}```\n",
        f'```python path="src/a.py"\n{BLOCK}```\n',
        f"```python\n# src/a.py\n{BLOCK}```\n",
        f"```python\nsrc/a.py\n{BLOCK}```\n",
        f"~~~python\nsrc/a.py\n{BLOCK}~~~\n",
        f"src/a.py\n{BLOCK}",
        f"src/a.py\n```python\n{BLOCK}",
        f"<think>\nMaybe <<<<<<< SEARCH?\n</think>\nsrc/a.py\n```python\n{BLOCK}```\n",
        f"Maybe not.</think>\nsrc/a.py\n```python\n{BLOCK}```\n",
        f"src/a.py\n```python\n{BLOCK}```\n".replace("\n", "\r\n"),
        f"src/a.py\n```python\n{BLOCK}```\n".replace("<<<<<<<", "<<<<<").replace(">>>>>>>", ">>>>>>>>>"),
        f"src/a.py\n```python\n{BLOCK}```\n".replace("=======", "======"),
        f"src/a.py\n```python\n{BLOCK}```\n".replace("<<<<<<< SEARCH", "<<<<<<<SEARCH "),
        f"Run it:\n```bash\npytest tests/a.py\n```\nsrc/a.py\n```python\n{BLOCK}```\n",
        f"The fault is in `src/b.py`:\n```python\nreturn a\n```\nsrc/a.py\n```python\n{BLOCK}```\n",
    ],
)
def test_a_block_is_read_however_its_path_and_fence_are_written(answer: str) -> None:
    """Spellings that lose nothing all give the same edit."""
    assert parse("blocks", answer) == EDIT


def test_several_blocks_of_one_file_share_its_path() -> None:
    """A path holds for the blocks of its fence and for fences that follow without a path."""
    answer = f"src/a.py\n```python\n{BLOCK}{BLOCK}```\nand then\n```python\n{BLOCK}```\n"
    assert parse("blocks", answer) == EDIT * 3


def test_blocks_of_several_files_keep_their_own_paths() -> None:
    """Each fence takes the path that is named for it."""
    answer = f"src/a.py\n```python\n{BLOCK}```\nlib/b.js\n```js\n{BLOCK}```\nDELETE: `old/c.py`\n"
    assert [edit["path"] for edit in parse("blocks", answer)] == ["src/a.py", "lib/b.js", "old/c.py"]


def test_a_block_may_hold_fences_and_lines_of_equal_signs() -> None:
    """Between its markers a block is taken as it is; its own marker length tells markers from text."""
    text = "Title\n=======\n```python\nx = 1\n```\n<<<<<<< SEARCH\n"
    edits: list[Edit] = [{"path": "README.md", "search": text, "replace": text + "more\n"}]
    assert parse("blocks", render("blocks", edits)) == edits


@pytest.mark.parametrize(
    ("answer", "defect"),
    [
        ("", "no edit"),
        ("I would change `src/a.py` so that it works.", "no edit"),
        ("src/a.py\n<<<<<<< SEARCH\nold\n>>>>>>> REPLACE\n", "line 2 has no ======="),
        ("src/a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n", "line 2 has no >>>>>>> REPLACE"),
        ("src/a.py\n```python\n<<<<<<< SEARCH\nold\n=======\nnew\n```\n", "line 3 has no >>>>>>> REPLACE"),
        (BLOCK, "line 1 has no path"),
        (f"```python\n{BLOCK}```\n", "line 2 has no path"),
        (f"src/a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n{BLOCK}", "before the next <<<<<<< SEARCH on line 6"),
        (f"src/a.py\n<<<<<<< SEARCH\n<<<<<<< SEARCH\n{BLOCK}", "line 2 is not closed"),
        ("src/a.py\n<<<<<<< SEARCH\na\n=======\nb\n=======\nc\n>>>>>>> REPLACE\n", "lines 4, 6"),
        ("src/a.py\nold\n=======\nnew\n>>>>>>> REPLACE\n", "line 5 closes no block"),
        (f"src/a.py\n```python\n{BLOCK}```\nsrc/b.py\n```python\nx = 1\n```\n", "line 10 for src/b.py holds no"),
        (f"src/a.py\n```python\n{BLOCK}```\nsrc/b.py\n```python\n", "line 10 is never closed"),
        ("<think>I must change src/a.py", "no edit"),
    ],
)
def test_a_defective_block_answer_is_refused_with_its_line(answer: str, defect: str) -> None:
    """What could lose or misplace text is named precisely, so that one question is enough to mend it."""
    with pytest.raises(AnswerFormatError, match=defect):
        parse("blocks", answer)


FILE: list[Edit] = [{"path": "src/a.py", "content": "x = 1\ny = 2\n"}]


@pytest.mark.parametrize(
    "answer",
    [
        "src/a.py\n```python\nx = 1\ny = 2\n```\n",
        "src/a.py\n```\nx = 1\ny = 2\n```\n",
        "`src/a.py`:\n\n```python\nx = 1\ny = 2\n```\nDone.",
        "```python src/a.py\nx = 1\ny = 2\n```",
        "```src/a.py\nx = 1\ny = 2\n```",
        "```python\n# src/a.py\nx = 1\ny = 2\n```",
        "````python\n# src/a.py\nx = 1\ny = 2\n````",
        "src/a.py\r\n```python\r\nx = 1\r\ny = 2\r\n```\r\n",
        "<think>```</think>src/a.py\n```python\nx = 1\ny = 2\n```",
        "Install it:\n```bash\npip install x\n```\nsrc/a.py\n```python\nx = 1\ny = 2\n```",
    ],
)
def test_a_whole_file_is_read_however_its_path_and_fence_are_written(answer: str) -> None:
    """Spellings that lose nothing all give the same file."""
    assert parse("whole", answer) == FILE


def test_a_markdown_file_keeps_the_fences_inside_it() -> None:
    """A fence with a language inside a fence opens an inner one; the outer one ends where it ends."""
    answer = "README.md\n```markdown\n# Title\n```python\nx = 1\n```\nEnd.\n```\n"
    assert parse("whole", answer) == [{"path": "README.md", "content": "# Title\n```python\nx = 1\n```\nEnd.\n"}]


@pytest.mark.parametrize(
    ("answer", "defect"),
    [
        ("", "no file"),
        ("src/a.py\n```python\nx = 1\n", "line 2 is never closed"),
        ("```python\nx = 1\n```\n", "line 1 has no path"),
        ("src/a.py\n```python\nx = 1\n```\nsrc/a.py\n```python\nx = 2\n```\n", "src/a.py is given twice"),
        ('a.py\n```python\ndef f():\n    """\n```\nx\n```\n    """\n```\n', "line 7 has no path"),
    ],
)
def test_a_defective_whole_file_answer_is_refused_with_its_line(answer: str, defect: str) -> None:
    """A cut or unnamed file is never written."""
    with pytest.raises(AnswerFormatError, match=defect):
        parse("whole", answer)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("Makefile", "Makefile"),
        (".gitignore", ".gitignore"),
        ("`my file.py`", "my file.py"),
        ("src\\win\\a.py", "src/win/a.py"),
        ("Now edit the file.", None),
        ("version 1.2.", None),
        ("and/or", "and/or"),
        ("see https://example.org/a.py", None),
        ("between `a.py` and `b.py`", None),
    ],
)
def test_a_line_names_a_path_only_where_it_is_clear(line: str, path: str | None) -> None:
    """Prose is not taken for a path, and a path is found under its decorations."""
    assert path_of_line(line) == path


def test_a_bare_language_is_no_path() -> None:
    """The info strings of ordinary fences name no file."""
    assert [path_of_info(info) for info in ("python", "c++", "", "js {1,2}", "objective-c")] == [None] * 5


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
PATHS = st.builds(lambda folders, name: "/".join([*folders, f"{name}.py"]), st.lists(NAMES, max_size=3), NAMES)
LINES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=30),
    st.sampled_from(["```", "```python", "~~~", "=======", "======", ">>>>>>> REPLACE", "<<<<<<< SEARCH", "# a.py"]),
)
TEXTS = st.lists(LINES, max_size=12).map(lambda lines: "".join(f"{line}\n" for line in lines))
REPLACES = st.builds(lambda p, s, r: {"path": p, "search": s, "replace": r}, PATHS, TEXTS, TEXTS)
DELETES = st.builds(lambda p: {"path": p, "delete": True}, PATHS)
WRITES = st.builds(lambda p, c: {"path": p, "content": c}, PATHS, TEXTS)


@given(st.lists(st.one_of(REPLACES, DELETES), min_size=1, max_size=5))
def test_blocks_survive_being_written_and_read(edits: list[Edit]) -> None:
    """parse(render(edits)) == edits for every text, markers and fences in it included."""
    assert parse("blocks", render("blocks", edits)) == edits


@given(st.lists(st.one_of(WRITES, DELETES), min_size=1, max_size=5, unique_by=lambda edit: edit["path"]))
def test_whole_files_survive_being_written_and_read(edits: list[Edit]) -> None:
    """parse(render(edits)) == edits for every text, fences in it included."""
    assert parse("whole", render("whole", edits)) == edits


NOISE = st.lists(
    st.one_of(
        LINES,
        st.sampled_from(["src/a.py", "`b.py`", "```python src/c.py", "DELETE: d.py", "<think>", "</think>", "\r"]),
    ),
    max_size=30,
).map("\n".join)


@given(st.sampled_from(["blocks", "whole"]), st.one_of(NOISE, st.text()))
@example("blocks", "<<<<<<< SEARCH\r\n=======\r>>>>>>> REPLACE")
def test_no_answer_raises_anything_but_a_format_error(format: str, answer: str) -> None:
    """Whatever a model sends, it is edits or a precise refusal."""
    try:
        edits = parse(format, answer)  # type: ignore[arg-type]
    except AnswerFormatError as error:
        assert str(error)
    else:
        assert edits and all(edit["path"] for edit in edits)


@given(st.lists(REPLACES, min_size=1, max_size=3), st.data())
def test_a_cut_answer_never_gives_a_changed_edit(edits: list[Edit], data: st.DataObject) -> None:
    """A prefix of an answer holds a prefix of its edits, or is refused: nothing half arrives."""
    assume("REPLACE" not in json.dumps(edits))  # a text that ends its own block
    answer = render("blocks", edits)
    cut = answer[: data.draw(st.integers(0, len(answer)))]
    with contextlib.suppress(AnswerFormatError):
        assert parse("blocks", cut) == edits[: len(parse("blocks", cut))]
