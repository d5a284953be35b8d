"""The command ``init``: a configuration to begin with, from what the project shows."""

import json
import os
from argparse import Namespace
from pathlib import Path

from orchestrator.errors import UsageError
from orchestrator.layers import FILE
from orchestrator.project import project_folder, state_folder
from orchestrator.schema import schema_file
from orchestrator.words import clean
from workspace.detect import detect
from workspace.records import atomic_write

TEXT = """\
// Settings of this project; `orchestrator agents` and `orchestrator doctor` say what holds.
// Every key, with its meaning and default: docs/CONFIGURATION.md.
{{
  // Completion and meanings in editors; for a team: orchestrator config schema > orchestrator.schema.json
  "$schema": {schema},
  // Commands that must pass in the end.{found}
  {checks},
  "budget": {{
    // Most model calls of one run.
    "calls": 300,
  }},
  // A model of its own for one agent, at the same endpoint.
  "agents": {{
    // "coder": {{ "model": "qwen2.5-coder:32b" }},
  }},
}}
"""


def init(options: Namespace) -> int:
    """Write the file; one that is there stays, unless it may be replaced."""
    root = project_folder(options.root, state_folder(os.environ))
    path = root / FILE
    if path.exists() and not options.force:
        raise UsageError(f"{path} is there already.", fix="Edit it, or replace it with --force.")
    try:
        atomic_write(path, text_for(root, options.schema or schema_file().as_uri()).encode("utf-8"))
    except OSError as fault:
        raise UsageError(f"{path} cannot be written ({fault.strerror}).", fix="Nothing was changed.") from None
    print(clean(f"written: {path}\nnext: orchestrator doctor"))
    return 0


def text_for(root: Path, schema: str) -> str:
    """The configuration for a project: the checks that it shows, or where to name them; `schema` is for editors."""
    commands = [check["command"] for check in detect(root, root=root)]
    found = "These were found; without the line they are found again each time."
    return TEXT.format(
        schema=json.dumps(schema),
        found=f" {found if commands else 'None was found: without one the work can only be unverified.'}",
        checks=f'"checks": {json.dumps(commands, ensure_ascii=False)}',
    )
