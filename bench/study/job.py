"""Jobs: requests of several steps over small projects, with the tests that are given, written, and hidden."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Example:
    """An expression and its value, both as Python."""

    expression: str
    value: str


@dataclass(frozen=True)
class Step:
    """One task of a request, as a perfect planner would cut it, and as a perfect coder would do it.

    `texts` are the right contents of its files, which no other step touches. `told` are the examples that the goal
    states; where the step is `given`, they stand in the project as failing tests from the start. `hidden` are examples
    that no run ever sees.
    """

    id: str
    title: str
    goal: str
    texts: Mapping[str, str]
    imports: str
    told: tuple[Example, ...]
    hidden: tuple[Example, ...]
    depends_on: tuple[str, ...] = ()
    given: bool = False

    @property
    def case(self) -> str:
        """The name of the class of its tests."""
        return "".join(part.capitalize() for part in self.id.split("-"))


@dataclass(frozen=True)
class Job:
    """One request and the project that it is about."""

    name: str
    intent: str
    files: Mapping[str, str]
    steps: tuple[Step, ...]

    @cached_property
    def request(self) -> str:
        """What is asked for: one list item for each step."""
        return "\n".join([self.intent, *(f"- {step.goal}" for step in self.steps)])

    @cached_property
    def project(self) -> dict[str, str]:
        """Every file of the project as it is at first, the given tests included."""
        given = {f"tests/test_{step.id.replace('-', '_')}.py": told_test(step) for step in self.steps if step.given}
        return {"tests/__init__.py": "", **self.files, **given}

    @cached_property
    def hidden(self) -> str:
        """The test module that decides whether the request is resolved: all that was told and all that was not."""
        parts = [module(step.case, step.imports, (*step.told, *step.hidden)) for step in self.steps]
        return "\n\n".join(parts)

    def new_lines(self, step: Step) -> tuple[str, ...]:
        """The lines that right work adds to the project."""
        found: list[str] = []
        for path, text in step.texts.items():
            before = {line.strip() for line in self.files.get(path, "").splitlines()}
            found += [line.strip() for line in text.splitlines() if line.strip() and line.strip() not in before]
        return tuple(found)


def told_test(step: Step) -> str:
    """The test that a good reviewer writes from the goal."""
    return module(step.case, step.imports, step.told)


def thin_test(step: Step) -> str:
    """The test of a careless one: the first example alone."""
    return module(step.case, step.imports, step.told[:1])


def mistaken_test(step: Step) -> str:
    """The test of one who misread the goal: what the last example comes to is wrong."""
    *others, last = step.told
    return module(step.case, step.imports, (*others, Example(last.expression, f"[{last.value}, 'and more']")))


def module(case: str, imports: str, examples: tuple[Example, ...]) -> str:
    """A test module, one method for each example."""
    methods = "\n".join(
        f"    def test_{case.lower()}_{number}(self):\n"
        f"        self.assertEqual({example.expression}, {example.value})\n"
        for number, example in enumerate(examples, 1)
    )
    return (
        f"import unittest\n\n{imports}\n\n\ndef raised(call):\n    try:\n        call()\n"
        f'    except Exception as error:\n        return type(error).__name__\n    return ""\n\n\n'
        f"class Test{case}(unittest.TestCase):\n{methods}"
    )
