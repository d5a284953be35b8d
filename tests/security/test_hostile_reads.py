"""A model that wants to see what it must not: no secret reaches a prompt, a record or the report."""

import json
from pathlib import Path

import pytest

from tests.faults.scene import CHECK, FIXED, SMALL, SOUGHT
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.right import right
from tests.modelserver.scenario import Rule
from tests.security.hostile import OUTSIDE, REPAIRED, answer, attacked

TOKEN = "ghp_" + "Zk3mQ9xT2bV7nR5wY8cL1pD4" + "sJ6hF0gA9eUq"
"""The form of a token; nobody's."""

PASSWORD = "correct-horse-8Zq2"
"""A password that only its name gives away."""

SETTINGS = f"# settings\nexport DB_PASSWORD='{PASSWORD}'\nDEBUG=true\n"

KEY = OUTSIDE["outside/key.txt"].strip()


def wanting(*files: str) -> Rule:
    """A searcher that asks for these files."""
    return Rule(json.dumps({"files": list(files), "words": ["DB_PASSWORD", "net"]}), role="searcher")


@pytest.mark.parametrize(
    "path",
    [
        "../outside/key.txt",
        "{folder}/outside/key.txt",
        "link.txt",
        "away/key.txt",
        "a/../../outside/key.txt",
        "/etc/passwd",
        "~/.ssh/id_ed25519",
        "/proc/self/environ",
        ".git/config",
    ],
)
def test_no_file_outside_is_shown(tmp_path: Path, path: str) -> None:
    """Whatever a searcher names, the prompts hold lines of the project only."""
    links = {"link.txt": "../outside/key.txt", "away": "../outside"}

    fate = attacked(tmp_path, wanting(path.format(folder=tmp_path), "price.py"), links=links, scene=SOUGHT)

    assert fate.end["outcome"] == "verified", fate.report
    assert not [p for p in fate.prompts if KEY in p or "root:x:0" in p or "PRIVATE KEY" in p or "[core]" in p]
    assert fate.changed() == REPAIRED


@pytest.mark.parametrize("path", [".env", "service/.env.local", "id_rsa", "tls/server.key", ".netrc"])
def test_a_file_of_secrets_is_shown_to_no_model(tmp_path: Path, path: str) -> None:
    """A searcher that asks for it gets the rest, and events and report say what was kept back."""
    fate = attacked(tmp_path, wanting(path, "price.py"), files={path: SETTINGS}, scene=SOUGHT)

    assert fate.end["outcome"] == "verified", fate.report
    assert not [prompt for prompt in fate.prompts if PASSWORD in prompt]
    assert [event["path"] for event in fate.of("read.refused")] == [path]
    assert f"blocked: {path} is shown to no model" in fate.report


def test_a_secret_in_a_source_goes_out_under_another_name_and_survives_the_edit(tmp_path: Path) -> None:
    """The prompt holds a stand-in, the model writes it back, and the file keeps the secret."""
    source = f"{FIXED['price.py']}\nTOKEN = '{TOKEN}'\n"
    broken = source.replace("gross / rate", "gross * rate")

    def repaired(request: Request) -> Reply:
        text = request.text
        stand_in = text[text.index("hidden-secret-") :][:24]
        return right({**FIXED, "price.py": source.replace(TOKEN, stand_in)})(request)

    fate = attacked(tmp_path, Rule(repaired, role="coder"), files={"price.py": broken})

    assert fate.end["outcome"] == "verified", fate.report
    assert not [prompt for prompt in fate.prompts if TOKEN in prompt]
    assert (tmp_path / "project" / "price.py").read_text() == source
    assert TOKEN not in "".join(p.read_text() for p in (tmp_path / "state").rglob("*.jsonl"))


def test_a_stand_in_cannot_carry_a_secret_to_another_file(tmp_path: Path) -> None:
    """A model that writes the stand-in elsewhere would publish the secret: that edit is refused."""

    def moved(request: Request) -> Reply:
        stand_in = request.text[request.text.index("hidden-secret-") :][:24]
        return Reply(answer("public.py", f"TOKEN = '{stand_in}'\n"))

    source = f"{FIXED['price.py']}\nTOKEN = '{TOKEN}'\n"
    fate = attacked(tmp_path, Rule(moved, role="coder", nth=1), files={"keys.py": source, "price.py": source})

    assert not (tmp_path / "project" / "public.py").exists()
    assert fate.of("edit.refused") and TOKEN not in fate.report + json.dumps(fate.events)


def test_what_a_check_prints_of_secrets_reaches_nobody(tmp_path: Path) -> None:
    """A failing test that prints the settings: neither the fixer's prompt nor an event holds the password."""
    test = SMALL.test.replace("import unittest\n", "import unittest\nprint(open('.env').read())\n", 1)
    wrong = right({"price.py": FIXED["price.py"].replace("gross / rate", "gross - rate")})

    fate = attacked(
        tmp_path,
        Rule(wrong, role="coder", nth=1),
        files={".env": SETTINGS, "tests/test_shop.py": test},
    )

    assert fate.end["outcome"] == "verified", fate.report
    assert not [prompt for prompt in fate.prompts if PASSWORD in prompt]
    assert PASSWORD not in fate.report + json.dumps(fate.events)


def test_the_endpoints_key_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a prompt, not in what the run keeps, not in the environment of a check."""
    key = "key-of-the-endpoint-7Hq3"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    test = SMALL.test.replace("import unittest\n", "import os, unittest\nprint(sorted(os.environ.items()))\n", 1)

    fate = attacked(tmp_path, files={"tests/test_shop.py": test}, request=f"{SMALL.request} My key is {key}.")

    assert fate.end["outcome"] == "verified", fate.report
    assert not [prompt for prompt in fate.prompts if key in prompt]
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file() and path.name != "run.json"]
    assert not [path for path in kept if key.encode() in path.read_bytes()]


def test_checks_are_the_users_whatever_the_model_says(tmp_path: Path) -> None:
    """The only commands that ever run are those of the configuration."""
    fate = attacked(tmp_path, wanting("price.py; touch /tmp/orchestrator-shell", "$(touch x)", "`id`"), scene=SOUGHT)

    assert {event["command"].split(" tests.")[0] for event in fate.of("check.finished")} == {CHECK.split(" tests.")[0]}
    assert not Path("/tmp/orchestrator-shell").exists()
