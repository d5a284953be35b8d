"""The real command as a subprocess, in a world of its own: state, configuration, project."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.warm import COMMAND, Warm


@dataclass
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The result object: the last line of standard output."""
        return dict(json.loads(self.out.splitlines()[-1]))


@dataclass
class World:
    """A person's machine: a state directory, a project, the environment of the command."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The state directory."""
        return self.folder / "state"

    @property
    def project(self) -> Path:
        """The project folder."""
        return self.folder / "project"

    def environment(self) -> dict[str, str]:
        """What the command inherits."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "PYTHONPATH") if name in os.environ}
        return {
            **kept,
            "ORCHESTRATOR_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONWARNINGS": "error::ResourceWarning",
            **self.env,
        }

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """Start the command in the project folder; from the interpreter on where the environment is about that."""
        cold = options.keys() - {"stdin", "cwd"} or any(name.startswith("PYTHON") for name in self.env)
        options = {"stdin": subprocess.DEVNULL, "cwd": self.project, "preexec_fn": hear_signals, **options}
        return (subprocess.Popen if cold else Warm)(
            [*COMMAND, *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def run(self, *arguments: str, **options: Any) -> Done:
        """Run the command to its end."""
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=200)
        return Done(process.returncode, out, err)

    def runs(self) -> list[Path]:
        """The run folders, the oldest first."""
        folder = self.home / "runs"
        return sorted(folder.iterdir(), key=lambda path: path.stat().st_ctime_ns) if folder.is_dir() else []

    def events(self) -> list[dict[str, Any]]:
        """The events of the newest run."""
        return [json.loads(line) for line in (self.runs()[-1] / "events.jsonl").read_text("utf-8").splitlines()]


def hear_signals() -> None:
    """Let a command hear the signals that the tests were perhaps started to ignore, as jobs in the background are."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> Done:
    """Send a signal and wait for the end."""
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return Done(process.returncode, out, err)
