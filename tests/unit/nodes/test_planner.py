"""A plan that does not hold is told why, in words that the model can act on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.planner import Plan, PlannedTask, fault, requirements


def planned(id: str, **fields: Any) -> PlannedTask:
    return PlannedTask.model_validate(
        {
            "id": id,
            "title": f"Do {id}",
            "goal": f"{id} is done and works",
            "files": [f"{id}.py"],
            "depends_on": [],
            "covers": ["R1"],
            **fields,
        }
    )


def objection(*tasks: PlannedTask, wanted: tuple[str, ...] = ("R1",)) -> str | None:
    return fault(Plan(tasks=list(tasks)), wanted=list(wanted), known={"done"}, failing={"t.py::red"}, limit=4)


def test_a_plan_that_holds_meets_no_objection() -> None:
    """Dependencies on other tasks and on finished ones, all requirements covered, failing tests by their names."""
    first = planned("a", tests=["t.py::red"])
    assert objection(first, planned("b", depends_on=["a", "done"], covers=["R2"]), wanted=("R1", "R2")) is None


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ((planned("a", depends_on=["b"]), planned("b", depends_on=["a"])), "wait for each other"),
        ((planned("a", depends_on=["a"]),), "wait for each other"),
        ((planned("a", depends_on=["ghost"]),), "which no task is called"),
        ((planned("a"), planned("a")), "used twice"),
        ((planned("done"),), "used twice"),
        ((planned("a"), planned("b", goal="A  is done and works")), "same goal"),
        ((planned("a", covers=[]),), "no task covers R1"),
        ((planned("a", tests=["t.py::green"]),), "do not fail now"),
        ((planned("a", may_edit_tests=["t.py"]),), "gives no reason"),
        ((planned("a", files=["../other/a.py"]),), "outside the project"),
        ((planned("a", files=["/etc/passwd"]),), "outside the project"),
        (tuple(planned(f"t{n}") for n in range(5)), "at most 4"),
    ],
)
def test_a_plan_that_does_not_hold_is_told_why(tasks: tuple[PlannedTask, ...], said: str) -> None:
    """Cycles, unknown and double names, lost requirements, made-up tests and escaping paths are all named."""
    told = objection(*tasks)
    assert told is not None
    assert said in told


def test_requirements_are_the_items_of_a_list() -> None:
    """A list in the request is taken item by item, whatever stands around it."""
    request = "Extend it:\n- add a\n* add b\n 2) add c\nThanks."
    assert requirements(request) == [("R1", "add a"), ("R2", "add b"), ("R3", "add c")]


def test_requirements_are_sentences_where_there_is_no_list() -> None:
    """Prose is cut into sentences."""
    assert requirements("Add a. Then use it in b!") == [("R1", "Add a."), ("R2", "Then use it in b!")]


@given(st.text(min_size=1, max_size=300))
def test_every_request_has_requirements_unless_it_is_blank(request: str) -> None:
    """Nothing that says something is lost altogether."""
    assert bool(requirements(request)) == bool(request.strip())
