"""A run whose model is an attacker at one seat and right when asked again; what came of it, seen from outside."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from orchestrator.fold import view_of
from orchestrator.summary import summary
from tests.faults.scene import CHECK, FIXED, SMALL, Scene
from tests.graph.harness import Driven
from tests.modelserver.scenario import Rule
from tests.modelserver.server import Server
from tests.tree import tree
from workspace.run import Run

OUTSIDE = {"outside/precious.txt": "precious\n", "outside/key.txt": "a key that is nobody's business 8Zq2\n"}
"""What lies beside the project."""


@dataclass(frozen=True)
class Fate:
    """What a run came to."""

    end: Mapping[str, Any]
    events: list[dict[str, Any]]
    report: str
    """What the user reads at the end."""
    prompts: list[str]
    """Every request that reached the model, as text."""
    before: Mapping[str, tuple[str, bytes]]
    after: Mapping[str, tuple[str, bytes]]

    def of(self, type: str) -> list[dict[str, Any]]:
        """The events of a type."""
        return [event for event in self.events if event["type"] == type]

    def changed(self) -> list[str]:
        """The paths of the folder that holds project and neighbours that are not as they were."""
        return sorted(name for name in {*self.before, *self.after} if self.before.get(name) != self.after.get(name))


REPAIRED = ["project/money.py", "project/price.py"]
"""What a run changes that has nothing but the repair to do."""


def prepared(folder: Path, files: Mapping[str, str], links: Mapping[str, str]) -> Path:
    """The broken shop with further files and links, and its neighbours."""
    root = folder / "project"
    SMALL.write(root)
    for place, texts in ((root, files), (folder, OUTSIDE)):
        for name, text in texts.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for name, target in links.items():
        (root / name).symlink_to(target)
    return root


def attacked(
    folder: Path,
    *rules: Rule,
    files: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    request: str = SMALL.request,
    scene: Scene = SMALL,
    before_run: Callable[[Path], None] = lambda root: None,
    **settings: Any,
) -> Fate:
    """Let a model drive a run by these rules before those of the scene."""
    root = prepared(folder, files or {}, links or {})
    before_run(root)
    before = seen(folder)
    with Server(dataclasses.replace(scene, rules=(*rules, *scene.rules)).scenario()) as server:
        model = {"spec": "shop", "base_url": server.base_url, "profile": "standard", "answer_format": "whole"}
        chosen = {"model": model, "seed": 1, "checks": [CHECK], "budget": {"calls": 40}, "timeout_check": 30}
        run = Run.create(folder / "state", root, request, chosen | settings)
        driven = Driven(server, run)
        end = driven.drive() or {}
        prompts = [json.dumps(body, ensure_ascii=False) for body in server.bodies()]
    events = list(run.events.read())
    console = Console(width=400, no_color=True)
    with console.capture() as captured:
        console.print(summary(view_of(events)))
    return Fate(end, events, captured.get(), prompts, before, seen(folder))


def seen(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Everything below a folder but the state directory."""
    return {name: what for name, what in tree(folder).items() if name.split("/")[0] != "state"}


def answer(path: str, text: str) -> str:
    """An answer that writes one file besides the repair."""
    wanted = {**FIXED, path: text}
    return "\n".join(f"{name}\n```\n{content}```\n" for name, content in wanted.items())
