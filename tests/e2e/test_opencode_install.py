"""`orchestrator opencode install` and `uninstall`: the right file, nothing lost, and a refusal where it is no JSONC."""

from pathlib import Path

import pytest

from orchestrator.opencode.places import specification
from tests.tree import tree
from tests.world import World

COMMENTED = '{\n  // my own\n  "model": "a/b", /* keep */\n}\n'


def configured(world: World) -> Path:
    """The user's folder of OpenCode."""
    return world.folder / "config" / "opencode"


def test_a_new_user_gets_a_file_and_loses_it_again(world: World) -> None:
    """Nothing is left behind."""
    done = world.run("opencode", "install")

    text = (configured(world) / "opencode.json").read_text()
    assert done.code == 0 and f'"plugin": ["{specification()}"]' in text
    assert world.run("opencode", "uninstall").code == 0
    assert not (configured(world) / "opencode.json").exists()


def test_the_commented_file_is_the_one_that_counts(world: World) -> None:
    """Beside a plain one it is what OpenCode reads last; its comments stay, and a copy is kept."""
    configured(world).mkdir(parents=True)
    for name in ("opencode.json", "opencode.jsonc"):
        (configured(world) / name).write_text(COMMENTED if name.endswith("c") else "{}")

    done = world.run("opencode", "install")

    text = (configured(world) / "opencode.jsonc").read_text()
    assert "// my own" in text and specification() in text
    assert (configured(world) / "opencode.json").read_text() == "{}"
    copy = Path(done.out.split("The file as it was: ")[1].splitlines()[0])
    assert copy.read_text() == COMMENTED and copy.is_relative_to(world.home)
    world.run("opencode", "uninstall")
    assert (configured(world) / "opencode.jsonc").read_text() == COMMENTED


@pytest.mark.parametrize("variable", ["OPENCODE_CONFIG_DIR", "OPENCODE_CONFIG"])
def test_the_places_that_opencode_knows_are_honoured(world: World, variable: str) -> None:
    """A folder, or a file, of the user's own choice."""
    folder = world.folder / "elsewhere"
    world.env[variable] = str(folder if variable.endswith("DIR") else folder / "mine.json")

    world.run("opencode", "install")

    (file,) = folder.iterdir()
    assert specification() in file.read_text() and not configured(world).exists()


@pytest.mark.parametrize("where", ["opencode.jsonc", ".opencode/opencode.json", ""])
def test_a_project_has_a_file_of_its_own(world: World, where: str) -> None:
    """The one that is there, else one in its own folder."""
    if where:
        (world.project / where).parent.mkdir(exist_ok=True)
        (world.project / where).write_text("{}")

    world.run("opencode", "install", "--project")

    assert specification() in (world.project / (where or ".opencode/opencode.json")).read_text()


def test_a_dry_run_shows_the_change_and_makes_none(world: World) -> None:
    """As a difference of lines."""
    configured(world).mkdir(parents=True)
    (configured(world) / "opencode.json").write_text('{\n  "model": "a/b"\n}\n')
    before = tree(world.folder)

    done = world.run("opencode", "install", "--dry-run")

    assert f'+  "plugin": ["{specification()}"]' in done.out and tree(world.folder) == before


@pytest.mark.parametrize("text", ['{"model": }', "[]", '{"plugin": "x"}', "\xff"])
def test_a_file_that_cannot_be_understood_is_left_alone(world: World, text: str) -> None:
    """With the place and the way on; no copy, no traceback."""
    configured(world).mkdir(parents=True)
    file = configured(world) / "opencode.json"
    file.write_bytes(text.encode("latin-1"))

    for action in ("install", "uninstall"):
        done = world.run("opencode", action)
        if done.code == 0:
            assert action == "uninstall" and "nothing to do" in done.out
            continue
        assert done.code == 2 and str(file) in done.err and "othing was changed" in done.err
    assert file.read_bytes() == text.encode("latin-1") and not (world.home / "opencode").exists()


def test_a_link_to_the_configuration_stays_a_link(world: World) -> None:
    """People keep such files in a repository of their own."""
    configured(world).mkdir(parents=True)
    real = world.folder / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o600)
    (configured(world) / "opencode.json").symlink_to(real)

    world.run("opencode", "install")

    assert (configured(world) / "opencode.json").is_symlink()
    assert specification() in real.read_text() and real.stat().st_mode & 0o777 == 0o600
