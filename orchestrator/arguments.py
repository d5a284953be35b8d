"""The command line: every command and flag once, with the help that teaches it. Imports nothing heavy."""

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from orchestrator import flags, fleet_flags
from orchestrator.errors import UsageError
from orchestrator.version import installed_version

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


GROUPS = {
    "work": ("auto", "plan", "fix", "search", "review"),
    "go on, or back": ("resume", "fork", "cancel", "apply", "undo"),
    "look": ("runs", "show", "watch", "report", "diff"),
    "many at once": ("batch", "worker"),
    "set up": ("doctor", "init", "config", "model", "agents", "completion"),
    "elsewhere": ("opencode", "acp", "studio", "tools", "host"),
}
"""Commands by what a person wants; the help lists them so, and those that are in no group at the end."""


class Help(flags.Help):
    """The help of the whole: commands in groups."""

    def _format_action(self, action: argparse.Action) -> str:
        if not isinstance(action, argparse._SubParsersAction):
            return super()._format_action(action)
        listed = {one.dest: one for one in action._get_subactions()}
        grouped = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, "more": tuple(name for name in listed if name not in grouped)}
        lines = []
        for title, names in groups.items():
            if names:
                lines.append(f"  {title}\n")
                self._indent()
                lines += [super(Help, self)._format_action(listed[name]) for name in names]
                self._dedent()
        return "".join(lines)


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, with a suggestion where a word was nearly right."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print and exit for."""
        if message.startswith("argument COMMAND: invalid choice: "):
            message = self._unknown_command(message)
        elif message.endswith(" required: ACTION"):
            message = f"{message} ({' or '.join(self._actions_of())})"
        raise UsageError(f"{message.removeprefix('argument ')}.", fix=f"See: {self.prog} --help")

    def _actions_of(self) -> list[str]:
        return [name for action in self._actions if action.dest == "action" for name in action.choices or ()]

    def _unknown_command(self, message: str) -> str:
        wrong = message.split("'")[1] if "'" in message else ""
        near = difflib.get_close_matches(wrong, COMMANDS, n=1, cutoff=0.5)
        return f"there is no command {wrong!r}" + (f", did you mean {near[0]!r}" if near else "")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; raises UsageError, and exits by itself only for --help and --version."""
    return whole_parser().parse_args(argv)


def whole_parser() -> Parser:
    """The parser of every command and action, from which help, completion, manual and reference are made."""
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
            formatter_class=flags.Help,
            allow_abbrev=False,
        )
        add(one)
    return parser


class Version(argparse.Action):
    """Print the installed version; looked up only when it is asked for."""

    def __call__(self, *_: object) -> NoReturn:
        """Print and leave."""
        print(f"orchestrator {installed_version() or '(from a source tree that is not installed)'}")
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
    "runs": ("list runs, the newest first, compare or prune them", "orchestrator runs compare 4f2a last", flags.runs),
    "show": ("show how a run went", "orchestrator show last --svg run.svg", flags.show),
    "watch": ("follow a run that another process drives", "orchestrator watch last", flags.watch),
    "report": ("write a run as one page for a browser", "orchestrator report last --out run.html", flags.report),
    "diff": ("print what a run changed, as a patch", "orchestrator diff last | git apply --check", flags.run),
    "resume": (
        "go on with a run that was interrupted, or ended by a limit or its provider; nothing is paid twice",
        "orchestrator resume last --max-calls 600",
        flags.resume,
    ),
    "fork": (
        "go on otherwise from a step of a run: another model, prompt or limit; what came before costs nothing",
        "orchestrator fork last --at t1:fixer:1 --agent-model fixer=gpt-4o",
        flags.fork,
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
        fleet_flags.batch,
    ),
    "worker": ("carry out what batches ask for", "orchestrator worker --slots 4", fleet_flags.worker),
    "opencode": ("put the plugin into OpenCode, or take it out", "orchestrator opencode install", flags.opencode),
    "studio": ("open runs in LangGraph Studio", "orchestrator studio", flags.studio),
    "acp": ("serve editors that speak the Agent Client Protocol", "orchestrator acp", flags.acp),
    "host": (
        "carry out one order of another program, in lines of JSON on standard input and output",
        """orchestrator host < pipe   # first line: {"v": 1, "command": "agents"}""",
        flags.host,
    ),
    "config": ("show every setting and where it comes from", "orchestrator config show budget", flags.config),
    "completion": (
        "print the completion script of a shell",
        "orchestrator completion bash > ~/.local/share/bash-completion/completions/orchestrator",
        flags.completion,
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
