"""Every tool as agents, editors and people read it: the rendered results, and what sloppy or bad calls come to."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from tests.unit.tools.shop import make_shop
from tools.catalogue import TOOLS, answered
from tools.workbench import Workbench, open_workbench
from workspace.protected import why_untouchable

RATE = {"path": "src/shop/tax.py", "search": "    return RATES.get(owner[:2], 0.0)"}

CALLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "search": [
        ("normal", {"patterns": "total"}),
        ("several patterns, one of them broken", {"patterns": ["def (rate", "LIMIT"], "regex": True}),
        ("with lines around", {"patterns": "LIMIT", "context": 1, "paths": "py"}),
        ("cut", {"patterns": "total", "limit": 3}),
        ("empty", {"patterns": "totla"}),
        ("empty, but ignored", {"patterns": "only_in_log"}),
        ("empty by its paths", {"patterns": "total", "paths": "lib/**"}),
        ("bad", {"patterns": ""}),
    ],
    "find": [
        ("normal", {"query": "cart"}),
        ("glob", {"query": "src/**/*.py"}),
        ("cut", {"query": "*.py", "limit": 1}),
        ("empty, but similar", {"query": "crat.py"}),
        ("empty", {"query": "zzzq"}),
        ("bad", {"query": "["}),
    ],
    "read": [
        ("normal", {"path": "src/shop/tax.py"}),
        ("a part", {"path": "src/shop/cart.py", "start": 15, "end": 19}),
        ("to the end", {"path": "src/shop/cart.py", "start": 26, "end": -1}),
        ("cut", {"path": "vendor/lib.min.js"}),
        ("read on", {"path": "vendor/lib.min.js", "column": 1900}),
        ("empty", {"path": "src/shop/tax.py", "start": 900}),
        ("binary", {"path": "docs/logo.png"}),
        ("foreign bytes", {"path": "docs/latin1.txt"}),
        ("bad path", {"path": "cart.py"}),
        ("a folder", {"path": "src/shop"}),
        ("outside", {"path": "../secret.txt"}),
        ("bad number", {"path": "src/shop/tax.py", "start": -3}),
    ],
    "outline": [
        ("normal", {"path": "src/shop/cart.py"}),
        ("cut", {"path": "src/shop/cart.py", "limit": 3}),
        ("cut at the top", {"path": "src/shop/cart.py", "limit": 2}),
        ("empty", {"path": "README.md"}),
        ("bad", {"path": "src/shop"}),
    ],
    "symbol": [
        ("normal", {"name": "Cart.total"}),
        ("cut", {"name": "total", "limit": 1}),
        ("empty", {"name": "totla"}),
        ("bad", {"name": ""}),
    ],
    "references": [
        ("normal", {"name": "total"}),
        ("cut", {"name": "total", "limit": 1}),
        ("empty", {"name": "nothing_here"}),
        ("bad", {"name": ""}),
    ],
    "repo_map": [
        ("normal", {}),
        ("cut, seen from a file", {"focus": "./src/shop/tax.py", "tokens": 128}),
        ("bad", {"focus": "src/tax.py"}),
    ],
    "structural_search": [
        ("normal", {"pattern": "$X.total()"}),
        ("cut", {"pattern": "$X.total()", "limit": 1}),
        ("empty", {"pattern": "$X.zzz()"}),
        ("bad", {"pattern": "def ("}),
        ("bad language", {"pattern": "f($X)", "language": "pyhton"}),
    ],
    "check": [
        ("normal", {"paths": ["src/shop/cart.py", "src/web/rows.ts"]}),
        ("a text", {"paths": "src/shop/cart.py", "content": "import os\nfrom shop.tax import rat\nprint(nam)\n"}),
        ("what cannot be checked", {"paths": ["README.md", "docs/logo.png"]}),
        ("bad", {"paths": "src/shop/crat.py"}),
    ],
    "edit": [
        ("preview", {"edits": [RATE | {"replace": "    return RATES[owner[:2]]"}], "preview": True}),
        ("preview of what is refused", {"edits": [RATE | {"replace": "    return RATE["}], "preview": True}),
        ("refused", {"edits": [RATE | {"replace": "    return RATE[owner[:2]]"}]}),
        ("not found", {"edits": [{"path": "src/shop/tax.py", "search": "return RATE.get(x)", "replace": ""}]}),
        ("protected", {"edits": [{"path": ".env", "content": "KEY=1\n"}]}),
        ("normal", {"edits": [RATE | {"replace": "    return RATES[owner[:2]]"}]}),
        ("a diff", {"diff": "--- a/README.md\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-# Shop\n+# The shop\n"}),
        ("nothing", {}),
        ("unknown argument", {"file": "README.md", "text": "x"}),
    ],
    "rename": [
        ("preview", {"name": "total", "to": "sum_of"}),
        ("normal", {"name": "rate", "to": "tax_rate", "preview": False}),
        ("empty", {"name": "zzz", "to": "yyy"}),
        ("bad", {"name": "total", "to": "1x"}),
    ],
    "structural_replace": [
        ("preview", {"pattern": "round($X, 2)", "replacement": "round($X, 3)"}),
        ("empty", {"pattern": "$X.zzz()", "replacement": "$X.sum()"}),
        ("bad", {"pattern": "round($X, 2)", "replacement": "round($Y, 3)"}),
        ("normal", {"pattern": "round($X, 2)", "replacement": "round($X, 3)", "preview": False}),
    ],
}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """The shop, indexed."""
    (tmp_path / "project").mkdir()
    root = make_shop(tmp_path / "project")
    return open_workbench(root, journals=tmp_path / "edits", protected=why_untouchable)


def told(bench: Workbench, tool: str, arguments: Mapping[str, Any]) -> str:
    """What a caller reads; refusals are marked."""
    answer = answered(bench, TOOLS, tool, arguments)
    return f"REFUSED {answer.text}" if answer.refused else answer.text


def test_every_tool_has_its_results_shown() -> None:
    """No tool is in the catalogue whose result nobody has looked at."""
    assert set(CALLS) == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("tool", CALLS)
def test_results_read_well(bench: Workbench, snapshot: SnapshotAssertion, tool: str) -> None:
    """Normal, empty, cut and refused calls: the truth in the first line, one next step, no path of this machine."""
    shown = [
        f"=== {case}: {json.dumps(arguments)}\n{told(bench, tool, arguments).rstrip()}\n"
        for case, arguments in CALLS[tool]
    ]

    assert "\n".join(shown) == snapshot
    assert str(bench.root) not in "".join(shown)


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS if not tool.writes])
def test_the_same_call_has_the_same_bytes(bench: Workbench, tmp_path: Path, tool: str) -> None:
    """A result depends on the files and the question alone, not on what was asked before, nor on the folder."""
    (tmp_path / "other").mkdir()
    other = open_workbench(make_shop(tmp_path / "other"), journals=tmp_path / "more", protected=why_untouchable)

    for _, arguments in CALLS[tool]:
        assert told(bench, tool, arguments) == told(bench, tool, arguments) == told(other, tool, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"edits": [RATE | {"replace": "    return 1.0"}]},
        {"edits": RATE | {"replace": "    return 1.0"}},
        {"edits": json.dumps([RATE | {"replace": "    return 1.0"}])},
        RATE | {"replace": "    return 1.0"},
    ],
    ids=["a list", "one edit", "text", "bare"],
)
def test_an_edit_is_understood_in_every_form_that_models_give_it(bench: Workbench, arguments: dict[str, Any]) -> None:
    """One edit needs no list around it, and a list may come as text."""
    assert told(bench, "edit", arguments).startswith("1 file changed; written\n")
    assert "return 1.0" in (bench.root / "src/shop/tax.py").read_text()


def test_changes_of_many_files_are_shown_before_they_are_made(bench: Workbench) -> None:
    """Without being told to write, neither a renaming nor a replacement does."""
    before = {path: path.read_bytes() for path in bench.root.rglob("*") if path.is_file()}
    told(bench, "rename", {"name": "total", "to": "sum_of"})
    told(bench, "structural_replace", {"pattern": "$X.total()", "replacement": "$X.sum()"})

    assert {path: path.read_bytes() for path in bench.root.rglob("*") if path.is_file()} == before


def test_a_public_name_is_renamed_in_every_file(bench: Workbench) -> None:
    """That the old name is gone is what a renaming is for; the files fit together afterwards."""
    answer = told(bench, "rename", {"name": "rate", "to": "tax_rate", "preview": False})

    assert answer == "2 files changed; written\nsrc/shop/cart.py: 2 places\nsrc/shop/tax.py: 1 place\n"
    assert told(bench, "check", {"paths": ["src/shop/cart.py", "src/shop/tax.py"]}) == "0 mistakes in 2 files\n"


def test_a_renaming_that_would_break_its_users_is_refused(bench: Workbench) -> None:
    """Where path globs leave a user out, nothing is written, and the user is named."""
    answer = told(bench, "rename", {"name": "rate", "to": "tax_rate", "paths": "src/shop/tax.py", "preview": False})

    assert answer.startswith("REFUSED rename: nothing was written\n")
    assert "src/shop/cart.py" in answer


def test_a_long_outline_keeps_the_outer_definitions(bench: Workbench) -> None:
    """Of thousands of methods those that fit no more are counted; the classes stay in sight."""
    classes = [f"class C{n}:\n" + "".join(f"    def m{m}(self): ...\n" for m in range(30)) for n in range(100)]
    (bench.root / "big.py").write_text("".join(classes))
    text = told(bench, "outline", {"path": "big.py"})

    assert text.startswith("3100 definitions in big.py; showing 100; not complete\n")
    assert "class C99" in text
    assert "Not shown: 3000 definitions inside these\n" in text


ENORMOUS = "x" * 300_000


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search", {"patterns": ""}, "the pattern is empty"),
        ("search", {"patterns": []}, "the pattern is empty"),
        ("search", {"patterns": ["a", ""]}, "the pattern is empty"),
        ("search", {"patterns": ENORMOUS}, "at most 10000 characters"),
        ("search", {"patterns": ["x" * 9000] * 10}, "at most 1000 patterns, 65536 bytes"),
        ("search", {"patterns": [str(n) for n in range(1001)]}, "at most 1000 items"),
        ("search", {"patterns": "\ud800"}, "half a character"),
        ("search", {"patterns": "x", "limit": -1}, "greater than or equal to 1"),
        ("search", {"patterns": "x", "limit": 10**30}, "less than or equal to 200"),
        ("search", {"patterns": "x", "context": -1}, "greater than or equal to 0"),
        ("search", {"patterns": "x", "paths": "["}, "unclosed character class"),
        ("find", {"query": ""}, "the name is empty"),
        ("find", {"query": ENORMOUS}, "at most 1000 characters"),
        ("read", {"path": "a\0b"}, "it holds a NUL byte"),
        ("read", {"path": "../x"}, "leads above the project's root"),
        ("read", {"path": "/etc/passwd"}, "outside"),
        ("read", {"path": "src"}, "is a folder; name a file in it"),
        ("read", {"path": "README.md", "end": 2**32}, "less than or equal to 4294967295"),
        ("symbol", {"name": ENORMOUS}, "at most 1000 characters"),
        ("repo_map", {"tokens": -5}, "greater than or equal to 128"),
        ("structural_search", {"pattern": ""}, "pattern"),
        ("edit", {"edits": [{"path": "docs/logo.png", "search": "total", "replace": "x"}]}, "binary"),
        ("edit", {"edits": [{"path": "gone.py", "search": "x", "replace": "y"}]}, "does not exist"),
        ("edit", {"edits": [{"path": "src", "content": "x"}]}, "folder"),
        ("edit", {"edits": [{"path": ".git/config", "content": "x"}]}, "git"),
        ("edit", {"edits": "no JSON"}, "valid list"),
    ],
)
def test_bad_input_is_refused_with_what_would_be_right(
    bench: Workbench, tool: str, arguments: dict[str, Any], said: str
) -> None:
    """The refusal names the argument's fault or bound, is short whatever was sent, and nothing is changed."""
    before = {path: path.read_bytes() for path in bench.root.rglob("*") if path.is_file()}
    answer = answered(bench, TOOLS, tool, arguments)

    assert answer.refused
    assert said in answer.text
    assert len(answer.text) < 400
    assert {path: path.read_bytes() for path in bench.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search", {"patterns": "x" * 9000}),
        ("search", {"patterns": [f"w{n}" for n in range(1000)]}),
        ("search", {"patterns": "(" * 3000 + "a" + ")" * 3000, "regex": True}),
        ("search", {"patterns": "(a{1000}){1000}", "regex": True}),
        ("find", {"query": "*" * 900}),
        ("references", {"name": "x" * 900}),
        ("structural_search", {"pattern": "f(" * 1000 + ")" * 1000}),
    ],
    ids=["long", "many", "nested", "huge expression", "stars", "name", "deep pattern"],
)
def test_a_long_question_has_a_short_answer(bench: Workbench, tool: str, arguments: dict[str, Any]) -> None:
    """What was asked is repeated in part only, so that an empty result costs few tokens."""
    assert len(answered(bench, TOOLS, tool, arguments).text) < 2500


def test_a_file_that_vanishes_or_grows_is_read_as_it_is(bench: Workbench) -> None:
    """Between two calls the disk may change; each call answers for the files as they are then."""
    path = bench.root / "src/shop/tax.py"
    with path.open("a") as file:
        file.write("LIMIT = 7\n" * 10_000)
    assert told(bench, "read", {"path": "src/shop/tax.py", "start": 10_008}).endswith("10008  LIMIT = 7\n")
    assert told(bench, "search", {"patterns": "LIMIT = 7", "limit": 1}).startswith("10000 matching lines")

    path.unlink()
    assert "does not exist" in told(bench, "read", {"path": "src/shop/tax.py"})
    assert told(bench, "search", {"patterns": "LIMIT = 7"}).startswith("0 matching lines")


def test_the_page_about_the_tools_is_right() -> None:
    """docs/TOOLS.md lists every tool of the catalogue and no other, and the tests that it names exist."""
    project = Path(__file__).parents[3]
    page = (project / "docs/TOOLS.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page, re.M)
    tests = "".join(path.read_text("utf-8") for path in (project / "tests").rglob("test_*.py"))

    assert listed == [tool.name for tool in TOOLS]
    assert [name for name in re.findall(r"`(test_\w+)`", page) if f"def {name}(" not in tests] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_call_has_an_answer(bench: Workbench, data: st.DataObject) -> None:
    """No arguments, however odd, end a tool in anything but a result or a refusal in words."""
    tool = data.draw(st.sampled_from(TOOLS))
    names = st.sampled_from([*tool.arguments.model_fields, "path", "pattern"])
    arguments = data.draw(st.dictionaries(names, JSON | st.sampled_from(["a.py", "src/**", "total"]), max_size=4))

    assert answered(bench, TOOLS, tool.name, arguments).text
