"""Prompts: one Markdown template per agent, its parts as named blocks.

Text that comes from files, tools or models is data: templates wrap it with the ``fenced`` filter, whose fence is
longer than any in the text, so that nothing inside can end it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

import jinja2
from jinja2.sandbox import SandboxedEnvironment

_instead: ContextVar[Mapping[str, str]] = ContextVar("templates in place of the usual ones")


def render(template: str, block: str, /, **values: object) -> str:
    """The text of one block of ``prompts/<template>.md``.

    Raises jinja2.UndefinedError for a missing value and KeyError for an unknown block.
    """
    own = _instead.get({}).get(template)
    source = _environment().get_template(f"{template}.md") if own is None else _own(own)
    context = source.new_context(values)
    return "".join(source.blocks[block](context)).strip() + "\n"


@contextmanager
def instead(templates: Mapping[str, str]) -> Iterator[None]:
    """Use these texts in place of the templates of the same names, in this context."""
    token = _instead.set(templates)
    try:
        yield
    finally:
        _instead.reset(token)


def defect(template: str, text: str) -> str:
    """What keeps a text from standing in place of a template; empty where nothing does."""
    try:
        blocks = _own(text).blocks
    except jinja2.TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    lacking = sorted(_environment().get_template(f"{template}.md").blocks.keys() - blocks.keys())
    return f"it has no block {', '.join(lacking)}" if lacking else ""


def fenced(text: str, info: str = "") -> str:
    """The text in a Markdown fence that it cannot close."""
    ticks = max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1
    fence = "`" * max(ticks, 3)
    return f"{fence}{info}\n{text.rstrip(chr(10))}\n{fence}"


@cache
def _own(text: str) -> jinja2.Template:
    return _environment().from_string(text)


@cache
def _environment() -> jinja2.Environment:
    environment = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(lambda name: files(__name__).joinpath(name).read_text("utf-8")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # plain text for a model, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fenced"] = fenced
    return environment
