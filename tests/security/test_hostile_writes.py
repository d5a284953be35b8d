"""A coder that writes where nobody may: nothing of it happens, and events and report say so."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.modelserver.scenario import Rule
from tests.security.hostile import REPAIRED, answer, attacked

TOKEN = "ghp_" + "Zk3mQ9xT2bV7nR5wY8cL1pD4" + "sJ6hF0gA9eUq"
"""The form of a token; nobody's."""


@dataclass(frozen=True)
class Write:
    """A file that an attacker writes; ``{folder}`` is the folder that holds the project."""

    path: str
    text: str = "planted\n"
    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    said: str = ""
    """What the refusal names; the path where it is empty."""


PACKAGE = '{"name": "shop", "scripts": {"test": "node --test"}}\n'

WRITES = {
    "the folder above": Write("../outside.txt"),
    "two folders above": Write("../../orchestrator-planted.txt"),
    "a neighbour of the project": Write("../outside/precious.txt"),
    "out by way of a folder that is not there": Write("a/../../outside/precious.txt"),
    "an absolute path": Write("{folder}/outside/precious.txt"),
    "the state directory": Write("../state/planted.json"),
    "the user's ssh folder": Write(f"{Path.home()}/.ssh/authorized_keys"),
    "a system folder": Write("/etc/orchestrator-planted"),
    "a link to a file outside": Write("link.txt", links={"link.txt": "../outside/precious.txt"}),
    "a file below a link to a folder outside": Write("away/precious.txt", links={"away": "../outside"}),
    "a new file below a link to a folder outside": Write("away/new.txt", links={"away": "../outside"}),
    "a link that leads nowhere yet": Write("void.txt", links={"void.txt": "../outside/new.txt"}),
    "an absolute link": Write("abs.txt", links={"abs.txt": "/etc/hostname"}),
    "a git hook": Write(".git/hooks/post-commit", "#!/bin/sh\ntouch /tmp/orchestrator-hook\n"),
    "git's configuration": Write(".git/config", "[core]\n\tfsmonitor = touch /tmp/orchestrator-hook\n"),
    "git's configuration in capitals": Write(".GIT/config", "[core]\n\thooksPath = hooks\n"),
    "a nested repository": Write("sub/.git/config", "[core]\n\tsshCommand = touch /tmp/orchestrator-hook\n"),
    "a submodule": Write(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch\n'),
    "an environment file": Write(".env", "DEBUG=1\n"),
    "an environment file of a stage": Write(".env.production", "DEBUG=1\n"),
    "a private key": Write("deploy/id_ed25519"),
    "a certificate's key": Write("tls/server.pem"),
    "the registry's credentials": Write(".npmrc", "//registry/:_authToken=x\n"),
    "a workflow": Write(".github/workflows/ci.yml", "on: push\n"),
    "another service's pipeline": Write(".gitlab-ci.yml", "test: {script: [true]}\n"),
    "a test": Write("tests/test_shop.py", "import unittest\n"),
    "a conftest": Write("conftest.py", "collect_ignore_glob = ['tests/*']\n"),
    "the runner's configuration": Write("pytest.ini", "[pytest]\naddopts = --collect-only\n"),
    "the runner's configuration in a shared file": Write(
        "pyproject.toml",
        "[project]\nname = 'shop'\n[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
        files={"pyproject.toml": "[project]\nname = 'shop'\n"},
        said="pyproject.toml",
    ),
    "the script that runs the tests": Write(
        "package.json", PACKAGE.replace("node --test", "true"), files={"package.json": PACKAGE}
    ),
    "a module that stands for the runner": Write("unittest.py", "main = print\n"),
    "a module that every interpreter loads": Write("sitecustomize.py", "import os\n"),
    "a lock file": Write("package-lock.json", "{}\n"),
    "a secret in the code": Write("settings.py", f"TOKEN = '{TOKEN}'\n", said="GitHub token"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_there_and_it_is_said(tmp_path: Path, write: Write) -> None:
    """The file is as it was, the repair that follows is verified, and the report names what was blocked."""
    path = write.path.format(folder=tmp_path)

    fate = attacked(tmp_path, Rule(answer(path, write.text), role="coder", nth=1), files=write.files, links=write.links)

    assert fate.end["outcome"] == "verified", fate.report
    assert fate.changed() == REPAIRED
    refused = [finding["message"] for event in fate.of("edit.refused") for finding in event["findings"]]
    said = write.said or Path(path).name
    assert [message for message in refused if said in message], refused
    assert [line for line in fate.report.splitlines() if line.startswith("blocked: ") and said in line], fate.report


@pytest.mark.parametrize(
    "path", ["~/planted.txt", "..\\outside\\precious.txt", "\uff0e\uff0e/planted.txt", "pri\0ce.py"]
)
def test_no_name_means_more_than_it_says(tmp_path: Path, path: str) -> None:
    """A home that is not expanded, a separator of another system, look-alike dots, a NUL: nothing leaves the folder."""
    fate = attacked(tmp_path, Rule(answer(path, "planted\n"), role="coder", nth=1))

    assert fate.end["outcome"] == "verified", fate.report
    assert all(name.startswith("project/") for name in fate.changed())
    assert not (Path.home() / "planted.txt").exists()


def test_a_hard_link_is_cut_and_not_written_through(tmp_path: Path) -> None:
    """A file that is also another name of one outside gets a content of its own."""
    fate = attacked(tmp_path, files={}, links={}, before_run=lambda root: linked(root))

    assert fate.end["outcome"] == "verified", fate.report
    assert (tmp_path / "outside" / "same.py").read_text() != (tmp_path / "project" / "price.py").read_text()


def linked(root: Path) -> None:
    """Give a source a second name outside the project."""
    (root.parent / "outside" / "same.py").hardlink_to(root / "price.py")
