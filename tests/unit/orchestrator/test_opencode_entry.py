"""The plugin's entry in OpenCode's configuration: nothing else in the file changes, whatever it looks like."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.jsonc import JsoncError, parse
from orchestrator.opencode.entry import EMPTY, NoPlace, entries, installed, removed

PACKAGE = "opencode-orchestrator"
SPEC = f"{PACKAGE}@0.1.0"


@st.composite
def trivia(draw: st.DrawFn, newline: str) -> str:
    """What may stand between two signs: blanks, line ends, comments of both kinds."""
    parts = st.sampled_from(
        [
            "",
            " ",
            "\t",
            newline,
            f"{newline}  ",
            f' // a }} note, "plugin": []{newline}',
            "/* x */",
            f"/* y{newline} ] */",
        ]
    )
    return "".join(draw(st.lists(parts, max_size=2)))


@st.composite
def values(draw: st.DrawFn, newline: str, depth: int = 2) -> str:
    """A value in JSONC, with comments anywhere."""
    plain = st.sampled_from(["1", "true", "null", '"text"', '"a // b"', '"/* c */"', "-2.5e3", '"\\"]"'])
    kind = draw(st.sampled_from(["plain", "plain", "object", "list"])) if depth else "plain"
    if kind == "plain":
        return draw(plain)
    gap = trivia(newline)
    if kind == "list":
        return draw(listed(newline, [draw(values(newline, depth - 1)) for _ in range(draw(st.integers(0, 3)))]))
    keys = draw(st.lists(st.sampled_from(["a", "b", "plugin", "model"]), unique=True, max_size=3))
    members = [f'"{key}"{draw(gap)}:{draw(gap)}{draw(values(newline, depth - 1))}' for key in keys]
    return "{" + draw(joined(newline, members)) + "}"


@st.composite
def joined(draw: st.DrawFn, newline: str, parts: list[str]) -> str:
    """Parts with commas and gaps between them, and perhaps a comma behind the last one."""
    gap = trivia(newline)
    text = draw(gap)
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        text += part + draw(gap) + ("" if last and draw(st.booleans()) else ",") + draw(gap)
    return text


@st.composite
def listed(draw: st.DrawFn, newline: str, items: list[str]) -> str:
    """A list in JSONC."""
    return "[" + draw(joined(newline, items)) + "]"


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """A configuration file as people write them, and as nobody would."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    gap = trivia(newline)
    members = [
        f'"{key}"{draw(gap)}:{draw(gap)}{draw(values(newline))}'
        for key in draw(st.lists(st.sampled_from(["$schema", "model", "provider", "mcp"]), unique=True))
    ]
    if draw(st.booleans()):
        plugins = draw(st.lists(st.sampled_from(['"other@1"', '["third", {"a": 1}]', '"./own"']), max_size=3))
        place = draw(st.integers(0, len(members)))
        members.insert(place, f'"plugin"{draw(gap)}:{draw(gap)}{draw(listed(newline, plugins))}')
    mark = draw(st.sampled_from(["", "", "\ufeff"]))
    return mark + draw(gap) + "{" + draw(joined(newline, members)) + "}" + draw(gap)


@settings(max_examples=400)
@given(configurations())
def test_installing_and_uninstalling_leaves_every_byte_as_it_was(text: str) -> None:
    """In between the file is valid, says the same otherwise, and names the plugin once."""
    with_it = installed(text, SPEC, PACKAGE)

    before, after = parse(text).value, parse(with_it).value
    assert isinstance(before, dict) and isinstance(after, dict)
    assert entries(with_it, PACKAGE) == [SPEC]
    assert [p for p in after["plugin"] if p != SPEC] == before.get("plugin", [])  # type: ignore[union-attr]
    assert {**after, "plugin": 0} == {**before, "plugin": 0}
    assert removed(with_it, PACKAGE) == text


def test_the_entry_stands_where_a_person_would_write_it() -> None:
    """On a line of its own, indented like the others, behind the last comment."""
    text = '{\n    "model": "a/b" // mine\n}\n'
    assert installed(text, SPEC, PACKAGE) == f'{{\n    "model": "a/b", // mine\n    "plugin": ["{SPEC}"]\n}}\n'


def test_another_version_takes_the_place_of_the_one_that_is_there() -> None:
    """Options and neighbours stay."""
    text = '{"plugin": ["a", ["opencode-orchestrator@0.0.1", {"command": "x"}]]}'
    assert installed(text, SPEC, PACKAGE) == text.replace("opencode-orchestrator@0.0.1", SPEC)


def test_installing_twice_changes_nothing_more() -> None:
    """The same line is there once."""
    once = installed(EMPTY, SPEC, PACKAGE)
    assert installed(once, SPEC, PACKAGE) == once


@pytest.mark.parametrize(
    "spec",
    [
        "opencode-orchestrator",
        "opencode-orchestrator@1.2.3",
        "file:/x/opencode-orchestrator-0.1.0.tgz",
        "./x/opencode-orchestrator",
    ],
)
def test_every_way_to_name_the_plugin_is_found(spec: str) -> None:
    """With options and without."""
    assert entries(json.dumps({"plugin": [spec]}), PACKAGE) == [spec]
    assert removed(json.dumps({"plugin": ["a", [spec, {}]]}), PACKAGE) == '{"plugin": ["a"]}'


@pytest.mark.parametrize("spec", ["opencode-orchestrator-extra", "@me/opencode-orchestrator-x", "orchestrator"])
def test_a_plugin_of_a_similar_name_is_left_alone(spec: str) -> None:
    """Names are compared as a whole."""
    text = json.dumps({"plugin": [spec]})
    assert entries(text, PACKAGE) == [] and removed(text, PACKAGE) == text


@pytest.mark.parametrize("text", ["[]", '{"plugin": "a"}', '{"plugin": null}'])
def test_a_file_without_a_place_for_it_is_refused(text: str) -> None:
    """Nothing is bent into another shape."""
    with pytest.raises(NoPlace):
        installed(text, SPEC, PACKAGE)


@pytest.mark.parametrize("text", ["", "{", '{"a": 1 "b": 2}', "{/*", '{"plugin": [}'])
def test_a_file_that_is_no_jsonc_is_refused(text: str) -> None:
    """With the line, before anything is changed."""
    with pytest.raises(JsoncError):
        installed(text, SPEC, PACKAGE)
