"""Conditions on requests, for rules and faults."""

from collections.abc import Callable
from typing import TypeAlias

from tests.modelserver.request import Request

When: TypeAlias = Callable[[Request], bool]


def contains(*texts: str) -> When:
    """Match requests whose prompt holds all of the texts."""
    return lambda request: all(text in request.text for text in texts)


def lacks(*texts: str) -> When:
    """Match requests whose prompt holds none of the texts."""
    return lambda request: not any(text in request.text for text in texts)


def offers(*tools: str) -> When:
    """Match requests that offer all of the tools."""
    return lambda request: set(tools) <= set(request.tools)


def both(*conditions: When) -> When:
    """Match requests that meet all conditions."""
    return lambda request: all(condition(request) for condition in conditions)
