"""The command line: every command and flag once, with the help that teaches it. Imports nothing heavy."""

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from orchestrator import flags
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


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; raises UsageError, and exits by itself only for --help and --version."""
    return _parser().parse_args(argv)


def _parser() -> Parser:
    parser = Parser(
        prog="orchestrator", description=DESCRIPTION, epilog=EPILOG, formatter_class=flags.Help, allow_abbrev=False
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (summary, example, add) in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[:1].upper()}{summary[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=flags.Help,
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


Adder = Callable[[argparse.ArgumentParser], Any]

COMMANDS: dict[str, tuple[str, str, Adder]] = {
    "auto": (
        "do a task: the whole loop in the current folder",
        'orchestrator auto "add a --json flag to the list command"',
        flags.auto,
    ),
    "plan": (
        "decompose a task only, and print the plan",
        'orchestrator plan "split the parser into two modules"',
        flags.plan,
    ),
    "search": (
        "let the searcher alone find the lines that matter",
        'orchestrator search "where are prices rounded"',
        flags.search,
    ),
    "review": ("let the reviewer alone judge a change", "orchestrator review main..HEAD", flags.review),
    "fix": ("repair given errors, verified like any change", 'orchestrator fix "$(npx tsc)"', flags.fix),
    "agents": ("show the team: role, model, tools, permissions", "orchestrator agents", flags.rooted),
    "runs": ("list runs, the newest first, or prune them", "orchestrator runs prune --keep 20", flags.runs),
    "show": ("show how a run went", "orchestrator show last --svg run.svg", flags.show),
    "watch": ("follow a run that another process drives", "orchestrator watch last", flags.watch),
    "report": ("write a run as one page for a browser", "orchestrator report last --out run.html", flags.report),
    "diff": ("print what a run changed, as a patch", "orchestrator diff last | git apply --check", flags.run),
    "resume": (
        "go on with a run that was interrupted, or ended by a limit or its provider; nothing is paid twice",
        "orchestrator resume last --max-calls 600",
        flags.resume,
    ),
    "cancel": ("interrupt a run that another process drives", "orchestrator cancel last", flags.run),
    "apply": ("apply the verified change of a run to your files", "orchestrator apply last", flags.run_json),
    "undo": ("take back what a run applied, byte for byte", "orchestrator undo last", flags.run_json),
    "model": ("list, fetch or probe models", "orchestrator model fetch local", flags.model),
    "tools": (
        "use the native tools by themselves, or serve them over MCP",
        """orchestrator tools call search '{"patterns": ["TODO"]}'""",
        flags.tools,
    ),
    "batch": (
        "do many tasks from a file, on this machine or in a fleet; or see to a batch that was submitted",
        "orchestrator batch tasks.jsonl",
        flags.batch,
    ),
    "worker": ("carry out what batches ask for", "orchestrator worker --slots 4", flags.worker),
    "opencode": ("put the plugin into OpenCode, or take it out", "orchestrator opencode install", flags.opencode),
    "studio": ("open runs in LangGraph Studio", "orchestrator studio", flags.studio),
    "acp": ("serve editors that speak the Agent Client Protocol", "orchestrator acp", flags.acp),
    "host": (
        "carry out one order of another program, in lines of JSON on standard input and output",
        """orchestrator host < pipe   # first line: {"v": 1, "command": "agents"}""",
        flags.host,
    ),
    "init": ("write a configuration to begin with", "orchestrator init", flags.init),
    "doctor": ("say what is there, what is missing, and the fix", "orchestrator doctor", flags.rooted),
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
    "approve_plan": ("approve_plan",),
    "approve_apply": ("approve_apply",),
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
