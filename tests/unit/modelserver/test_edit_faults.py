"""Faults of edits, in every form that carries an edit: checked is what the damaged edit would do to the file."""

import ast
from collections.abc import Callable

import pytest

from tests.modelserver import CATALOGUE, FaultRule, Reply, Rule, Scenario, Server, ToolCall, every_kind
from tests.modelserver.catalogue import Kind
from tests.modelserver.edits import Edit, edits_in
from tests.unit.modelserver.client import Answer, ask, chat
from tests.unit.modelserver.shop import CARRIERS, FIXED, NEW, PRICE, PROMPT, TEST

Serve = Callable[..., Server]

FORMS = pytest.mark.parametrize("form", list(CARRIERS))
FILES = {"shop/price.py": PRICE, "tests/test_price.py": TEST}


def hit(serve: Serve, kind: str, form: str, *, stream: bool = False, **options: object) -> tuple[Answer, bool]:
    """The answer that meets a fault, and whether the fault applied."""
    server = serve(Scenario("m", [Rule(CARRIERS[form])], faults=[FaultRule(kind, options=options)]))
    answer = ask(server, chat(PROMPT, stream=stream))
    return answer, bool(sum(n for name, n in server.counters.items() if name.startswith("fault:")))


def edits(serve: Serve, kind: str, form: str) -> tuple[Edit, ...]:
    """The edits of the answer that meets a fault."""
    answer, struck = hit(serve, kind, form)
    assert struck, f"{kind} did not strike an answer in {form}"
    calls = tuple(
        ToolCall(c["function"]["name"], c["function"]["arguments"]) for c in answer.message.get("tool_calls", [])
    )
    found = edits_in(Reply(answer.message["content"], tool_calls=calls))
    assert found is not None
    return found.all


def applied(edits: tuple[Edit, ...]) -> dict[str, str]:
    """The files after the edits; each old text must be there exactly once."""
    files = dict(FILES)
    for edit in edits:
        if edit.old:
            assert files.get(edit.path, "").count(edit.old) == 1
            files[edit.path] = files[edit.path].replace(edit.old, edit.new)
        else:
            files[edit.path] = edit.new
    return files


@FORMS
def test_without_a_fault_every_form_carries_the_right_edit(form: str) -> None:
    """The four forms are read as the same change, and written back as they were."""
    found = edits_in(CARRIERS[form])
    assert found is not None and applied(found.all)["shop/price.py"] == FIXED
    again = edits_in(found.written(found.all))
    assert again is not None and again.all == found.all


@pytest.mark.parametrize("how", CATALOGUE["malformed_edit"].hows)
def test_a_malformed_edit_is_no_longer_the_edit_that_was_due(serve: Serve, how: str) -> None:
    """Each way damages the text of the answer."""
    answer, struck = hit(serve, f"malformed_edit:{how}", "blocks")
    assert struck and answer.text != CARRIERS["blocks"].text and "gross / rate" in answer.text


@pytest.mark.parametrize("form", ["blocks", "json", "calls"])
@pytest.mark.parametrize("how", CATALOGUE["badedit"].hows)
def test_the_old_text_is_not_in_the_file(serve: Serve, how: str, form: str) -> None:
    """Whatever the reason, the old text cannot be found as it stands, and the new text is the right one."""
    (edit,) = edits(serve, f"badedit:{how}", form)
    assert edit.old is not None and edit.old not in PRICE and edit.new == NEW


@pytest.mark.parametrize("form", ["blocks", "json", "calls"])
def test_the_old_text_is_there_more_than_once(serve: Serve, form: str) -> None:
    """The old text is a line that the file has several times."""
    (edit,) = edits(serve, "ambiguous", form)
    assert edit.old is not None and PRICE.count(edit.old) > 1


@FORMS
def test_paths_that_are_not_there(serve: Serve, form: str) -> None:
    """Near a real one, in another folder or case, of a folder, and of a new file on purpose."""
    paths = {how: [edit.path for edit in edits(serve, f"nofile:{how}", form)] for how in CATALOGUE["nofile"].hows}
    assert paths == {
        "near": ["shop/prices.py"],
        "folder": ["src/core/price.py"],
        "case": ["shop/PRICE.PY"],
        "directory": ["shop"],
        "new": ["shop/price.py", "shop/extra_notes.py"],
    }


@FORMS
def test_paths_that_lead_out(serve: Serve, form: str) -> None:
    """The right edit comes first, then one outside the project, in .git, through a link, or in the home folder."""
    paths = [edits(serve, f"escape:{how}", form)[-1].path for how in CATALOGUE["escape"].hows]
    assert paths[:4] == ["../outside.txt", "/tmp/outside.txt", "link/outside.txt", ".git/hooks/post-commit"]


@FORMS
@pytest.mark.parametrize("kind", ["syntax", "indent"])
def test_the_result_does_not_parse(serve: Serve, kind: str, form: str) -> None:
    """Applied, the file is no Python any more."""
    with pytest.raises(SyntaxError):
        ast.parse(applied(edits(serve, kind, form))["shop/price.py"])


@FORMS
@pytest.mark.parametrize("how", CATALOGUE["undefined"].hows)
def test_names_that_nobody_defined(serve: Serve, how: str, form: str) -> None:
    """The file parses and holds a name, attribute, package or call that cannot work."""
    text = applied(edits(serve, f"undefined:{how}", form))["shop/price.py"]
    ast.parse(text)
    assert any(word in text for word in ("checked_before_use", "len(1, 2, 3)", "fastmathutils"))


@FORMS
@pytest.mark.parametrize("how", CATALOGUE["lazy"].hows)
def test_a_placeholder_in_the_place_of_the_rest(serve: Serve, how: str, form: str) -> None:
    """The words or dots stand there; in a whole file the other functions are gone."""
    new = edits(serve, f"lazy:{how}" if how else "lazy", form)[0].new
    marks = {
        "": "# ...",
        "hash": "# ...",
        "slashes": "// ...",
        "block": "/* ...",
        "html": "<!-- ...",
        "dashes": "-- ...",
    }
    assert marks.get(how, "...") in new
    assert form != "whole" or "def total" not in new


@FORMS
def test_a_public_function_is_lost_without_a_word(serve: Serve, form: str) -> None:
    """The file parses and has no placeholder, and one function is gone."""
    text = applied(edits(serve, "symbol_loss", form))["shop/price.py"]
    ast.parse(text)
    assert "def total" not in text and "def net" in text and "..." not in text


@FORMS
@pytest.mark.parametrize("how", CATALOGUE["leftover"].hows)
def test_something_of_the_chat_is_in_the_file(serve: Serve, how: str, form: str) -> None:
    """A fence, a marker or a sentence is part of the new text."""
    answer, struck = hit(serve, f"leftover:{how}", form)
    assert struck and any(mark in answer.body.decode() for mark in ("````", "<<<<<<<", "corrected version"))


def test_a_whole_file_that_ends_early_still_parses(serve: Serve) -> None:
    """Only the first function is left."""
    text = applied(edits(serve, "cut_file", "whole"))["shop/price.py"]
    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)] == ["net"]


@FORMS
def test_half_a_patch(serve: Serve, form: str) -> None:
    """The first edit applies, the second cannot: in the same file, or in another one."""
    for how, path in (("one_file", "shop/price.py"), ("two_files", "tests/test_price.py")):
        found = edits(serve, f"half_patch:{how}", form)
        assert found[-1].path == path
        if form != "whole":
            assert found[-1].old and found[-1].old not in FILES[path]


@FORMS
@pytest.mark.parametrize("how", CATALOGUE["test_edit"].hows)
def test_a_test_is_made_to_pass(serve: Serve, how: str, form: str) -> None:
    """The test, the runner's configuration or the source is changed so that the test says nothing any more."""
    files = applied(edits(serve, f"test_edit:{how}", form))
    if how in ("conftest", "config"):
        assert set(files) - set(FILES) and files["shop/price.py"] == PRICE
        return
    changed = [path for path, text in FILES.items() if files[path] != text]
    assert changed == (["shop/price.py"] if how == "special_case" else ["tests/test_price.py"])
    assert how not in ("deleted", "weakened") or "== 100" not in files["tests/test_price.py"]
    assert how != "special_case" or "return 100" in files["shop/price.py"]


@FORMS
def test_wrong_logic_parses_and_is_wrong(serve: Serve, form: str) -> None:
    """It runs, and gives another price; it is neither the right edit nor none."""
    text = applied(edits(serve, "wrong_logic", form))["shop/price.py"]
    names: dict[str, Callable[[float, float], float]] = {}
    exec(compile(text, "price.py", "exec"), names)
    assert names["net"](120, 1.2) != pytest.approx(100) and text not in (PRICE, FIXED)


@pytest.mark.parametrize("form", ["blocks", "json", "calls"])
def test_a_right_fix_that_breaks_another_function(serve: Serve, form: str) -> None:
    """The wanted function is right, and another one computes something else."""
    text = applied(edits(serve, "wrong_logic:breaks_other", form))["shop/price.py"]
    assert NEW in text and text != FIXED
    ast.parse(text)


@FORMS
def test_edits_that_change_nothing_or_come_twice(serve: Serve, form: str) -> None:
    """The same text again; and one edit two times."""
    assert applied(edits(serve, "noop", form)) == FILES
    one, two = edits(serve, "noop:twice", form)
    assert one == two


@FORMS
@pytest.mark.parametrize("how", CATALOGUE["collateral"].hows)
def test_a_right_fix_with_more_than_was_asked(serve: Serve, how: str, form: str) -> None:
    """The fix is there, and so is a change of something else."""
    files = applied(edits(serve, f"collateral:{how}", form))
    assert NEW in files["shop/price.py"]
    assert files != {**FILES, "shop/price.py": FIXED}
    ast.parse(files["shop/price.py"])


@pytest.mark.parametrize("stream", [pytest.param(False, id="whole"), pytest.param(True, id="streamed")])
@pytest.mark.parametrize("kind", every_kind("E"), ids=str)
def test_every_way_of_an_edit_fault_strikes_some_form(serve: Serve, kind: Kind, stream: bool) -> None:
    """Each way applies to at least one form of edit, the answer is whole, and it differs from the due one."""
    fault = FaultRule(str(kind))
    server = serve(*(Scenario(form, [Rule(reply)], faults=[fault]) for form, reply in CARRIERS.items()))
    answers = [ask(server, chat(PROMPT, model=form, stream=stream)) for form in CARRIERS]
    assert {answer.end for answer in answers} == {"whole"}
    assert server.counters[f"fault:{kind.fault.name}"], f"{kind} strikes nothing"
