"""Catalogue: every native tool as agents, other programs and people call it, with its arguments and refusals."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

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
        return Answer(f"{name}: {'; '.join(sentence(one, tool) for one in wrong.errors())}", refused=True)
    except (NativeError, OSError, ValueError) as refusal:
        return Answer(f"{name}: {refusal}", refused=True)


def offer(name: str, offered: Sequence[AnyTool]) -> str:
    """The name that was probably meant, else all of them."""
    names = [tool.name for tool in offered]
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names)}."


def sentence(error: Mapping[str, Any], tool: AnyTool) -> str:
    """One mistake in the arguments, with what would be right."""
    place = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "missing":
            return f"{place} is missing"
        case "extra_forbidden":
            return f"there is no argument {place!r}; there are: {', '.join(tool.arguments.model_fields)}"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return f"{place}: {error['msg'][:1].lower()}{error['msg'][1:]}"
