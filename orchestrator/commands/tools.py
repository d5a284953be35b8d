"""The command ``tools``: the native tools by themselves, for other agents, for scripts and for trying them out."""

import json
import os
import sys
from argparse import Namespace
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.exits import FAILED, VERIFIED
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.version import installed_version
from tools.catalogue import TOOLS, AnyTool, answered
from tools.catalogue.tool import Arguments
from tools.workbench import Workbench, open_workbench
from workspace.protected import why_untouchable


def tools(options: Namespace) -> int:
    """Carry out the action."""
    actions = {"list": listing, "call": calling, "mcp": serving}
    return actions[options.action](options)


def listing(options: Namespace) -> int:
    """Every tool with what it takes."""
    if options.json:
        tools = [{"name": t.name, "about": t.summary, "writes": t.writes, "arguments": t.schema()} for t in TOOLS]
        print(line_of({"v": 1, "tools": tools}))
        return VERIFIED
    for tool in TOOLS:
        print(f"{tool.name:<19}{tool.summary}")
        print(f"{'':<19}takes: {', '.join(told(tool.arguments))}")
    print("""\nTo try one: orchestrator tools call search '{"patterns": "TODO", "paths": "src/**"}'""")
    return VERIFIED


def told(arguments: type[Arguments]) -> list[str]:
    """The names of what a tool takes; what it can do without stands in brackets."""
    fields = arguments.model_fields.items()
    return [name if field.is_required() else f"[{name}]" for name, field in fields]


def calling(options: Namespace) -> int:
    """Call one tool and print what a model would see."""
    answer = answered(workbench(options), TOOLS, options.name, arguments_of(options.arguments))
    print(
        answer.text, end="" if answer.text.endswith("\n") else "\n", file=sys.stderr if answer.refused else sys.stdout
    )
    return FAILED if answer.refused else VERIFIED


def serving(options: Namespace) -> int:
    """Serve the tools over standard input and output until the client hangs up."""
    try:
        from orchestrator.tool_server import serve
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("mcp"):
            raise
        raise UsageError(
            "The Model Context Protocol's package is not installed.", fix="pip install 'opencode-orchestrator[mcp]'"
        ) from None
    serve(workbench(options), offered(options), installed_version())
    return VERIFIED


def offered(options: Namespace) -> list[AnyTool]:
    """What is offered: everything, or what only looks."""
    return [tool for tool in TOOLS if not (options.read_only and tool.writes)]


def workbench(options: Namespace) -> Workbench:
    """The folder that was asked for, indexed."""
    home = state_folder(os.environ)
    return open_workbench(project_folder(options.root, home), journals=home / "edits", protected=why_untouchable)


def arguments_of(text: str) -> dict[str, Any]:
    """A tool's arguments from the command line; ``-`` reads them from standard input."""
    try:
        arguments = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as fault:
        raise UsageError(f"The arguments are no JSON: {fault}.", fix="""Such as: '{"patterns": ["TODO"]}'""") from None
    if not isinstance(arguments, dict):
        raise UsageError("The arguments must be one JSON object.", fix="""Such as: '{"patterns": ["TODO"]}'""")
    return arguments
