"""A run in a real terminal: its picture fits, follows the size of the window, and gives way to the summary."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.scene import CHECK, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.server import Server
from tests.world import World

pytestmark = pytest.mark.terminal

SCREENS = Path(__file__).parent / "build"
"""Where the screens are kept, for people to look at."""


@dataclass
class Terminal:
    """A window of tmux."""

    name: str

    def tmux(self, *arguments: str) -> str:
        """One command of tmux."""
        return subprocess.run(["tmux", "-L", self.name, *arguments], capture_output=True, text=True).stdout

    def screen(self) -> list[str]:
        """The lines on the screen."""
        return self.tmux("capture-pane", "-p", "-t", "main").rstrip("\n").split("\n")

    def sees(self, pattern: str, seconds: float = 40.0) -> list[str]:
        """Wait for something on the screen; returns its lines."""
        end = time.monotonic() + seconds
        while not re.search(pattern, "\n".join(lines := self.screen())):
            assert time.monotonic() < end, "\n".join(lines)
            time.sleep(0.05)
        return lines

    def keep(self, name: str) -> None:
        """Keep the screen as text."""
        SCREENS.mkdir(exist_ok=True)
        (SCREENS / f"{name}.txt").write_text("\n".join(self.screen()))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal; it ends with the test."""
    terminal = Terminal(f"orchestrator-{os.getpid()}-{tmp_path.name[-12:]}")
    yield terminal
    terminal.tmux("kill-server")


def test_a_run_is_watched_to_its_end(terminal: Terminal, tmp_path: Path) -> None:
    """On 80 by 24, then on 120 by 40: one picture, no line beside or below it; in the end the summary alone."""
    world = World(tmp_path)
    SMALL.write(world.project)
    slow = FaultRule("slow", role="coder", options={"seconds": 0.1})
    with Server(SMALL.scenario().under([slow])) as model:
        world.env |= {"OPENAI_BASE_URL": model.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k-for-tests"}
        settings = [f"{name}={value}" for name, value in world.environment().items()] + ["TERM=tmux-256color"]
        command = [sys.executable, "-m", "orchestrator", "auto", SMALL.request, "--check", CHECK, "--max-calls", "60"]
        line = shlex.join(["env", "-i", *settings, *command]) + "; exec sleep 1000"
        terminal.tmux("new-session", "-d", "-s", "main", "-x", "80", "-y", "24", "-c", str(world.project), line)

        lines = terminal.sees(r"coder · attempt 1")
        terminal.keep("80x24")
        assert max(map(len, lines)) <= 80 and len(lines) <= 24
        assert sum(SMALL.request[:30] in line for line in lines[:3]) == 1 and "/60 calls" in "\n".join(lines)
        terminal.tmux("resize-window", "-t", "main", "-x", "120", "-y", "40")
        lines = terminal.sees(r"coder · attempt 1")
        terminal.keep("120x40")
        assert len(lines) <= 40

        lines = terminal.sees(r"VERIFIED", 60)
        terminal.sees(r"see it again")
        terminal.keep("end")
        text = "\n".join(terminal.screen())
        assert re.search(r"left +nothing", text) and "applied to your files" in text and "attempt 1" not in text
