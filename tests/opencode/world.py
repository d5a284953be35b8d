"""A person who uses OpenCode: an isolated home, a project, the packed plugin, and a model on 127.0.0.1."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.scene import CHECK, FIXED, SMALL, Scene
from tests.modelserver.reply import Reply, ToolCall
from tests.modelserver.request import Request
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.world import Done, World, hear_signals

HERE = Path(__file__).parent
PLUGIN = HERE.parent.parent / "plugin"
BINARY = HERE / "node_modules" / ".bin" / "opencode"

STUB = {"dependencies": {"@opencode-ai/plugin": "*"}}
"""What keeps OpenCode from installing 63 MB of types into every folder at its first start; the plugin needs none."""

TURN = "The user gave the command /"
"""How a turn begins that a command of the plugin's has started."""


def told(request: Request) -> str:
    """What the tool has told the model of the turn, "" before it was called."""
    return next((str(m.get("content")) for m in reversed(request.messages) if m.get("role") == "tool"), "")


HOUSEKEEPING = (
    Rule(lambda request: Reply(f"It ended so: {told(request)[:60]}"), when=lambda request: bool(told(request))),
    Rule(Reply(tool_calls=(ToolCall("auto_run", {}),)), when=lambda request: "auto_run" in request.tools),
)
"""The model of the user's own turn: it calls the tool when it is told to, and then says how that ended."""


AUDIT = Rule('{"accept": true, "findings": []}', role="reviewer", when=contains("somebody else has made"), name="audit")


def scenario_of(scene: Scene = SMALL, *rules: Rule, **settings: Any) -> Scenario:
    """The team's answers in a scene, and the user's own turns around them."""
    return Scenario("shop", (*rules, AUDIT, *scene.rules), housekeeping=HOUSEKEEPING, **settings)


@dataclass
class OpenCode:
    """OpenCode in a project, isolated from everything else on this machine."""

    folder: Path
    base_url: str
    tarball: Path
    config: dict[str, Any] = field(default_factory=dict)
    tools: bool = True
    """Whether the model can call tools."""
    options: Mapping[str, Any] | None = None
    """Options of the plugin; None names this Python."""

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "project"

    @property
    def home(self) -> Path:
        """The person's home."""
        return self.folder / "home"

    @property
    def world(self) -> World:
        """The same machine for the command line of the Python package."""
        return World(self.folder)

    def prepare(self, scene: Scene = SMALL) -> "OpenCode":
        """Write the project and the configuration."""
        scene.write(self.project)
        (self.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
        subprocess.run(["git", "init", "-q", self.project], check=True)
        for folder in (self.home / ".config" / "opencode", self.project / ".opencode"):
            (folder / "node_modules").mkdir(parents=True)
            (folder / "package.json").write_text(json.dumps(STUB))
            (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": {"": STUB}}))
        options = {"command": [sys.executable, "-m", "orchestrator"]} if self.options is None else self.options
        (self.home / ".config" / "opencode" / "opencode.json").write_text(
            json.dumps(
                {
                    "plugin": [[f"file:{self.tarball}", dict(options)]],
                    "provider": {"fake": self._provider()},
                    "model": "fake/shop",
                    "small_model": "fake/shop",
                    **self.config,
                }
            )
        )
        return self

    def _provider(self) -> dict[str, Any]:
        model = {"name": "Shop", "limit": {"context": 64_000, "output": 8_000}, "tool_call": self.tools}
        return {
            "npm": "@ai-sdk/openai-compatible",
            "name": "Fake",
            "options": {"baseURL": self.base_url, "apiKey": "key-of-the-user"},
            "models": {"shop": model, "other": {**model, "name": "Other"}},
        }

    def sources(self) -> dict[str, str]:
        """The shop's sources as they are now."""
        return {name: (self.project / name).read_text() for name in FIXED}

    def environment(self) -> dict[str, str]:
        """What OpenCode inherits: nothing of this machine but the PATH."""
        home = self.home
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "ORCHESTRATOR_HOME": str(self.folder / "state"),
            "PYTHONPATH": str(HERE.parent.parent),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_TERMINAL_TITLE": "1",
            "npm_config_fetch_retries": "0",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start OpenCode in the project."""
        return subprocess.Popen(
            [str(BINARY), *arguments],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=hear_signals,
        )

    def run(self, *arguments: str) -> Done:
        """Run OpenCode to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        return Done(process.returncode, out, err)

    def command(self, name: str, text: str = "", *flags: str) -> list[dict[str, Any]]:
        """Give a command without a terminal; returns OpenCode's events."""
        done = self.run("run", "--format", "json", "--title", "t", *flags, "--command", name, text)
        assert done.code == 0, f"{done.out}\n{done.err}"
        return [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]


def packed(folder: Path) -> Path:
    """The plugin as npm publishes it."""
    said = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder)],
        cwd=PLUGIN,
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / said.stdout.split()[-1]


def ready() -> bool:
    """Whether what these tests need is installed."""
    return BINARY.exists() and (PLUGIN / "node_modules").exists() and shutil.which("tmux") is not None
