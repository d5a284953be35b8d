"""The batch file: what it may say, and the sentence with its line for everything else."""

import json
from pathlib import Path

import pytest

from orchestrator.errors import UsageError
from orchestrator.fleet.batch_file import read_batch
from orchestrator.fleet.items import Item

GOOD = {"task": "repair it", "repository": "."}


def batch_file(folder: Path, *lines: object, name: str = "tasks.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_good_lines_go_on_beside_bad_ones(tmp_path: Path) -> None:
    """Every fault has its line; empty lines count as lines."""
    found = read_batch(batch_file(tmp_path, GOOD, "", "{oops", {"task": "x"}, {**GOOD, "task": "another"}))
    assert [(each.line, each.item.task) for each in found.wanted] == [(1, "repair it"), (5, "another")]
    assert [fault.line for fault in found.faults] == [3, 4]
    assert found.told()[1].endswith('tasks.jsonl:4: "repository" is missing.')


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1]", "one object"),
        ('{"task": "", "repository": "."}', '"task"'),
        ({**GOOD, "prio": 1}, 'unknown key "prio"'),
        ({**GOOD, "priority": 10}, '"priority": must be less than or equal to 9, not 10'),
        ({**GOOD, "priority": "1"}, '"priority"'),
        ({**GOOD, "not_before": "tomorrow"}, "must be a time such as"),
        ({**GOOD, "budget": {"calls": 0}}, '"budget.calls"'),
        ({**GOOD, "revision": "--upload-pack=x"}, '"revision"'),
        ({**GOOD, "endpoint": "../x"}, '"endpoint"'),
        ({**GOOD, "model": "replay:last"}, "name at the endpoint"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_one_sentence(tmp_path: Path, line: object, said: str) -> None:
    """Named, with what it may be."""
    (fault,) = read_batch(batch_file(tmp_path, line)).faults
    assert said in fault.message and "\n" not in fault.message and len(fault.message) < 300


def test_yaml_says_the_same_with_lines_and_times(tmp_path: Path) -> None:
    """A list of the same objects; a time needs no quotes."""
    text = (
        "- task: repair it\n  repository: .\n- task: later\n  repository: .\n  not_before: 2031-05-01T22:00:00Z\n- 7\n"
    )
    found = read_batch(batch_file(tmp_path, text, name="tasks.yaml"))
    assert [each.line for each in found.wanted] == [1, 3] and [fault.line for fault in found.faults] == [6]
    assert found.wanted[1].item.due() == 1_935_439_200


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", "\n\n", "asks for nothing"),
        ("a.yaml", "task: x", "must be a list"),
        ("a.yaml", "- {a: [}", "a.yaml:1: not valid YAML"),
        ("a.yaml", "- &a [1]\n- [*a, *a]", "a.yaml:2: references (*a) are not read"),
        ("a.yaml", "- !!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_a_file_that_is_none_starts_nothing(tmp_path: Path, name: str, text: str, said: str) -> None:
    """One sentence with the place, and nothing of it is taken in."""
    with pytest.raises(UsageError) as raised:
        read_batch(batch_file(tmp_path, text, name=name))
    assert said in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, a folder, or not text."""
    (tmp_path / "binary").write_bytes(b"{}\n\xff")
    for name, said in (("missing", "cannot be read"), (".", "cannot be read"), ("binary", "binary:2")):
        with pytest.raises(UsageError, match=said):
            read_batch(tmp_path / name)


def test_the_same_wish_is_the_same_run() -> None:
    """Its key where it has one, else all that decides what is done: when and how urgent is not part of it."""
    first = Item.model_validate(GOOD)
    assert first.identity() == Item.model_validate({**GOOD, "priority": 1}).identity()
    assert first.identity() != Item.model_validate({**GOOD, "checks": ["make"]}).identity()
    assert Item.model_validate({**GOOD, "key": "issue-7"}).identity() == "issue-7"
