"""What a task is: a right function, what is done to it, the calls that its tests make, and further ones at random."""

import ast
import copy
import inspect
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, Literal

Arguments = tuple[Any, ...]
Inputs = Callable[[random.Random], Arguments]
Reference = Callable[..., Any]

HIDDEN = 400
"""Random calls on which an answer is compared with the reference."""


@dataclass(frozen=True)
class Task:
    """One function to repair (one wrong line) or to write (no body)."""

    kind: Literal["repair", "write"]
    reference: Reference
    calls: Sequence[Arguments]
    """Arguments of the tests that the project has; what is expected is the reference's answer."""
    inputs: Inputs
    right: str = ""
    wrong: str = ""

    @property
    def name(self) -> str:
        """The name of the function, of its module, and of the task."""
        return self.reference.__name__

    @cached_property
    def source(self) -> str:
        """The text of the right function, without what stands above its `def`."""
        text = inspect.getsource(self.reference)
        first = ast.parse(text).body[0].lineno
        return "".join(text.splitlines(keepends=True)[first - 1 :])

    @property
    def given(self) -> str:
        """The module as the model finds it."""
        if self.kind == "repair":
            assert self.source.count(self.right) == 1, f"{self.name}: {self.right!r} must stand there once"
            return self.source.replace(self.right, self.wrong)
        body = ast.parse(self.source).body[0].body[0]  # type: ignore[attr-defined]
        head = self.source.splitlines(keepends=True)[: body.end_lineno]
        return "".join(head) + "    raise NotImplementedError\n"

    @property
    def tests(self) -> str:
        """The test file: one test for each call."""
        lines = [f"from {self.name} import {self.name}\n"]
        for number, arguments in enumerate(self.calls, 1):
            shown = ", ".join(map(repr, arguments))
            expected = self.reference(*copy.deepcopy(arguments))
            lines.append(f"\n\ndef test_{self.name}_{number}():\n    assert {self.name}({shown}) {_equals(expected)}\n")
        return "".join(lines)

    def hidden(self) -> list[Arguments]:
        """The arguments of the hidden calls, the same each time."""
        rng = random.Random(self.name)
        return [self.inputs(rng) for _ in range(HIDDEN)]


def repair(*, right: str, wrong: str, calls: Sequence[Arguments], inputs: Inputs) -> Callable[[Reference], Task]:
    """Make a task of a function in which the text `right` is turned into `wrong`."""
    return lambda function: Task("repair", function, calls, inputs, right, wrong)


def write(*, calls: Sequence[Arguments], inputs: Inputs) -> Callable[[Reference], Task]:
    """Make a task of a function whose body is taken away; its docstring stays."""
    return lambda function: Task("write", function, calls, inputs)


def tasks_of(module: ModuleType) -> list[Task]:
    """The tasks of a module in the order in which they stand there."""
    return [value for value in vars(module).values() if isinstance(value, Task)]


def _equals(expected: object) -> str:
    return f"is {expected!r}" if expected is None or isinstance(expected, bool) else f"== {expected!r}"
