"""Scenarios from files: every key does what it says, and a wrong one is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.modelserver import Server
from tests.modelserver.load import find, from_json, load, names
from tests.unit.modelserver.client import Answer, ask, chat

Serve = Callable[..., Server]


def served(serve: Serve, **data: Any) -> Server:
    """A server with a scenario in its JSON form."""
    return serve(*from_json(json.dumps({"name": "m", **data})))


def statuses(server: Server, *users: str, **more: Any) -> list[int]:
    """The statuses of the answers to questions."""
    return [ask(server, chat(user, **more)).status for user in users]


def test_rules_have_conditions_counts_and_finishes(serve: Serve) -> None:
    """Texts that must and must not be there, tools on offer, number and role, finish reason."""
    server = served(
        serve,
        rules=[
            {"contains": ["add"], "lacks": ["sub"], "reply": "adds", "finish": "length"},
            {"offers": ["read"], "reply": {"text": None, "tool_calls": [{"name": "read", "arguments": {"path": "a"}}]}},
            {"role": "fixer", "nth": 2, "reply": "second"},
            {"reply": ["line one", "line two"], "name": "rest"},
        ],
    )
    added = ask(server, chat("add"))
    assert (added.text, added.finish) == ("adds", "length")
    tools = [{"type": "function", "function": {"name": "read"}}]
    assert ask(server, chat("x", tools=tools)).message["tool_calls"][0]["function"]["name"] == "read"
    fixed = [ask(server, chat(each, system="You are the Fixer.")).text for each in ("a", "b")]
    assert fixed == ["line one\nline two\n", "second"]


def test_a_script_and_what_comes_after_it(serve: Serve) -> None:
    """Steps in order of arrival, then the exhausted one; housekeeping beside them."""
    server = served(
        serve, script=["one", {"text": "two"}], exhausted="end", housekeeping=[{"contains": ["title"], "reply": "T"}]
    )
    assert [ask(server, chat(each)).text for each in ("a", "title", "b", "c", "d")] == ["one", "T", "two", "end", "end"]


def test_faults_have_places_and_counts(serve: Serve) -> None:
    """The first requests are spared, one rule alone is struck, a count ends it; kinds are laid over each other."""
    rules = [{"contains": ["alpha"], "reply": "one, two", "name": "first"}, {"reply": "other"}]
    assert statuses(served(serve, rules=rules, faults=[{"kind": "T4", "after": 1}]), "a", "b", "b") == [200, 500, 200]
    struck = served(serve, rules=rules, faults=[{"kind": "e503", "rule": "first"}])
    assert statuses(struck, "b", "alpha", "alpha") == [200, 503, 200]
    both: Answer = ask(served(serve, rules=rules, faults=[{"kind": "think:before+truncate"}]), chat("alpha"))
    assert both.end == "short" and b"<think>" in both.body


def test_a_repeated_fault_strikes_each_request_so_often(serve: Serve) -> None:
    """With `repeat` and no total every request is struck the given number of times."""
    server = served(serve, rules=[{"reply": "x"}], faults=[{"kind": "e500", "times": None, "repeat": 2}])
    assert statuses(server, "a", "a", "a", "b", "b", "b") == [500, 500, 200, 500, 500, 200]


def test_draws_by_step_do_not_depend_on_the_words(serve: Serve) -> None:
    """Two prompts that differ, as of two versions of a product, meet the same faults at the same steps."""
    fault = {"kind": "e500", "rate": 0.5, "times": None, "repeat": 1, "draw_by": "step"}
    found = [
        statuses(served(serve, rules=[{"reply": "x"}], faults=[fault], seed=5), *(f"{words} {n}" for n in range(20)))
        for words in ("please", "now")
    ]
    assert found[0] == found[1] and set(found[0]) == {200, 500}


def test_parameters_strictness_and_context(serve: Serve) -> None:
    """Refused parameters, lenient mode, and a model that can hold only so much."""
    rules = [{"reply": "x"}]
    assert statuses(served(serve, rules=rules, refuses=["temperature"]), "a", temperature=0) == [400]
    assert statuses(served(serve, rules=rules, strict=False), "") == [200]
    assert statuses(served(serve, rules=rules, context=50), "a", "a" * 400) == [200, 400]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"rules": []}, "'name' is missing"),
        ({"name": "m", "rule": []}, "a scenario has no 'rule'"),
        ({"name": "m", "rules": [{"rol": "coder", "reply": "x"}]}, "a rule has no 'rol'"),
        ({"name": "m", "rules": [{"role": "coder"}]}, "'reply' is missing"),
        ({"name": "m", "rules": [{"reply": {"txt": "x"}}]}, "a reply has no 'txt'"),
        ({"name": "m", "faults": [{"kind": "e42"}]}, "no fault 'e42'"),
        ({"name": "m", "faults": [{"kind": "e429", "options": {"wait": 1}}]}, "knows no option wait"),
        ({"name": "m", "faults": [{"kind": "wrapped", "options": {"how": "silk"}}]}, "no way 'silk'"),
        ({"name": "m", "rules": "x"}, "a rule has no 'x'|not a scenario"),
        ([1], "not a scenario"),
    ],
)
def test_what_is_wrong_in_a_file_is_told(tmp_path: Path, data: Any, words: str) -> None:
    """A misspelt or missing key, an unknown fault, option or way: a ValueError that names it."""
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=words):
        load(path)


def test_scenarios_have_names(tmp_path: Path) -> None:
    """Those of the package by name, others by file; an unknown one is told with the known ones."""
    assert {each.name for name in names() for each in find(name)} == set(names())
    own = tmp_path / "own.py"
    own.write_text("from tests.modelserver import Rule, Scenario\n\nSCENARIOS = [Scenario('own', [Rule('x')])]\n")
    assert [each.name for each in find(str(own))] == ["own"]
    with pytest.raises(ValueError, match="hello, quickstart, sample"):
        find("nowhere")
