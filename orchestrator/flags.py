"""What each command takes on the command line, flag by flag. Imports nothing heavy."""

import argparse
from collections.abc import Callable


class Help(argparse.RawDescriptionHelpFormatter):
    """Help as written, in a column that fits 80 signs."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)


def example(line: str) -> str:
    """The end of a help text: a line that can be copied."""
    return f"example:\n  orchestrator {line}"


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


def for_task(parser: argparse.ArgumentParser) -> None:
    """Flags of the commands that start a run."""
    for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    parser.add_argument("--check", metavar="CMD", action="append", help="command that must pass in the end; repeatable")
    for_limits(parser)
    parser.add_argument("--parallel", metavar="N", type=whole(1), help="tasks worked on at a time (default: 2)")
    parser.add_argument(
        "--unsafe", action="store_true", default=None, help="run checks without a sandbox where there is none"
    )
    for_output(parser)


def for_limits(parser: argparse.ArgumentParser) -> None:
    """Limits of a run."""
    limits = parser.add_argument_group("limits, checked before every model call")
    limits.add_argument("--max-calls", metavar="N", type=whole(1), help="model calls")
    limits.add_argument("--max-tokens", metavar="N", type=whole(1), help="tokens, prompts and answers together")
    limits.add_argument(
        "--max-cost", metavar="USD", type=positive, help="US dollars; needs prices in the configuration"
    )
    limits.add_argument("--max-seconds", metavar="N", type=positive, help="wall seconds")
    limits.add_argument("--max-task-calls", metavar="N", type=whole(1), help="model calls of one task")


def for_model(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    parser.add_argument(
        "--model", metavar="SPEC", help="NAME at the endpoint, local, local:1.5b, the path of a GGUF, or replay:RUN"
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="OpenAI-compatible endpoint, such as http://127.0.0.1:8080/v1"
    )


def for_output(parser: argparse.ArgumentParser) -> None:
    """Where the output goes."""
    output = parser.add_argument_group("output")
    output.add_argument(
        "--headless", action="store_true", default=None, help="never ask; plain lines instead of a live picture"
    )
    manner(output)
    output.add_argument(
        "--events", metavar="FILE", help="write every event as a JSON line to FILE, - for standard output"
    )
    output.add_argument(
        "--json", action="store_true", help="print one result object as the last line of standard output"
    )


def manner(parser: argparse._ActionsContainer) -> None:
    """How much is said on the way."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quiet", dest="manner", action="store_const", const="quiet", help="say only how it ended")
    how.add_argument(
        "--verbose", dest="manner", action="store_const", const="verbose", help="plain lines with all that events say"
    )


def auto(parser: argparse.ArgumentParser) -> None:
    """What ``auto`` takes."""
    parser.add_argument(
        "request", nargs="?", metavar="TASK", help="what should be done, in plain words; - reads it from standard input"
    )
    parser.add_argument("--plan", metavar="RUN", help="carry out the plan of an earlier `orchestrator plan`")
    for_change(parser)
    for_task(parser)


def for_change(parser: argparse.ArgumentParser) -> None:
    """What is asked before, and done with, a change."""
    parser.add_argument(
        "--no-apply", dest="apply", action="store_false", default=None, help="leave your files alone at the end"
    )
    parser.add_argument("--approve-plan", action="store_true", default=None, help="ask before a plan is carried out")
    parser.add_argument("--approve-apply", action="store_true", default=None, help="ask before a change is applied")


def plan(parser: argparse.ArgumentParser) -> None:
    """What ``plan`` takes."""
    parser.add_argument(
        "request", metavar="TASK", help="what should be done, in plain words; - reads it from standard input"
    )
    for_task(parser)


def fix(parser: argparse.ArgumentParser) -> None:
    """What ``fix`` takes."""
    parser.add_argument(
        "errors", metavar="ERRORS", help="the errors, such as a compiler's output; - reads them from standard input"
    )
    for_change(parser)
    for_task(parser)


def search(parser: argparse.ArgumentParser) -> None:
    """What ``search`` takes."""
    parser.add_argument("what", metavar="WHAT", help="what to look for, in plain words or `names`")
    for_one_agent(parser)


def review(parser: argparse.ArgumentParser) -> None:
    """What ``review`` takes."""
    parser.add_argument(
        "revision", nargs="?", metavar="REV", help="a commit, or A..B; default: what is not committed yet"
    )
    for_one_agent(parser)


def for_one_agent(parser: argparse.ArgumentParser) -> None:
    """What the commands of one agent take."""
    for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    for_limits(parser)
    for_output(parser)


def run(parser: argparse.ArgumentParser) -> None:
    """A run by name."""
    parser.add_argument("run", metavar="RUN", help="id of a run, the first 4 or more signs of it, or `last`")


def run_json(parser: argparse.ArgumentParser) -> None:
    """A run by name, told as JSON where wanted."""
    run(parser)
    json(parser)


def json(parser: argparse.ArgumentParser) -> None:
    """JSON instead of text."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def show(parser: argparse.ArgumentParser) -> None:
    """What ``show`` takes."""
    run_json(parser)
    parser.add_argument("--svg", metavar="FILE", help="draw the run as a picture into FILE")
    parser.add_argument("--play", action="store_true", help="show the run again as it happened, long pauses cut short")
    parser.add_argument("--speed", metavar="X", type=positive, default=1.0, help="how fast (default: 1)")
    parser.add_argument("--cast", metavar="FILE", help="record that for asciinema into FILE, - for standard output")
    parser.add_argument("--film", metavar="FILE", help="draw that as a moving SVG into FILE")


def watch(parser: argparse.ArgumentParser) -> None:
    """What ``watch`` takes."""
    run(parser)
    parser.add_argument("--headless", action="store_true", help="plain lines instead of a live picture")
    manner(parser)


def report(parser: argparse.ArgumentParser) -> None:
    """What ``report`` takes."""
    run(parser)
    parser.add_argument(
        "--out", metavar="FILE", help="write it there, - for standard output (default: report.html in the run's folder)"
    )


def runs(parser: argparse.ArgumentParser) -> None:
    """What ``runs`` takes."""
    parser.add_argument("--all", action="store_true", help="all runs, not only the newest 20")
    json(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    prune = actions.add_parser(
        "prune", help="remove old runs from the disk", formatter_class=Help, epilog=example("runs prune --keep 20")
    )
    prune.add_argument("--keep", metavar="N", type=whole(0), help="leave the N newest runs alone")
    prune.add_argument("--older-than", metavar="DAYS", type=positive, help="leave younger runs alone")
    prune.add_argument("--applied", action="store_true", help="also runs whose change is in your files: no undo then")
    prune.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    json(prune)
    compare = actions.add_parser(
        "compare",
        help="two runs side by side: where they part",
        formatter_class=Help,
        epilog=example("runs compare 1a2b last"),
    )
    for name in ("a", "b"):
        compare.add_argument(name, metavar=name.upper(), help="id of a run, the first 4 or more signs of it, or `last`")
    compare.add_argument("--diff", action="store_true", help="print all of the difference between their last trees")
    json(compare)
    serve = actions.add_parser(
        "serve", help="show runs in a browser, live", formatter_class=Help, epilog=example("runs serve")
    )
    serve.add_argument("--port", metavar="N", type=whole(0), default=0, help="port on 127.0.0.1 (default: a free one)")
    serve.add_argument("--no-browser", action="store_true", help="open no browser")


def resume(parser: argparse.ArgumentParser) -> None:
    """What ``resume`` takes."""
    run(parser)
    parser.add_argument(
        "--answer", metavar="TEXT", help="answer what the run waits for: yes, no, or words (what should be different)"
    )
    for_model(parser)
    for_limits(parser)
    for_output(parser)


def fork(parser: argparse.ArgumentParser) -> None:
    """What ``fork`` takes."""
    run(parser)
    parser.add_argument("--at", metavar="STEP", help="go on from here: a number, LANE:AGENT:VISIT, or LANE:ATTEMPT")
    parser.add_argument("--steps", action="store_true", help="list the steps of the run, and fork nothing")
    for_model(parser)
    parser.add_argument("--agent-model", metavar="ROLE=NAME", action="append", help="model of one agent; repeatable")
    parser.add_argument("--prompt", metavar="ROLE=FILE", action="append", help="prompt of one agent; repeatable")
    parser.add_argument(
        "--no-apply", dest="apply", action="store_false", default=None, help="leave your files alone at the end"
    )
    for_limits(parser)
    for_output(parser)


def rooted(parser: argparse.ArgumentParser) -> None:
    """A folder, and which model."""
    for_model(parser)
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    json(parser)


def model(parser: argparse.ArgumentParser) -> None:
    """What ``model`` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser(
        "list", help="models that can be used now", formatter_class=Help, epilog=example("model list")
    )
    rooted(listed)
    fetch = actions.add_parser(
        "fetch", help="download the embedded model", formatter_class=Help, epilog=example("model fetch local")
    )
    fetch.add_argument("spec", nargs="?", metavar="SPEC", default="local", help="local (0.5B, default) or local:1.5b")
    probe = actions.add_parser(
        "probe",
        help="ask the chosen model one question",
        formatter_class=Help,
        epilog=example("model probe --base-url http://127.0.0.1:11434/v1"),
    )
    rooted(probe)


def opencode(parser: argparse.ArgumentParser) -> None:
    """What ``opencode`` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    install = actions.add_parser(
        "install",
        help="name the plugin in OpenCode's configuration",
        formatter_class=Help,
        epilog=example("opencode install --dry-run"),
    )
    install.add_argument("--plugin", metavar="SPEC", help="another version, or a packed file: file:/path/to.tgz")
    uninstall = actions.add_parser(
        "uninstall", help="take the plugin out again", formatter_class=Help, epilog=example("opencode uninstall")
    )
    for one in (install, uninstall):
        where = one.add_mutually_exclusive_group()
        where.add_argument("--global", dest="project", action="store_false", help="your own configuration (default)")
        where.add_argument("--project", action="store_true", help="the configuration of this project")
        one.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
        one.add_argument("--dry-run", action="store_true", help="only show what would be changed")
        one.set_defaults(project=False)


def acp(parser: argparse.ArgumentParser) -> None:
    """What ``acp`` takes."""
    for_model(parser)


def studio(parser: argparse.ArgumentParser) -> None:
    """What ``studio`` takes."""
    parser.add_argument("--port", metavar="N", type=whole(1), default=2024, help="port of the server (default: 2024)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")


def init(parser: argparse.ArgumentParser) -> None:
    """What ``init`` takes."""
    parser.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
    parser.add_argument("--force", action="store_true", help="replace a configuration that is there")
    parser.add_argument(
        "--schema", metavar="REF", help="address or path of the schema for editors (default: the installed package's)"
    )


def config(parser: argparse.ArgumentParser) -> None:
    """What ``config`` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser(
        "show",
        help="value and origin of each key; secrets are hidden",
        formatter_class=Help,
        epilog=example("config show --all"),
    )
    show.add_argument("key", nargs="?", metavar="KEY", help="a key or a section, such as model.retry (default: all)")
    show.add_argument("--all", action="store_true", help="also the keys that have their defaults")
    rooted(show)
    schema = actions.add_parser(
        "schema",
        help="print a JSON Schema: of orchestrator.jsonc, of one event, of the result",
        formatter_class=Help,
        epilog=example("config schema > orchestrator.schema.json"),
    )
    schema.add_argument(
        "what", nargs="?", choices=("config", "event", "result"), default="config", help="of what (default: config)"
    )


def completion(parser: argparse.ArgumentParser) -> None:
    """What ``completion`` takes."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that is to complete")


def host(parser: argparse.ArgumentParser) -> None:
    """Nothing: the order comes on standard input."""


def tools(parser: argparse.ArgumentParser) -> None:
    """What ``tools`` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser(
        "list", help="every tool: what it answers, what it takes", formatter_class=Help, epilog=example("tools list")
    )
    json(listed)
    call = actions.add_parser(
        "call",
        help="call one tool, print what a model would read",
        formatter_class=Help,
        epilog=example("""tools call search '{"patterns": ["TODO"]}'"""),
    )
    call.add_argument("name", metavar="TOOL", help="such as search, symbol, repo_map")
    call.add_argument("arguments", metavar="JSON", nargs="?", default="{}", help="one object; - reads standard input")
    serve = actions.add_parser(
        "mcp",
        help="serve the tools to other agents and editors",
        formatter_class=Help,
        epilog=example("tools mcp --read-only"),
    )
    serve.add_argument("--read-only", action="store_true", help="offer only the tools that change nothing")
    for one in (call, serve):
        one.add_argument("--root", metavar="DIR", default=".", help="project folder (default: the current one)")
