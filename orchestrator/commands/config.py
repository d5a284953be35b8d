"""The command ``config``: which value each key has here and where it comes from, and the schema for editors."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from models.resolve import shown
from orchestrator.arguments import flags_of
from orchestrator.config import Key, keys
from orchestrator.errors import UsageError
from orchestrator.exits import VERIFIED
from orchestrator.layers import load
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.watch import console_on
from tools.secrets import Secrets

HONOURED = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "ORCHESTRATOR_HOME")
"""Variables that count and are no keys."""


def config(options: Namespace) -> int:
    """Carry out the action."""
    actions: dict[str, Callable[[Namespace], int]] = {"show": show, "schema": schema}
    return actions[options.action](options)


def schema(options: Namespace) -> int:
    """Print the schema of the configuration, of one event, or of the result."""
    from orchestrator.formats import event_schema, result_schema
    from orchestrator.schema import schema as config_schema
    from orchestrator.schema import text_of

    made = {"config": config_schema, "event": event_schema, "result": result_schema}
    print(text_of(made[options.what]()), end="")
    return VERIFIED


def show(options: Namespace) -> int:
    """One line for each key: value, and the layer that sets it."""
    rows = [row for row in rows_of(options) if options.all or options.key or row["from"] != "default"]
    variables = [] if options.key else variables_of()
    if options.json:
        print(line_of({"v": 1, "keys": rows, "variables": variables}))
    else:
        print_rows(rows, variables, all_shown=bool(options.all or options.key))
    return VERIFIED


def rows_of(options: Namespace) -> list[dict[str, Any]]:
    """Every wanted key with its value and its place; secrets have stand-ins."""
    loaded = load(project_folder(options.root, state_folder(os.environ)), os.environ, flags_of(options))
    values = loaded.settings.model_dump(mode="json")
    secrets = Secrets("config")
    secrets.learn([os.environ.get("OPENAI_API_KEY", "")])
    return [
        {"key": key.name, "value": secrets.hide_all(value_of(key, values)), "from": loaded.place(key.name)}
        for key in wanted(options.key)
    ]


def wanted(name: str | None) -> list[Key]:
    """The key or the section of a name, else all keys; raises UsageError with the nearest name."""
    every = keys()
    found = [key for key in every if not name or key.name == name or key.name.startswith(f"{name}.")]
    if not found:
        near = get_close_matches(str(name), [key.name for key in every], n=1, cutoff=0.5)
        fix = f"Did you mean {near[0]}?" if near else "See: orchestrator config show --all"
        raise UsageError(f"There is no key {name}.", fix=fix)
    return found


def value_of(key: Key, values: dict[str, Any]) -> Any:
    """The value at a key's path; an address without the name and the password that may stand in it."""
    value: Any = values
    for name in key.path:
        value = value[name]
    return shown(value) if key.path[-1] in ("base_url", "checkpoints") and value else value


def variables_of() -> list[dict[str, str]]:
    """The variables that count and are no keys, where they are set; the key of the endpoint stays hidden."""
    hidden = {"OPENAI_API_KEY": "(set; hidden)"}
    return [
        {"name": name, "value": hidden.get(name, shown(os.environ[name]) if "URL" in name else os.environ[name])}
        for name in HONOURED
        if os.environ.get(name, "").strip()
    ]


def print_rows(rows: list[dict[str, Any]], variables: list[dict[str, str]], *, all_shown: bool) -> None:
    """The lines for people."""
    from rich.table import Table
    from rich.text import Text

    from orchestrator.words import one_line

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("key", "value", "from"):
        table.add_column(title, overflow="fold")
    for row in rows:
        value = "" if row["value"] is None else line_of(row["value"])
        set_here = row["from"] != "default"
        table.add_row(
            row["key"], Text(one_line(value, 200), "bold" if set_here else ""), Text(one_line(row["from"], 200))
        )
    for variable in variables:
        table.add_row(variable["name"], Text(one_line(variable["value"], 200), "bold"), "the environment")
    if table.row_count:
        console_on(sys.stdout).print(table)
    if not all_shown:
        print(f"\n{'The other' if rows else 'All'} keys have their defaults: orchestrator config show --all")
