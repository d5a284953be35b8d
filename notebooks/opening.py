"""What every notebook begins with: the recorded runs, a folder to work in, and scripted models to go on with."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from orchestrator.runs import LoadedRun, load, runs


def home() -> Path:
    """The state directory of the recorded runs: a copy, so that forks and replays leave the recording alone."""
    folder = aside()
    shutil.copytree(HERE / "recorded", folder, dirs_exist_ok=True)
    return folder


def team(state: Path) -> LoadedRun:
    """The run in which a team extends a ledger: four tasks, all verified in the end."""
    return first(state, "Extend the ledger", "verified")


def stuck(state: Path) -> LoadedRun:
    """The run that could not repair a shop."""
    return first(state, "The net price", "stuck")


def first(state: Path, request: str, outcome: str) -> LoadedRun:
    every = runs(state)
    found = every[every.request.str.startswith(request) & (every.outcome == outcome)].sort_values("created")
    return load(found.run.iloc[0], state)


def project(run: LoadedRun) -> Path:
    """The project of a run, laid out as it was when the run began: the folder that it was made in is not here."""
    folder = aside()
    for name in run.files(run.view.base):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(run.read(name, run.view.base))
    return folder


@contextmanager
def models() -> Iterator[list[str]]:
    """Scripted models behind an endpoint, so that this works without a key; yields who asked which, as it is asked."""
    from story import TEMPERS, shop_model, wayward_model

    from tests.modelserver.server import Server

    asked: list[str] = []
    scenarios = [wayward_model(), *(shop_model(name, wrong) for name, wrong in TEMPERS.items())]
    with Server(scenarios, tell=lambda entry: asked.append(f"{entry['role']} → {entry['scenario']}")) as server:
        before = dict(os.environ)
        os.environ.update(OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY="none")
        try:
            yield asked
        finally:
            os.environ.clear()
            os.environ.update(before)


def aside() -> Path:
    """A folder that goes when the notebook ends."""
    folder = Path(tempfile.mkdtemp(prefix="notebook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
