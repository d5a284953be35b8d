"""A small project with one fault, and a scripted model that repairs it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modelserver.reply import Reply
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.world import World

FIXED = """calc.py
```
<<<<<<< SEARCH
    return a - b
=======
    return a + b
>>>>>>> REPLACE
```
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A machine without any model."""
    world = World(tmp_path)
    world.project.mkdir()
    (world.project / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    (world.project / "test_calc.py").write_text(
        "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
    )
    return world


def scripted(coder: str | Reply = FIXED) -> Scenario:
    """A model that calls the request small, picks the failing test, answers the code as given, and finds no fault."""
    small = {"kind": "small", "title": "Repair add", "files": ["calc.py"], "tests": ["test_calc.py::test_add"]}
    found = {
        "files": ["calc.py"],
        "symbols": ["add"],
        "words": ["add"],
        "patterns": [],
        "queries": ["add"],
        "new_files": [],
    }
    return Scenario(
        "scripted",
        [
            Rule(json.dumps(small), role="orchestrator", name="classify"),
            Rule(json.dumps(found), role="searcher", name="search"),
            Rule(json.dumps({"accept": True, "findings": []}), role="reviewer", name="review"),
            Rule(coder, role="coder", name="code"),
            Rule(coder, role="fixer", name="fix"),
        ],
    )


@pytest.fixture
def model(world: World) -> Iterator[Server]:
    """A running model that repairs the project; the world's environment points at it."""
    with Server(scripted()) as server:
        world.env |= {
            "OPENAI_BASE_URL": server.base_url,
            "ORCHESTRATOR_MODEL": "scripted",
            "OPENAI_API_KEY": "key-for-tests",
        }
        yield server
