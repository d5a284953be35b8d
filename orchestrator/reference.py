"""The reference of the configuration, written from its keys: ``python -m orchestrator.reference`` renews the files.

The example, the page and the schema are kept in the repository because people read them there; a test compares.
"""

import json
import sys
import textwrap
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from orchestrator.config import Key, Section, Settings, keys
from orchestrator.formats import event_rows
from orchestrator.schema import NAME, schema, text_of

SCHEMA = Path("orchestrator") / NAME
EXAMPLE = Path("examples/orchestrator.jsonc")
PAGE = Path("docs/CONFIGURATION.md")
EVENTS_PAGE = Path("docs/EVENTS.md")

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
`orchestrator config show` says which value each key has in a folder, and which file and line, variable or flag set it.

`"$schema"` at the top of a file gives editors completion, meanings and warnings.
`orchestrator init` names the schema of the installed package there.
A team that keeps the file in git keeps the schema beside it:
`orchestrator config schema > orchestrator.schema.json`, then `orchestrator init --schema ./orchestrator.schema.json`.

A project's file can loosen nothing that protects whoever runs it:
`unsafe`, `network`, `checkpoints` and `fleet` are refused there.
`model.base_url` may only name an endpoint on this machine there, since your key is sent to it.

The key of an endpoint is never configured: it is read from `OPENAI_API_KEY` and stored nowhere.
`OPENAI_BASE_URL` is honoured where neither file, variable nor flag names an endpoint.
`ORCHESTRATOR_HOME` moves the state directory (default: `~/.local/state/opencode-orchestrator`).

| key, variable | value | default | meaning |
|---|---|---|---|
"""


EVENTS = """\
# Events and results

For scripts, editors and notebooks: what a run says while it goes on, and the one object at its end.

```console
$ orchestrator auto "fix the failing tests" --events run.jsonl --json > result.json
```

Their JSON Schemas:

<!-- run -->
```console
$ orchestrator config schema event
"title": "One event of a run"
$ orchestrator config schema result
"title": "The result of a run"
```

`--events FILE` writes each event as a line of JSON when it happens, `-` writes them to standard output.
`--json` prints one object as the last line of standard output; what people read goes to standard error then.
The same lines stand in `events.jsonl` in the run's folder, and `orchestrator show RUN --json` prints the object again.

## The result

| field | holds |
|---|---|
| `v` | the version of the format: 1 |
| `run` | the run's id; empty where none was begun |
| `outcome`, `exit` | how it ended, and the exit code that says so |
| `reason` | why, in a sentence |
| `answer` | the answer to a question; empty for work |
| `tasks` | of each task `id`, `title`, `outcome`, `attempts`, and `evidence`: the executed checks, before and after |
| `usage` | `calls`, `prompt_tokens`, `completion_tokens`, `cost` (US dollars; `null` where a price is not known) |
| `applied`, `files` | whether your files were changed, and which |
| `flaky` | tests that were both red and green on one tree |

| exit | outcome | meaning |
|---|---|---|
| 0 | `verified` | a check that was red before is green, and no other check is worse |
| 1 | `failed` | the checks refuse the work |
| 2 | | the command, a file or a setting cannot be used as given; nothing was done |
| 3 | `budget` | a limit ended the run; what was verified until then is applied |
| 4 | `stuck` | every way was tried; your files are as they were |
| 5 | `provider` | the endpoint of the model cannot serve; `resume` goes on later |
| 6 | `unverified` | the work is done, and nothing executable could judge it |
| 130 | `interrupted` | `resume` goes on, and pays nothing twice |

## The events

Every event has `v` (1), `seq` (from 1, without gaps), `time` (ISO 8601, UTC), `run`, and `type`.
Types and fields are only ever added: pass over what you do not know.
`lane` is a task's id, or `run` for what belongs to the whole.

"""


def events_page() -> str:
    """The text of the page about events and results."""
    return EVENTS + event_rows() + "\n"


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
        f"| `{key.name}`<br>`{key.variable}` | {_escaped(kind_of(key.annotation, key.metadata))} "
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
    """Write the files below the current folder, the repository's."""
    for path, text in ((EXAMPLE, example()), (PAGE, page()), (SCHEMA, text_of(schema())), (EVENTS_PAGE, events_page())):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
