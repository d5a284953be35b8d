"""Record the runs that the notebooks look at: python notebooks/record.py

Real runs of the real command, with scripted models (story.py) over a real socket. They are made in one fixed folder, so
that no path of this machine is in them, and are packed into notebooks/recorded.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from story import CHECK, FAULTS, PRICES, SHOP, TEMPERS, ledger, ledger_model, shop_model, wayward_model

from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World

PLACE = Path("/tmp/orchestrator-recording")
"""Where the runs are made; the same everywhere."""

KEPT = HERE / "recorded" / "runs"
NEEDED = ("run.json", "events.jsonl", "journal.jsonl", "borrowed.json", "checkpoints.sqlite", "artefacts", "repo.git")
BRIEF = ("run.json", "events.jsonl")
"""What a run needs that only tables are made of."""


def main() -> None:
    if PLACE.exists():
        sys.exit(f"{PLACE} is there already: remove it first")
    shutil.rmtree(KEPT, ignore_errors=True)
    try:
        world = machine()
        ledger_files = dict(ledger.FILES)
        keep(world, run(world, ledger_model(), ledger_files, ledger.REQUEST), NEEDED)
        stuck = run(world, wayward_model(), SHOP.project(), SHOP.request, "--check", CHECK, "--max-calls", "20")
        keep(world, stuck, NEEDED)
        for temper, wrong in TEMPERS.items():
            for fault in FAULTS.values():
                scenario = shop_model(temper, wrong, fault)
                done = run(world, scenario, SHOP.project(), SHOP.request, "--check", CHECK, "--max-calls", "8")
                keep(world, done, BRIEF)
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)


def machine() -> World:
    """A machine with a price list."""
    world = World(PLACE)
    config = PLACE / "config" / "opencode-orchestrator" / "orchestrator.jsonc"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"prices": PRICES}))
    return world


def run(world: World, scenario: Scenario, files: dict[str, str], request: str, *arguments: str) -> str:
    """Make a run on fresh files; returns its id."""
    shutil.rmtree(world.project, ignore_errors=True)
    for name, text in files.items():
        path = world.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with Server(scenario) as server:
        world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": scenario.name, "OPENAI_API_KEY": "none"}
        result = world.run("auto", request, *arguments, "--no-apply", "--json").result
    print(
        f"{result['run'][:8]}  {scenario.name:9} {result['outcome']:9} {result['usage']['calls']:3} calls", flush=True
    )
    return str(result["run"])


def keep(world: World, name: str, parts: tuple[str, ...]) -> None:
    """Copy the parts of a run that notebooks need, as small as they can be."""
    made, kept = world.home / "runs" / name, KEPT / name
    kept.mkdir(parents=True)
    for part in parts:
        source = made / part
        if source.is_dir():
            shutil.copytree(source, kept / part)
        elif source.exists():
            shutil.copyfile(source, kept / part)
    if (kept / "repo.git").exists():
        for command in (("repack", "-a", "-d", "-k", "-q", "--no-write-bitmap-index"), ("prune-packed", "-q")):
            subprocess.run(["git", *command], cwd=kept / "repo.git", check=True)
        with closing(sqlite3.connect(kept / "checkpoints.sqlite")) as database:
            database.execute("PRAGMA journal_mode=DELETE")
            database.execute("VACUUM")


if __name__ == "__main__":
    main()
