"""The reference of the configuration, written from its keys: ``python -m orchestrator.reference`` renews the files.

The example and the page are kept in the repository because people read them there; a test compares.
"""

import json
import sys
import textwrap
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from orchestrator.config import Key, Section, Settings, keys

EXAMPLE = Path("examples/orchestrator.jsonc")
PAGE = Path("docs/CONFIGURATION.md")

INTRODUCTION = """\
# Configuration

Every key is optional.
The layers, each of which overrides the ones before it:

1. the defaults,
2. your own file: `~/.config/opencode-orchestrator/orchestrator.jsonc` (or below `$XDG_CONFIG_HOME`),
3. the project's `pyproject.toml`, table `[tool.orchestrator]`,
4. the project's `orchestrator.jsonc`,
5. the environment: one `ORCHESTRATOR_…` variable for each key,
6. the flags of the command line.

Sections are merged key by key; a list or a value replaces the one below it.
The files are JSON with comments and trailing commas.
An unknown key, a wrong type or a value out of range ends the command with exit code 2, the file, the line and the fix.
`examples/orchestrator.jsonc` shows every key; `orchestrator init` writes a short file to begin with.

A project's file can loosen nothing that protects whoever runs it:
`unsafe`, `network`, `checkpoints` and `fleet` are refused there.
`model.base_url` may only name an endpoint on this machine there, since your key is sent to it.

The key of an endpoint is never configured: it is read from `OPENAI_API_KEY` and stored nowhere.
`OPENAI_BASE_URL` is honoured where neither file, variable nor flag names an endpoint.
`ORCHESTRATOR_HOME` moves the state directory (default: `~/.local/state/opencode-orchestrator`).

| key | variable | value | default | meaning |
|---|---|---|---|---|
"""


def example() -> str:
    """The text of the example file: every key with its meaning, those without a default commented out."""
    lines = [
        "// Every key of the configuration, with its default.",
        "// A line that is commented out has no default; the value shown is an example.",
        "{",
        *_section_lines(Settings, "  "),
        "}",
        "",
    ]
    return "\n".join(lines)


def page() -> str:
    """The text of the reference page."""
    rows = [
        f"| `{key.name}` | `{key.variable}` | {_escaped(kind_of(key.annotation, key.metadata))} "
        f"| {_shown_default(key)} | {_escaped(key.description)} |"
        for key in keys()
    ]
    return INTRODUCTION + "\n".join(rows) + "\n"


def kind_of(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    """What a key takes, in words."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return kind_of(get_args(annotation)[0], tuple(get_args(annotation)[1:]))
    if origin in (Union, types.UnionType):
        return " or ".join("null" if a is type(None) else kind_of(a, metadata) for a in get_args(annotation))
    if origin is Literal:
        return " or ".join(f'`"{value}"`' for value in get_args(annotation))
    if origin is list:
        return f"list of {kind_of(get_args(annotation)[0])}s"
    if origin is dict:
        return "an object for each name: " + ", ".join(f"`{name}`" for name in get_args(annotation)[1].model_fields)
    words = {str: "text", bool: "true or false", int: "whole number", float: "number"}
    return words[annotation] + _range(metadata)


def _range(metadata: tuple[Any, ...]) -> str:
    bounds = [bound for item in metadata for bound in (getattr(item, "metadata", None) or [item])]
    words = []
    for bound in bounds:
        match bound:
            case Ge(ge=low):
                words.append(f"from {low}")
            case Gt(gt=low):
                words.append(f"above {low}")
            case Le(le=high):
                words.append(f"up to {high}")
            case Lt(lt=high):
                words.append(f"below {high}")
            case _:
                continue
    return f" {' '.join(words)}" if words else ""


def _section_lines(section: type[Section], indent: str) -> list[str]:
    lines: list[str] = []
    for name, field in section.model_fields.items():
        lines += textwrap.wrap(
            field.description or "", 96, initial_indent=f"{indent}// ", subsequent_indent=f"{indent}// "
        )
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            lines += [f'{indent}"{name}": {{', *_section_lines(inner, indent + "  "), f"{indent}}},"]
            continue
        unset = field.default is None or field.default in ([], {})
        value = field.examples[0] if unset and field.examples else field.default
        lines.append(f'{indent}{"// " if unset else ""}"{name}": {json.dumps(value)},')
    return lines


def _shown_default(key: Key) -> str:
    return "" if key.default is None else f"`{json.dumps(key.default)}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write both files below the current folder, the repository's."""
    for path, text in ((EXAMPLE, example()), (PAGE, page())):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
