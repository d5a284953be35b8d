"""What the parsers say of every command, read out for completion, the man page and the reference."""

import argparse
from collections.abc import Iterator

from orchestrator.arguments import whole_parser


def parsers(
    parser: argparse.ArgumentParser | None = None, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """The parser of every command and action with its words, the whole one first: (), ("auto",), ("runs", "prune")."""
    parser = parser or whole_parser()
    yield above, parser
    for name, inner in inner_parsers(parser).items():
        yield from parsers(inner, (*above, name))


def inner_parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers that stand below one, by their words."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def reference() -> str:
    """The page of all commands, as Markdown: the help of each as it is printed."""
    lines = [
        "# Commands",
        "",
        "What `orchestrator COMMAND --help` prints, for every command.",
        "",
    ]
    for words, parser in parsers():
        title = " ".join(("orchestrator", *words))
        lines += ["#" * min(len(words) + 2, 3) + f" `{title}`", "", "```text", parser.format_help().rstrip(), "```", ""]
    return "\n".join(lines)
