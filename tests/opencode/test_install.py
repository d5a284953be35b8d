"""The installer against the real OpenCode: what it writes is what OpenCode loads, and the doctor sees both."""

import json
from collections.abc import Callable

import pytest

from tests.modelserver.server import Server
from tests.opencode.world import BINARY, OpenCode
from tests.world import Done

pytestmark = pytest.mark.opencode


def command(opencode: OpenCode, *arguments: str) -> Done:
    """The Python package's command on the machine of an OpenCode user."""
    world = opencode.world
    world.env = {**opencode.environment(), "PATH": f"{BINARY.parent}:{opencode.environment()['PATH']}"}
    return world.run(*arguments)


def test_what_is_installed_is_loaded_and_what_is_uninstalled_is_gone(
    opened: Callable[..., tuple[OpenCode, Server]],
) -> None:
    """By OpenCode's own word."""
    opencode, _ = opened()
    config = opencode.home / ".config" / "opencode" / "opencode.json"
    schema = {"$schema": "https://opencode.ai/config.json"}  # OpenCode adds it by itself
    plain = json.dumps({**schema, **json.loads(config.read_text()), "plugin": []}, indent=2)
    config.write_text(plain)
    assert "without the plugin" in command(opencode, "doctor", "--json").out

    assert command(opencode, "opencode", "install", "--plugin", f"file:{opencode.tarball}").code == 0
    loaded = opencode.run("debug", "config")
    assert '"auto"' in loaded.out and f"file:{opencode.tarball}" in config.read_text()
    assert "with the plugin file:" in command(opencode, "doctor", "--json").out

    assert command(opencode, "opencode", "uninstall").code == 0
    assert config.read_text() == plain
    assert '"auto"' not in opencode.run("debug", "config").out
