"""The command ``agents``: the team as it would work in this folder."""

import os
import sys
from argparse import Namespace

from models.errors import ModelError
from models.resolve import resolve
from nodes.roles import ROLES
from orchestrator.arguments import flags_of
from orchestrator.config import Settings, stored
from orchestrator.layers import load
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.watch import console_on


def agents(options: Namespace) -> int:
    """One line for each agent: role, model, tools, permissions."""
    home = state_folder(os.environ)
    root = project_folder(options.root, home)
    settings = load(root, os.environ, flags_of(options)).settings
    model, reason = chosen_model(settings)
    rows = [row(name, settings, model) for name in ROLES]
    if options.json:
        print(line_of({"v": 1, "model": model, "reason": reason, "agents": rows}))
        return 0
    print_table(rows)
    print(f"\nmodel: {reason}")
    return 0


def chosen_model(settings: Settings) -> tuple[str, str]:
    """The run's model and why it is this one; no model is no reason to hide the team."""
    try:
        resolved = resolve(None, None, stored(settings), os.environ, state_folder(os.environ))
    except ModelError as fault:
        return "none", str(fault)
    return resolved.name, resolved.reason


def row(name: str, settings: Settings, model: str) -> dict[str, object]:
    """One agent as a record."""
    role, own = ROLES[name], getattr(settings.agents, name)
    return {
        "agent": role.name,
        "purpose": role.purpose,
        "model": own.model or model,
        "fallbacks": settings.model.fallbacks if own.fallbacks is None else own.fallbacks,
        "temperature": own.temperature if own.temperature is not None else settings.model.temperature,
        "tools": list(role.tools),
        "writes": role.writes,
    }


def print_table(rows: list[dict[str, object]]) -> None:
    """The team for people."""
    from rich.table import Table
    from rich.text import Text

    from orchestrator.words import one_line

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("agent", "does", "model", "tools", "writes source"):
        table.add_column(title, overflow="fold")
    for one in rows:
        tools, fallbacks = one["tools"], one["fallbacks"]
        models = ", then ".join([str(one["model"]), *(fallbacks if isinstance(fallbacks, list) else [])])
        table.add_row(
            Text(str(one["agent"]), "bold"),
            str(one["purpose"]),
            Text(one_line(models, 60)),
            ", ".join(tools) if isinstance(tools, list) else "",
            Text("yes, in its lane", "yellow") if one["writes"] else Text("no", "green"),
        )
    console_on(sys.stdout).print(table)
