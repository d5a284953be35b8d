"""Start the model server from a shell, to rehearse a set-up against a scripted model.

    python -m tests.modelserver --scenario sample --fault e429
    python -m tests.modelserver --scenario FILE.json --as ollama --context 4096
    python -m tests.modelserver --list

It prints the address, a line for each request, and at the end (Ctrl-C, SIGTERM, --life) the counts. With --json each of
the three is an object on a line of its own.
"""

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.modelserver.catalogue import in_order
from tests.modelserver.dialects import DIALECTS
from tests.modelserver.load import find, names
from tests.modelserver.log import Entry
from tests.modelserver.request import ROLES
from tests.modelserver.scenario import FaultRule
from tests.modelserver.server import Server

LOG_SECONDS = 5.0
"""How long the end may wait for the last requests to be logged."""

DEFAULT = "sample"
"""The scenario that is played when none is named: it repairs the sample project."""


def main() -> int:
    """Serve the scenarios until told to stop; returns the exit code."""
    given = _arguments().parse_args()
    if given.list:
        print(listing())
        return 0
    try:
        faults = [_fault(kind, given) for kind in given.fault]
        found = [each for name in given.scenario or [DEFAULT] for each in find(name)]
        scenarios = [each.under(faults, seed=given.seed, context=given.context) for each in found]
        server = Server(
            scenarios, port=given.port, log=given.log, life=given.life, dialect=given.kind, tell=_teller(given.json)
        )
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), server:
        _say_ready(server, as_json=given.json)
        if given.until_eof:
            threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        server.wait()
    server.settled(requests=0, ended=len(server.requests), timeout=LOG_SECONDS)
    _say_counts(server, as_json=given.json)
    return 0


def listing() -> str:
    """Return the scenarios with a name, the kinds of servers, and every fault with its ways and options."""
    lines = ["scenarios: " + ", ".join(names()), "servers: " + ", ".join(DIALECTS), "faults:"]
    for each in in_order():
        lines.append(f"  {each.id:<4}{each.name:<20}{each.summary}")
        ways = [how for how in each.hows if how]
        options = sorted(each.options - {"how"})
        lines += [f"  {'':<24}ways: {', '.join(ways)}"] if ways else []
        lines += [f"  {'':<24}options: {', '.join(options)}"] if options else []
    return "\n".join(lines)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.modelserver", description="A scripted OpenAI-wire model server on 127.0.0.1."
    )
    add = parser.add_argument
    add("--scenario", action="append", default=[], metavar="FILE|NAME", help=f"repeatable; {DEFAULT} if none is given")
    add("--list", action="store_true", help="list scenarios, kinds of servers and faults, and end")
    add("--fault", action="append", default=[], metavar="KIND", help="a fault by id or name, as T7, think:only, E8+T15")
    add("--role", choices=ROLES, default="", help="the agent that meets the faults; any if none is given")
    add("--rate", type=float, default=1.0, help="how likely a fault strikes a request (1)")
    add(
        "--times",
        type=int,
        help="how often each fault strikes in all; 1, or without a limit at a rate below 1; 0 is no limit",
    )
    add("--after", type=int, default=0, metavar="N", help="spare the first N different requests")
    add("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the faults, as limit=2000")
    add("--seed", type=int, help="seed of every draw")
    add(
        "--as", dest="kind", choices=list(DIALECTS), default="openai", help="the kind of server that is played (openai)"
    )
    add("--context", type=int, metavar="TOKENS", help="how long a prompt the model can hold")
    add("--port", type=int, default=0, help="port on 127.0.0.1; a free one if none is given")
    add("--log", type=Path, metavar="FILE", help="write every request to this file, one JSON object a line")
    add("--life", type=float, metavar="SECONDS", help="end by itself after so long")
    add("--until-eof", action="store_true", help="end when standard input does")
    add("--json", action="store_true", help="print objects instead of text")
    return parser


def _fault(kind: str, given: argparse.Namespace) -> FaultRule:
    times = given.times if given.times is not None else (1 if given.rate >= 1 else 0)
    options = dict(_option(each) for each in given.option)
    return FaultRule(kind, role=given.role, times=times or None, rate=given.rate, options=options, after=given.after)


def _option(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--option {text} must be NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _teller(as_json: bool) -> Callable[[Entry], None]:
    def tell(entry: Entry) -> None:
        said = {name: value for name, value in entry.items() if name != "body"}
        print(json.dumps(said) if as_json else _line(entry), flush=True)

    return tell


def _line(entry: Entry) -> str:
    """Return a request in one line: number, role, rule, fault, what it got, tokens, time, and what is odd about it."""
    tokens = f"{entry['prompt_tokens']}+{entry['completion_tokens']} tokens" if "prompt_tokens" in entry else ""
    odd = [f"sent {entry['sent_before'] + 1} times"] if entry["sent_before"] else []
    odd += ["client went away"] if entry["hung_up"] else []
    taken = 1000 * (entry["ended"] - entry["time"])
    cells = (
        f"{entry['order'] + 1:>4}",
        f"{entry['role'] or '-':<13}",
        f"{entry.get('rule') or '-':<20}",
        f"{entry.get('fault') or '-':<16}",
        f"{entry.get('outcome', ''):<20}",
        f"{tokens:<18}",
        f"{taken:.0f} ms",
        ", ".join(odd),
    )
    return " ".join(cells).rstrip()


def _say_ready(server: Server, *, as_json: bool) -> None:
    models = sorted(server.scenarios)
    if as_json:
        print(json.dumps({"base_url": server.base_url, "models": models}), flush=True)
    else:
        print(f"{server.base_url}  models: {', '.join(models)}  (as {server.dialect.name}; Ctrl-C ends it)", flush=True)


def _say_counts(server: Server, *, as_json: bool) -> None:
    counts = {name: count for name, count in sorted(server.counters.items()) if count}
    print(
        json.dumps({"counters": counts}) if as_json else "\n".join(f"{n:<24}{c}" for n, c in counts.items()), flush=True
    )


def _stop_at_end_of_input(server: Server) -> None:
    sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    sys.exit(main())
