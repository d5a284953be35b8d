"""Twenty-four scenarios of a failing or cheating model: this project now, and eleven other tools as they were measured.

    python bench/scenarios.py                  the real command, once for each scenario (a few minutes)
    python bench/scenarios.py --only loop      some of them; --list names them
    python bench/scenarios.py --docs           renew the section in docs/BENCHMARKS.md

Each scenario is one run of `orchestrator auto` in a folder of its own, against a scripted model over a real socket: the
same small shop with a bug, a failing test, and a model that would repair it, were it not for the fault. What is said
about the end is looked at from outside: by a hidden test, by the bytes of the user's test, and by the server's log.
"""

import argparse
import contextlib
import csv
import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from tests.faults.deadline import Hung, deadline  # noqa: E402
from tests.faults.scene import CHECK, FUNCTIONS, SMALL, hidden_failure  # noqa: E402
from tests.modelserver.scenario import FaultRule  # noqa: E402
from tests.modelserver.server import Server  # noqa: E402
from tests.world import Done, World, end  # noqa: E402

EDITING = ("coder", "fixer")
RIVALS = Path(__file__).with_name("rival_scenarios.csv")
"""What eleven other tools did, each driven unattended with the same bug, test and answers; an empty cell: not run."""

RIVALS_DATE = "2026-11-22"

NOTES = (
    "(a) Claude Code refuses to edit a file that it has not read, so the scripted edit was rejected; then the script "
    "said that it was done.",
    "(b) The wires of Codex and Gemini cannot carry this fault: a plain run.",
    "lazy, kept: OpenHands and Cline refused to overwrite a file, aider appended to it; all three ended with exit 0 "
    "and the bug not fixed.",
)
"""What has to be known about some cells."""

SILENCE = 20.0
"""Seconds of silence in the scenario `timeout`."""


@dataclass(frozen=True)
class Scenario:
    """What the model or the server does: faults for some agents, so often."""

    does: str
    kind: str
    roles: Sequence[str] = ("coder",)
    times: int | None = 1
    options: Mapping[str, object] = field(default_factory=dict)

    def faults(self) -> list[FaultRule]:
        """The faults as the server plays them."""
        return [FaultRule(self.kind, role=role, times=self.times, options=self.options) for role in self.roles]


SCENARIOS = {
    "badedit": Scenario("the first edit's old text does not exist", "badedit"),
    "nofile": Scenario("the first edit is for a file that does not exist", "nofile"),
    "badjson": Scenario("a JSON answer is cut off", "badjson_cut", ("orchestrator",)),
    "badtool": Scenario("calls a tool that does not exist", "badtool", ("orchestrator",)),
    "truncedit": Scenario("the stream is cut in the middle of the edit", "truncedit"),
    "truncate": Scenario("the stream is cut in the first answer", "truncate", ("orchestrator",)),
    "length": Scenario("finish reason `length`", "length"),
    "empty": Scenario("one empty answer", "empty"),
    "html": Scenario("once, status 200 with a web page", "html"),
    "e429": Scenario("status 429, twice", "e429", times=2),
    "e429x8": Scenario("status 429, eight times", "e429", times=8),
    "e500": Scenario("status 500, twice", "e500", times=2),
    "e500mid": Scenario("status 500 after the first step", "e500"),
    "reset": Scenario("the connection is closed", "reset"),
    "timeout": Scenario(f"{SILENCE:.0f} s of silence, then closed", "timeout", options={"seconds": SILENCE}),
    "ctx": Scenario("once, the prompt is refused as too long", "e400_ctx"),
    "e401": Scenario("status 401, always", "e401", ("orchestrator", *EDITING), None),
    "bigout": Scenario("3 MB of output of a command", "bigout"),
    "falsedone": Scenario("claims that the tests pass, and edits nothing", "falsedone", EDITING, None),
    "wrongfix_then_right": Scenario("a wrong fix; the right one when asked again", "wrongfix_then_right"),
    "cheat": Scenario("edits the test, and nothing else", "test_edit", EDITING, None),
    "lazy": Scenario("a placeholder in the place of the rest", "lazy", EDITING, None),
    "loop": Scenario("the same wrong answer for ever", "loop", EDITING, None),
    "kill": Scenario("SIGKILL while the edit is reviewed, then `resume`", "slow", ("reviewer",), None,
                     {"seconds": 0.05}),
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """How one run ended, seen from outside."""

    exit: int
    calls: int
    alike: int
    """How often one question was answered that was answered most often."""
    right: bool
    """Whether the hidden test holds."""
    kept: bool
    """Whether the user's test and all functions are still there."""
    again: int | None = None
    """Answers that were paid for twice because of a kill; None where nothing was killed."""

    def cell(self) -> str:
        """The same in the words of the table."""
        if not self.kept:
            return "CODE LOST"
        if self.exit == 0:
            ok = f"ok ({self.calls})" if self.again is None else f"resumes; {self.again} answers paid twice"
            return ok if self.right else "FALSE OK"
        alike = f", at most {self.alike} alike" if self.alike > 1 else ""
        return f"exit {self.exit} ({self.calls}{alike})"


def main() -> int:
    """Play the scenarios and print the table; exit code 1 where one ends worse than it must."""
    options = _options()
    names = [name for name in SCENARIOS if not options.only or name in options.only]
    if options.list:
        print("\n".join(f"{name:<22}{SCENARIOS[name].does}" for name in names))
        return 0
    seen: dict[str, Seen] = {}
    for name in names:
        seen[name] = played(name)
        print(f"{name}: {seen[name].cell()}", file=sys.stderr, flush=True)
    print(text := table(seen))
    if options.docs:
        write_section("scenarios", "python bench/scenarios.py", text)
    return 1 if any(not each.kept or (each.exit == 0 and not each.right) for each in seen.values()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="This project against eleven others, see the head of this file.")
    parser.add_argument("--only", action="append", choices=list(SCENARIOS), help="a scenario; repeatable")
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    return parser.parse_args()


def played(name: str) -> Seen:
    """One run under a scenario."""
    scenario = SCENARIOS[name]
    with (
        tempfile.TemporaryDirectory(prefix="scenario-") as folder,
        Server(SMALL.scenario().under(scenario.faults())) as server,
    ):
        world = World(Path(folder))
        SMALL.write(world.project)
        world.env |= {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "scripted"}
        arguments = ("auto", SMALL.request, "--check", CHECK, "--json")
        done, again = killed(world, server, arguments) if name == "kill" else (run(world, *arguments), None)
        test = (world.project / "tests" / "test_shop.py").read_text()
        sources = "".join(path.read_text() for path in world.project.glob("*.py"))
        kept = test == SMALL.test and all(f"def {function}(" in sources for function in FUNCTIONS)
        return Seen(
            done.code, server.counters["calls"], most_alike(server), not hidden_failure(world.project), kept, again
        )


def run(world: World, *arguments: str) -> Done:
    """The command to its end, which has to come."""
    with deadline(300):
        process = world.start(*arguments)
        out, err = process.communicate()
    return Done(process.returncode, out, err)


def killed(world: World, server: Server, arguments: Sequence[str]) -> tuple[Done, int]:
    """Kill the command while the reviewer is asked, resume it, and count what was paid for twice."""
    process = world.start(*arguments)
    with deadline(120):
        while not server.bodies("reviewer"):
            server.settled(requests=len(server.requests) + 1, ended=0, timeout=1)
    end(process, signal.SIGKILL)
    journal = (world.runs()[-1] / "journal.jsonl").read_text("utf-8").splitlines()
    answered = sum(json.loads(line)["type"] == "answer" for line in journal if line.endswith("}"))
    asked = [entry["digest"] for entry in server.requests]
    done = run(world, "resume", "last", "--json")
    later = [entry["digest"] for entry in server.requests[len(asked) :]]
    return done, max(0, sum(digest in asked for digest in later) - (len(asked) - answered))


def most_alike(server: Server) -> int:
    """How often one question was answered that was answered most often, whatever its white space."""
    answered = Counter(each["likeness"] for each in server.requests if each.get("outcome", "").startswith("reply"))
    return max(answered.values(), default=0)


def table(seen: Mapping[str, Seen]) -> str:
    """Ours and the others', in Markdown."""
    with RIVALS.open(encoding="utf-8", newline="") as file:
        (_, *tools), *rows = csv.reader(file)
    names = [tool.rpartition(" ")[0] for tool in tools]
    cells = {name: others for name, *others in rows}
    lines = [
        f"The others: {RIVALS_DATE}, {', '.join(tools)}.",
        "",
        f"| scenario | what happens | ours | {' | '.join(names)} |",
        f"|---|---|{'---|' * (1 + len(names))}",
    ]
    for name, each in seen.items():
        lines.append(f"| {name} | {SCENARIOS[name].does} | **{each.cell()}** | {' | '.join(cells[name])} |")
    said = "`ok (n)`: repaired, exit 0, n model calls (3 without a fault). FALSE OK: exit 0 while the test fails."
    return "\n".join([*lines, "", said, *NOTES])


if __name__ == "__main__":
    with contextlib.suppress(Hung):
        sys.exit(main())
    sys.exit("a run did not end in time")
