"""How much a run says: nothing but its end, everything, and no colour where none is wanted."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable

from tests.faults.scene import CHECK, SMALL
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World

COLOUR = re.compile(r"\x1b\[[\d;]*(?:3[0-8]|9[0-7])[;m]")


def on_a_terminal(world: World, *arguments: str, **env: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "orchestrator", *arguments]
    environment = {**world.environment(), "TERM": "xterm-256color", **env}
    process = subprocess.Popen(command, cwd=world.project, env=environment, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:
        pass  # the terminal has closed: Linux says so with an error
    finally:
        os.close(ours)
    assert process.wait(60) == 0
    return said.decode("utf-8", "replace")


def test_quiet_and_verbose(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Quiet prints the end alone, with --json the result alone; verbose prints each event with its fields."""
    SMALL.write(world.project)
    serve(SMALL.scenario())

    quiet = world.run("auto", SMALL.request, "--check", CHECK, "--quiet", "--no-apply")
    loud = world.run("auto", SMALL.request, "--check", CHECK, "--verbose", "--json")

    assert quiet.out.startswith("VERIFIED") and quiet.err == "" and "reviewer" not in quiet.out
    assert "model: shop" in loud.err and "exit_code: 1" in loud.err and loud.result["outcome"] == "verified"
    assert world.run("watch", "last", "--quiet").out.startswith("VERIFIED")
    both = world.run("auto", "x", "--quiet", "--verbose")
    assert both.code == 2 and "not allowed with" in both.err
    assert COLOUR.search(on_a_terminal(world, "show", "last"))
    plain = on_a_terminal(world, "show", "last", NO_COLOR="1")
    assert "VERIFIED" in plain and not COLOUR.search(plain)


def test_a_terminal_that_cannot_draw_gets_lines(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Where TERM is dumb nothing is drawn over; each event has its line."""
    SMALL.write(world.project)
    serve(SMALL.scenario())
    said = on_a_terminal(world, "auto", SMALL.request, "--check", CHECK, TERM="dumb")
    assert "reviewer: code accepted" in said and "\x1b" not in said
