"""Objects in answers: what loses nothing is forgiven, what is cut is never taken."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.budget import no_usage
from models.journal import Recorded
from models.objects import candidates, objects

WANTED = {"verdict": "fail", "findings": [{"path": "a.py", "message": 'is {odd}, says "no"'}]}
GOOD = json.dumps(WANTED)


def answer(text: str, *calls: str, reasoning: str = "") -> Recorded:
    """A recorded answer."""
    made: Recorded = {
        "text": text,
        "calls": list(calls),
        "finish": "stop",
        "usage": no_usage(),
        "model": "m",
        "seconds": 0.0,
    }
    return {**made, "reasoning": reasoning} if reasoning else made


FORMS = {
    "fenced": f"```json\n{GOOD}\n```",
    "in prose": f"Sure, {{here}} you are:\n{GOOD}\nAnything {{else}}?",
    "byte order mark": f"\ufeff{GOOD}",
    "encoded twice": json.dumps(GOOD),
    "trailing commas": GOOD.replace("}]}", "},]\n,}"),
    "comments": GOOD.replace("{", "{ // as asked\n /* see above */", 1),
    "non-breaking spaces": GOOD.replace(": ", ":\u00a0"),
    "python": repr(WANTED),
    "hermes": f'<tool_call>\n{{"name": "Review", "arguments": {GOOD}}}\n</tool_call>',
    "no opening tag": f'{{"name": "Review", "arguments": {GOOD}}}\n</tool_call>',
    "arguments as text": json.dumps({"name": "Review", "arguments": GOOD}),
    "parameters": json.dumps({"name": "Review", "parameters": WANTED}),
    "qwen": "<function=Review>\n<parameter=verdict>\nfail\n</parameter>\n<parameter=findings>\n"
    f"{json.dumps(WANTED['findings'])}\n</parameter>\n</function>",
    "glm": "<tool_call>Review\n<arg_key>verdict</arg_key>\n<arg_value>fail</arg_value>\n<arg_key>findings</arg_key>\n"
    f"<arg_value>{json.dumps(WANTED['findings'])}</arg_value>\n</tool_call>",
    "thoughts before": f"<think>{{maybe}}</think>\n{GOOD}",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=list(FORMS))
def test_the_object_is_found_in_whatever_form(text: str) -> None:
    """Fences, prose, other quotes, tool calls as text: the object that is meant is among the candidates."""
    assert WANTED in list(candidates(answer(text)))


@pytest.mark.parametrize("text", ["{“verdict”: “fail”}", "{'verdict': 'fail'}", '{"verdict": "fail",}'])
def test_other_quotes_are_quotes(text: str) -> None:
    """Smart and single quotes around keys and values lose nothing."""
    assert list(objects(text)) == [{"verdict": "fail"}]


def test_an_object_among_the_thoughts_is_the_answer_only_without_a_text() -> None:
    """Servers that put a guided answer into the reasoning field are understood; thoughts beside a text are not read."""
    assert list(candidates(answer("", reasoning=GOOD))) == [WANTED]
    assert list(candidates(answer("No.", reasoning=GOOD))) == []


@given(st.integers(1, len(GOOD) - 1))
def test_a_cut_object_is_never_taken(at: int) -> None:
    """At whatever character the document ends, neither it nor anything inside it is an answer."""
    assert list(candidates(answer(GOOD[:at]))) == []
    assert list(candidates(answer(f"Here:\n```json\n{GOOD[:at]}"))) == []
    assert list(candidates(answer("", GOOD[:at]))) == []


@pytest.mark.parametrize("arguments", ["", "null", "[1]", f"{GOOD} and more", f"x{GOOD}", '{"a": NaN'])
def test_arguments_of_a_tool_call_are_one_object_or_none(arguments: str) -> None:
    """Raw arguments are parsed strictly: nothing before, after or instead of one object."""
    assert not [value for value in candidates(answer("", arguments)) if isinstance(value, dict)]


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_every_object_comes_back_as_it_was(value: Any) -> None:
    """No tolerance changes an object that needs none."""
    assert {"value": value} in list(objects(json.dumps({"value": value}, ensure_ascii=False)))
