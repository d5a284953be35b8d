"""The terminal itself, in tmux with real keys: the command is typed, its progress is seen, Esc Esc ends it."""

import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.scene import FIXED, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.server import Server
from tests.opencode.processes import gone
from tests.opencode.world import BINARY, HERE, OpenCode, scenario_of

pytestmark = pytest.mark.opencode

Open = Callable[..., tuple[OpenCode, Server]]


SCREENS = HERE / "build" / "screens"
"""Where the screens are kept."""


@dataclass
class Terminal:
    """A terminal of its own for one program."""

    name: str

    def tmux(self, *arguments: str) -> str:
        """One command of tmux."""
        return subprocess.run(["tmux", "-L", self.name, *arguments], capture_output=True, text=True).stdout

    def screen(self) -> str:
        """What is on the screen."""
        return self.tmux("capture-pane", "-p", "-J", "-t", "main")

    def sees(self, pattern: str, seconds: float) -> bool:
        """Wait for something on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if re.search(pattern, self.screen()):
                return True
            time.sleep(0.1)
        return False

    def keep(self, name: str) -> None:
        """Keep the screen as text, for people to look at."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        (SCREENS / f"{name}.txt").write_text(self.screen())

    def type(self, text: str) -> None:
        """Type a line in one go, and send it once it is on the screen."""
        self.tmux("send-keys", "-t", "main", "-l", text)
        assert self.sees(re.escape(text), 20), self.screen()
        self.tmux("send-keys", "-t", "main", "Enter")

    def escape(self) -> None:
        """Esc Esc."""
        for _ in range(2):
            self.tmux("send-keys", "-t", "main", "Escape")
            time.sleep(0.2)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal; it ends with the test."""
    terminal = Terminal(f"orchestrator-{os.getpid()}-{tmp_path.name[-12:]}")
    yield terminal
    terminal.tmux("kill-server")


def start(terminal: Terminal, opencode: OpenCode) -> None:
    """Open OpenCode in the terminal, and wait until it takes input."""
    settings = [f"{name}={value}" for name, value in opencode.environment().items()]
    command = shlex.join(["env", "-i", *settings, str(BINARY)])
    terminal.tmux("new-session", "-d", "-s", "main", "-x", "140", "-y", "45", "-c", str(opencode.project), command)
    assert terminal.sees(r"ctrl\+p", 90), terminal.screen()


@pytest.mark.timeout(240)
def test_auto_is_typed_and_its_work_is_seen(opened: Open, terminal: Terminal) -> None:
    """Plan and team while it runs, the report in the end."""
    opencode, _ = opened(scenario_of().under([FaultRule("slow", role="coder", options={"seconds": 0.2})]))
    start(terminal, opencode)

    terminal.type("/auto repair the shop")

    assert terminal.sees(r"t1 .*Repair the shop.*coder", 60), terminal.screen()
    assert "/auto repair the shop" in terminal.screen() and "Call the tool" not in terminal.screen()
    terminal.keep("working")
    assert terminal.sees("VERIFIED", 60), terminal.screen()
    assert terminal.sees("It ended so", 30), terminal.screen()
    terminal.keep("verified")
    assert {name: (opencode.project / name).read_text() for name in FIXED} == FIXED


@pytest.mark.timeout(240)
def test_escape_twice_interrupts(opened: Open, terminal: Terminal) -> None:
    """No process is left a second later, and no file has changed."""
    opencode, _ = opened(scenario_of().under([FaultRule("slow", role="coder", options={"seconds": 1.0})]))
    start(terminal, opencode)
    terminal.type("/auto repair the shop")
    assert terminal.sees(r"t1 .*Repair the shop.*coder", 60), terminal.screen()

    terminal.escape()

    assert gone(opencode.folder / "state", 1.5)
    assert terminal.sees("interrupted", 20), terminal.screen()
    terminal.keep("interrupted")
    assert {name: (opencode.project / name).read_text() for name in FIXED} == dict(SMALL.files)
