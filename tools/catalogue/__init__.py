"""Catalogue: every native tool as agents, other programs and people call it, with its arguments and refusals."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tools._native import NativeError
from tools.catalogue.changing import CHANGING
from tools.catalogue.looking import LOOKING
from tools.catalogue.tool import AnyTool as AnyTool
from tools.workbench import Workbench

TOOLS: tuple[AnyTool, ...] = (*LOOKING, *CHANGING)
"""All of them: what looks, then what changes."""


@dataclass(frozen=True)
class Answer:
    """What came of a call; a refusal's text says what to do instead."""

    text: str
    refused: bool = False


def answered(bench: Workbench, offered: Sequence[AnyTool], name: str, given: Mapping[str, Any]) -> Answer:
    """Call a tool by its name on the files as they are now; whatever is wrong with the call is in the answer."""
    tool = next((tool for tool in offered if tool.name == name), None)
    if tool is None:
        return Answer(f"There is no tool {name!r}. {offer(name, offered)}", refused=True)
    try:
        bench.index.refresh()
        return Answer(tool.call(bench, given))
    except ValidationError as wrong:
        return Answer(f"{name}: {'; '.join(sentences(wrong, tool))}", refused=True)
    except (NativeError, OSError, ValueError) as refusal:
        return Answer(f"{name}: {refusal}", refused=True)


def offer(name: str, offered: Sequence[AnyTool]) -> str:
    """The name that was probably meant, else all of them."""
    names = [tool.name for tool in offered]
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names)}."


def sentences(wrong: ValidationError, tool: AnyTool) -> list[str]:
    """Every mistake in the arguments, with what would be right; unknown arguments together."""
    unknown = [place_of(error) for error in wrong.errors() if error["type"] == "extra_forbidden"]
    said = [sentence(error) for error in wrong.errors() if error["type"] != "extra_forbidden"]
    if not unknown:
        return said
    known = ", ".join(tool.arguments.model_fields)
    return [*said, f"there is no argument {', '.join(map(repr, unknown))}; there are: {known}"]


def sentence(error: ErrorDetails) -> str:
    """One mistake in words that a model understands: JSON has lists and no tuples."""
    match error["type"]:
        case "missing":
            return f"{place_of(error)} is missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            said = error["msg"].replace("tuple", "list")
            return f"{place_of(error)}: {said[:1].lower()}{said[1:]}"


def place_of(error: ErrorDetails) -> str:
    """Where in the arguments a mistake is, such as ``edits.0.path``."""
    return ".".join(str(part) for part in error["loc"])
