"""The second look at what an attempt changed: whatever an edit's guard would let through shows in the commit."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from nodes.judgement import tampering
from nodes.session import Session
from nodes.state import LaneState
from tests.unit.workspace.scenes import Content, Scene, scene

PYPROJECT = '[project]\nname = "shop"\n\n[tool.pytest.ini_options]\naddopts = "-ra"\n'
FILES: dict[str, str] = {
    "shop/price.py": "def net(gross, rate):\n    return gross\n",
    "tests/test_price.py": "def test_net():\n    assert False\n",
    "tests/conftest.py": "",
    "pytest.ini": "[pytest]\n",
    "pyproject.toml": PYPROJECT,
    "package.json": '{"scripts": {"test": "jest"}}',
    "Makefile": "test:\n\tpytest\n",
}


def encoded(files: Mapping[str, str]) -> dict[str, Content]:
    """The files as bytes: text would be the target of a link."""
    return {path: text.encode() for path, text in files.items()}


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    """A project with tests and their configuration."""
    return scene(tmp_path, encoded(FILES))


@pytest.fixture
def session(made: Scene) -> Iterator[Session]:
    """The run's session; no model is asked."""
    run = made.run.with_settings({"model": {"spec": "none", "base_url": "http://127.0.0.1:9/v1"}, "unsafe": True})
    opened = Session(run, {}, made.run.folder.parent.parent)
    yield opened
    opened.door.close()


def found(
    made: Scene,
    session: Session,
    files: Mapping[str, str],
    gone: tuple[str, ...] = (),
    may_edit: tuple[str, ...] = (),
) -> list[str]:
    """The paths that are named after a change."""
    state: dict[str, Any] = {
        "task": {"may_edit_tests": list(may_edit)},
        "acceptance": [],
        "start": made.base,
        "commit": made.change(encoded(files), gone=gone),
    }
    return [f["file"] for f in tampering(cast("LaneState", state), session)]


@pytest.mark.parametrize(
    ("files", "gone"),
    [
        ({"tests/test_price.py": "def test_net():\n    assert True\n"}, ()),
        ({}, ("tests/test_price.py",)),
        ({"tests/test_renamed.py": FILES["tests/test_price.py"]}, ("tests/test_price.py",)),
        ({"shop/checks.py": FILES["tests/test_price.py"]}, ("tests/test_price.py",)),
        ({"conftest.py": "collect_ignore_glob = ['*']\n"}, ()),
        ({"tests/conftest.py": "import pytest\n"}, ()),
        ({}, ("tests/conftest.py",)),
        ({"pytest.ini": "[pytest]\naddopts = -k nothing\n"}, ()),
        ({"pytest.py": "print('1 passed')\n"}, ()),
        ({"pyproject.toml": PYPROJECT.replace("-ra", "--co")}, ()),
        ({"setup.cfg": "[tool:pytest]\naddopts = --co\n"}, ()),
        ({"package.json": '{"scripts": {"test": "true"}}'}, ()),
        ({"Makefile": "test:\n\ttrue\n"}, ()),
        ({"tox.ini": "[pytest]\n"}, ()),
    ],
    ids=[
        "changed", "deleted", "renamed", "moved", "new conftest", "conftest", "no conftest", "pytest.ini", "shadow",
        "pyproject", "setup.cfg", "package.json", "makefile", "tox.ini",
    ],
)  # fmt: skip
def test_a_weakened_judge_is_found(made: Scene, session: Session, files: dict[str, str], gone: tuple[str, ...]) -> None:
    """Tests that are changed, moved, renamed or deleted, and configuration that is weakened, are named by path."""
    assert set(found(made, session, files, gone)) & {*files, *gone}


def test_sources_and_new_tests_are_free(made: Scene, session: Session) -> None:
    """A change of the code, of dependencies, and a new test stand."""
    files: dict[str, str] = {
        "shop/price.py": "def net(gross, rate):\n    return gross / rate\n",
        "tests/test_more.py": "def test_more():\n    assert True\n",
        "pyproject.toml": PYPROJECT.replace('"shop"\n', '"shop"\ndependencies = ["rich"]\n'),
    }
    assert found(made, session, files) == []


def test_what_the_task_may_edit_is_free(made: Scene, session: Session) -> None:
    """A test that the task was allowed to change stands; the one beside it does not."""
    files: dict[str, str] = {"tests/test_price.py": "", "tests/conftest.py": "x = 1\n"}
    assert found(made, session, files, may_edit=("tests/test_price.py",)) == ["tests/conftest.py"]
