"""`orchestrator init`: a configuration that holds, from what the project shows."""

from orchestrator.jsonc import parse
from tests.e2e.conftest import write
from tests.world import World


def test_the_projects_checks_are_written_down(world: World) -> None:
    """The file is valid, and a run would use it."""
    write(world.project, {"pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": "def test(): pass\n"})

    done = world.run("init")

    text = (world.project / "orchestrator.jsonc").read_text()
    value = parse(text).value
    assert done.code == 0 and isinstance(value, dict) and "pytest" in str(value["checks"])
    assert world.run("agents", "--json").code == 0


def test_a_project_without_checks_is_told_so(world: World) -> None:
    """In the file, where it can be mended."""
    world.run("init")
    assert "None was found" in (world.project / "orchestrator.jsonc").read_text()


def test_what_is_there_stays(world: World) -> None:
    """Unless it may be replaced."""
    (world.project / "orchestrator.jsonc").write_text("{}")

    assert world.run("init").code == 2
    assert (world.project / "orchestrator.jsonc").read_text() == "{}"
    assert world.run("init", "--force").code == 0
    assert "budget" in (world.project / "orchestrator.jsonc").read_text()
