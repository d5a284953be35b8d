"""The command line: every command and flag once, with the help that teaches it. Imports nothing heavy."""

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from orchestrator.errors import UsageError

DESCRIPTION = """\
Six agents plan, write, review and fix code until executed evidence says that it works,
or a budget ends, and then say so honestly. Your files change only at the very end."""

EPILOG = """\
start here:
  orchestrator doctor                        what is missing, and how to get it
  orchestrator auto "fix the failing tests"  the whole loop in the current folder
  orchestrator show last                     how the last run went

exit codes:
  0 verified   1 failed   2 usage   3 budget   4 stuck   5 provider   6 unverified   130 interrupted

Without --model, the configuration and the environment decide (OPENAI_BASE_URL, OPENAI_API_KEY), then a local
server that answers (Ollama, LM Studio, llama-server), then the embedded model."""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, with a suggestion where a word was nearly right."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print and exit for."""
        if message.startswith("argument COMMAND: invalid choice: "):
            message = self._unknown_command(message)
        raise UsageError(f"{message.removeprefix('argument ')}.", fix=f"See: {self.prog} --help")

    def _unknown_command(self, message: str) -> str:
        wrong = message.split("'")[1] if "'" in message else ""
        near = difflib.get_close_matches(wrong, COMMANDS, n=1, cutoff=0.5)
        return f"there is no command {wrong!r}" + (f", did you mean {near[0]!r}" if near else "")


class Help(argparse.RawDescriptionHelpFormatter):
    """Help as written, in a column that fits 80 signs."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; raises UsageError, and exits by itself only for --help and --version."""
    return _parser().parse_args(argv)


def _parser() -> Parser:
    parser = Parser(
        prog="orchestrator", description=DESCRIPTION, epilog=EPILOG, formatter_class=Help, allow_abbrev=False
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (summary, example, add) in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[:1].upper()}{summary[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=Help,
            allow_abbrev=False,
        )
        add(one)
    return parser


class Version(argparse.Action):
    """Print the installed version; looked up only when it is asked for."""

    def __call__(self, *_: object) -> NoReturn:
        """Print and leave."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"orchestrator {version('opencode-orchestrator')}")
        except PackageNotFoundError:
            print("orchestrator (from a source tree that is not installed)")
        sys.exit(0)


def whole(least: int) -> Callable[[str], int]:
    """A flag's type: a whole number of at least `least`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
        return value

    return read


def positive(text: str) -> float:
    """A flag's type: a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def _for_task(parser: argparse.ArgumentParser) -> None:
    """Flags of the commands that start a run."""
    _for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    parser.add_argument("--check", metavar="CMD", action="append", help="command that must pass in the end; repeatable")
    _for_limits(parser)
    parser.add_argument("--parallel", metavar="N", type=whole(1), help="tasks worked on at a time (default: 2)")
    parser.add_argument(
        "--unsafe", action="store_true", default=None, help="run checks without a sandbox where there is none"
    )
    _for_output(parser)


def _for_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits, checked before every model call")
    limits.add_argument("--max-calls", metavar="N", type=whole(1), help="model calls")
    limits.add_argument("--max-tokens", metavar="N", type=whole(1), help="tokens, prompts and answers together")
    limits.add_argument(
        "--max-cost", metavar="USD", type=positive, help="US dollars; needs prices in the configuration"
    )
    limits.add_argument("--max-seconds", metavar="N", type=positive, help="wall seconds")
    limits.add_argument("--max-task-calls", metavar="N", type=whole(1), help="model calls of one task")


def _for_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="SPEC", help="NAME at the endpoint, local, local:1.5b, the path of a GGUF, or replay:RUN"
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="OpenAI-compatible endpoint, such as http://127.0.0.1:8080/v1"
    )


def _for_output(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument(
        "--headless", action="store_true", default=None, help="never ask; plain lines instead of a live picture"
    )
    output.add_argument(
        "--events", metavar="FILE", help="write every event as a JSON line to FILE, - for standard output"
    )
    output.add_argument(
        "--json", action="store_true", help="print one result object as the last line of standard output"
    )


def _auto(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "request", nargs="?", metavar="TASK", help="what should be done, in plain words; - reads it from standard input"
    )
    parser.add_argument("--plan", metavar="RUN", help="carry out the plan of an earlier `orchestrator plan`")
    parser.add_argument(
        "--no-apply", dest="apply", action="store_false", default=None, help="leave your files alone at the end"
    )
    _for_task(parser)


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "request", metavar="TASK", help="what should be done, in plain words; - reads it from standard input"
    )
    _for_task(parser)


def _fix(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "errors", metavar="ERRORS", help="the errors, such as a compiler's output; - reads them from standard input"
    )
    parser.add_argument(
        "--no-apply", dest="apply", action="store_false", default=None, help="leave your files alone at the end"
    )
    _for_task(parser)


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", help="what to look for, in plain words or `names`")
    _for_one_agent(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "revision", nargs="?", metavar="REV", help="a commit, or A..B; default: what is not committed yet"
    )
    _for_one_agent(parser)


def _for_one_agent(parser: argparse.ArgumentParser) -> None:
    _for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    _for_limits(parser)
    _for_output(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of a run, the first 4 or more signs of it, or `last`")


def _run_json(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    _json(parser)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _show(parser: argparse.ArgumentParser) -> None:
    _run_json(parser)
    parser.add_argument("--svg", metavar="FILE", help="draw the run as a picture into FILE")


def _watch(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    parser.add_argument("--headless", action="store_true", help="plain lines instead of a live picture")


def _report(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    parser.add_argument(
        "--out", metavar="FILE", help="write it there, - for standard output (default: report.html in the run's folder)"
    )


def _runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="all runs, not only the newest 20")
    _json(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    prune = actions.add_parser("prune", help="remove old runs from the disk", formatter_class=Help)
    prune.add_argument("--keep", metavar="N", type=whole(0), help="leave the N newest runs alone")
    prune.add_argument("--older-than", metavar="DAYS", type=positive, help="leave younger runs alone")
    prune.add_argument("--applied", action="store_true", help="also runs whose change is in your files: no undo then")
    prune.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    _json(prune)


def _resume(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    _for_model(parser)
    _for_limits(parser)
    _for_output(parser)


def _rooted(parser: argparse.ArgumentParser) -> None:
    _for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    _json(parser)


def _model(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="models that can be used now", formatter_class=Help)
    _rooted(listed)
    fetch = actions.add_parser("fetch", help="download the embedded model", formatter_class=Help)
    fetch.add_argument("spec", nargs="?", metavar="SPEC", default="local", help="local (0.5B, default) or local:1.5b")
    probe = actions.add_parser("probe", help="ask the chosen model one question", formatter_class=Help)
    _rooted(probe)


def _opencode(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    install = actions.add_parser("install", help="name the plugin in OpenCode's configuration", formatter_class=Help)
    install.add_argument("--plugin", metavar="SPEC", help="another version, or a packed file: file:/path/to.tgz")
    uninstall = actions.add_parser("uninstall", help="take the plugin out again", formatter_class=Help)
    for one in (install, uninstall):
        where = one.add_mutually_exclusive_group()
        where.add_argument("--global", dest="project", action="store_false", help="your own configuration (default)")
        where.add_argument("--project", action="store_true", help="the configuration of this project")
        one.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
        one.add_argument("--dry-run", action="store_true", help="only show what would be changed")
        one.set_defaults(project=False)


def _acp(parser: argparse.ArgumentParser) -> None:
    _for_model(parser)


def _studio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", metavar="N", type=whole(1), default=2024, help="port of the server (default: 2024)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")


def _host(parser: argparse.ArgumentParser) -> None:
    """Nothing: the order comes on standard input."""


def _tools(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="every tool: what it answers, what it takes", formatter_class=Help)
    _json(listed)
    call = actions.add_parser("call", help="call one tool, print what a model would read", formatter_class=Help)
    call.add_argument("name", metavar="TOOL", help="such as search, symbol, repo_map")
    call.add_argument("arguments", metavar="JSON", nargs="?", default="{}", help="one object; - reads standard input")
    serve = actions.add_parser("mcp", help="serve the tools to other agents and editors", formatter_class=Help)
    serve.add_argument("--read-only", action="store_true", help="offer only the tools that change nothing")
    for one in (call, serve):
        one.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")


Adder = Callable[[argparse.ArgumentParser], Any]

COMMANDS: dict[str, tuple[str, str, Adder]] = {
    "auto": (
        "do a task: the whole loop in the current folder",
        'orchestrator auto "add a --json flag to the list command"',
        _auto,
    ),
    "plan": (
        "decompose a task only, and print the plan",
        'orchestrator plan "split the parser into two modules"',
        _plan,
    ),
    "search": (
        "let the searcher alone find the lines that matter",
        'orchestrator search "where are prices rounded"',
        _search,
    ),
    "review": ("let the reviewer alone judge a change", "orchestrator review main..HEAD", _review),
    "fix": ("repair given errors, verified like any change", 'orchestrator fix "$(npx tsc)"', _fix),
    "agents": ("show the team: role, model, tools, permissions", "orchestrator agents", _rooted),
    "runs": ("list runs, the newest first, or prune them", "orchestrator runs prune --keep 20", _runs),
    "show": ("show how a run went", "orchestrator show last --svg run.svg", _show),
    "watch": ("follow a run that another process drives", "orchestrator watch last", _watch),
    "report": ("write a run as one page for a browser", "orchestrator report last --out run.html", _report),
    "diff": ("print what a run changed, as a patch", "orchestrator diff last | git apply --check", _run),
    "resume": (
        "go on with a run that was interrupted, or ended by a limit or its provider; nothing is paid twice",
        "orchestrator resume last --max-calls 600",
        _resume,
    ),
    "cancel": ("interrupt a run that another process drives", "orchestrator cancel last", _run),
    "apply": ("apply the verified change of a run to your files", "orchestrator apply last", _run_json),
    "undo": ("take back what a run applied, byte for byte", "orchestrator undo last", _run_json),
    "model": ("list, fetch or probe models", "orchestrator model fetch local", _model),
    "tools": (
        "use the native tools by themselves, or serve them over MCP",
        """orchestrator tools call search '{"patterns": ["TODO"]}'""",
        _tools,
    ),
    "opencode": ("put the plugin into OpenCode, or take it out", "orchestrator opencode install", _opencode),
    "studio": ("open runs in LangGraph Studio", "orchestrator studio", _studio),
    "acp": ("serve editors that speak the Agent Client Protocol", "orchestrator acp", _acp),
    "host": (
        "carry out one order of another program, in lines of JSON on standard input and output",
        """orchestrator host < pipe   # first line: {"v": 1, "command": "agents"}""",
        _host,
    ),
    "doctor": ("say what is there, what is missing, and the fix", "orchestrator doctor", _rooted),
}
"""Every command: one line of help, an example, and what it takes."""

FLAGS = {
    "model": ("model", "spec"),
    "base_url": ("model", "base_url"),
    "check": ("checks",),
    "max_calls": ("budget", "calls"),
    "max_tokens": ("budget", "tokens"),
    "max_cost": ("budget", "cost"),
    "max_seconds": ("budget", "seconds"),
    "max_task_calls": ("budget", "task_calls"),
    "parallel": ("parallel",),
    "apply": ("apply",),
    "headless": ("headless",),
    "unsafe": ("unsafe",),
}
"""The configuration key that each flag sets."""


def flags_of(options: argparse.Namespace) -> dict[str, Any]:
    """The flags that were given, as a layer of the configuration; what was not given stays unset."""
    values: dict[str, Any] = {}
    for flag, path in FLAGS.items():
        value = getattr(options, flag, None)
        if value is None:
            continue
        section = values
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = value
    model = values.get("model", {})
    if str(model.get("spec", "")).endswith(".gguf"):
        model["spec"] = str(Path(model["spec"]).expanduser().absolute())
    return values
