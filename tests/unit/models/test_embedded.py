"""The embedded model: none is a normal outcome; the real one answers, keeps its key and ends with its parent."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from models import pins
from models.budget import Budget, Limits
from models.door import Door
from models.embedded import LocalServer, try_runtime
from models.errors import NoModel, ProviderError
from models.fetch import fetch
from models.journal import Journal
from models.probe import models_at
from models.resolve import resolve
from models.seat import Seat

pytest.importorskip("xllamacpp")


def test_a_file_that_is_no_model_is_told_in_a_sentence(tmp_path: Path) -> None:
    """The child that loads it may die as it likes; the parent says that there is no local model, and the ways out."""
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(NoModel, match=r"mine\.gguf"):
        LocalServer.start(path, path.name, others=0)


def test_a_damaged_pinned_file_is_deleted_and_the_command_named(tmp_path: Path) -> None:
    """The digest is checked at every start."""
    path = tmp_path / pins.load("0.5b").file
    path.write_bytes(b"GGUF")
    with pytest.raises(NoModel, match=r"model fetch local:0\.5b"):
        LocalServer.start(path, "0.5b", others=0)
    assert not path.exists()


LIBRARY = "libgomp.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("module", "content", "told"),
    [
        ("xllamacpp.so", "no library", r"cannot be loaded here \(.*\)\. Run: pip install"),
        ("xllamacpp.py", f"raise ImportError({LIBRARY!r})", r"libgomp\.so\.1: .*apt-get install libgomp1"),
        ("xllamacpp.py", "import os; os.kill(os.getpid(), 4)", "needs a processor with AVX2"),
        ("xllamacpp.py", "raise ImportError(\"No module named 'xllamacpp'\")", r"Install the extra \[local\]"),
    ],
    ids=["a damaged library", "a library of the system that is missing", "another processor", "not installed"],
)
def test_a_runtime_that_cannot_be_loaded_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, content: str, told: str
) -> None:
    """Before a run needs it, and when it does."""
    (tmp_path / module).write_text(content)
    (model := tmp_path / "mine.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(NoModel, match=told):
        LocalServer.start(model, model.name, others=0)
    with pytest.raises(NoModel, match=told):
        try_runtime(model)


def test_a_runtime_that_can_be_loaded_is_no_fault(tmp_path: Path) -> None:
    """Nothing is said where nothing is wrong."""
    try_runtime(tmp_path / "mine.gguf")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory that holds the 0.5B model: the user's own one if it is set, else a fresh one."""
    given = os.environ.get("ORCHESTRATOR_HOME")
    place = Path(given) if given else tmp_path_factory.mktemp("home")
    fetch("0.5b", place, print)
    return place


@pytest.fixture(scope="module")
def door(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door to the real 0.5B model."""
    journal = Journal(tmp_path_factory.mktemp("run") / "journal.jsonl")
    opened = Door(
        resolve("local", None, {}, {}, home), journal, Budget(Limits(cost=1.0)), lambda type, /, **fields: None
    )
    yield opened
    opened.close()


class Colour(BaseModel):
    """A tiny control answer."""

    colour: str


@pytest.mark.slow
@pytest.mark.local_model
@pytest.mark.timeout(600)
def test_the_real_model_fills_a_hole_writes_a_function_and_fits_a_schema(door: Door) -> None:
    """Infill, chat and structured answers of the 0.5B through the one door, at no cost in money."""
    hole = door.infill(Seat("t1", "coder"), "def add(a, b):\n    return ", "\n", stop=["\n"], n_predict=20, seed=1)
    assert "a" in hole and "b" in hole
    prompt = "Write a Python function add(a, b). Reply with one ```python block."
    written = door.ask(Seat("t2", "coder"), "You are a careful Python programmer.", prompt, max_tokens=120, seed=1)
    assert "def add(a, b)" in written.text and written.model == "qwen2.5-coder-0.5b-instruct-q4_k_m"
    colour = door.structured(Seat("t3", "planner"), "You answer in JSON.", "Colour of the sky?", Colour, max_tokens=60)
    assert colour.colour
    assert door.usage()["cost"] == 0.0 and door.usage()["completion_tokens"] > 0


@pytest.mark.slow
@pytest.mark.local_model
@pytest.mark.timeout(600)
def test_the_server_refuses_a_call_without_its_key(home: Path) -> None:
    """Models, chat and infill want the key that only the parent was told."""
    server = LocalServer.start(home / "models" / pins.load("0.5b").file, "0.5b", others=1)
    try:
        assert models_at(server.base_url, server.api_key, timeout=5).models == ("local",)
        assert models_at(server.base_url, "wrong", timeout=5).status == 401
        place = urlsplit(server.base_url)
        for path in ("/v1/chat/completions", "/infill"):
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
            connection.request("POST", path, "{}", {"content-type": "application/json"})
            assert connection.getresponse().status == 401
            connection.close()
        assert server.api_key not in repr(server)
    finally:
        server.close()
    assert not server.alive()


@pytest.mark.slow
@pytest.mark.local_model
@pytest.mark.timeout(600)
def test_a_dead_server_is_started_again_once(door: Door) -> None:
    """A crash of the model is outlived; a second one ends the run with a sentence."""

    def ask(lane: str) -> str:
        return door.infill(Seat(lane, "coder"), "x = [1, 2, ", "]\n", stop=["\n"], n_predict=4, seed=1)

    def crash() -> None:
        os.kill(door._endpoint._server._child.pid, signal.SIGKILL)  # type: ignore[union-attr]

    ask("c1")
    crash()
    assert ask("c2")
    crash()
    with pytest.raises(ProviderError, match="died twice"):
        ask("c3")


@pytest.mark.slow
@pytest.mark.local_model
@pytest.mark.timeout(600)
def test_the_server_ends_when_its_parent_does(home: Path) -> None:
    """The end of stdin ends it, also while the model is still being loaded."""
    command = [sys.executable, "-m", "models.server", str(home / "models" / pins.load("0.5b").file), "1"]
    root = Path(pins.__file__).parents[1]
    for wait_until_ready in (True, False):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as child:
            assert child.stdin is not None and child.stdout is not None
            if wait_until_ready:
                assert "api_key" in json.loads(next(line for line in child.stdout if line.startswith("{")))
            child.stdin.close()
            assert child.wait(timeout=30) == 0
