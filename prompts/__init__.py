"""Prompts: one Markdown template per agent, its parts as named blocks.

Text that comes from files, tools or models is data: templates wrap it with the ``fenced`` filter, whose fence is
longer than any in the text, so that nothing inside can end it.
"""

import re
from functools import cache
from importlib.resources import files

import jinja2


def render(template: str, block: str, /, **values: object) -> str:
    """The text of one block of ``prompts/<template>.md``.

    Raises jinja2.UndefinedError for a missing value and KeyError for an unknown block.
    """
    source = _environment().get_template(f"{template}.md")
    context = source.new_context(values)
    return "".join(source.blocks[block](context)).strip() + "\n"


def fenced(text: str, info: str = "") -> str:
    """The text in a Markdown fence that it cannot close."""
    ticks = max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1
    fence = "`" * max(ticks, 3)
    return f"{fence}{info}\n{text.rstrip(chr(10))}\n{fence}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files(__name__).joinpath(name).read_text("utf-8")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # plain text for a model, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fenced"] = fenced
    return environment
