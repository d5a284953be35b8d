"""`orchestrator model probe`: what each kind of server can do is told as it is."""

import json
from pathlib import Path

import pytest

from tests.modelserver import FaultRule, Reply, Request, Rule, Scenario, Server, ToolCall
from tests.world import World

APPLES = {"colour": "red", "count": 3}


def says(request: Request) -> Reply:
    """A model that is able to do all that its server lets it do."""
    if request.tools:
        return Reply(None, tool_calls=(ToolCall("answer", APPLES),))
    if "apples" in request.text:
        return Reply(json.dumps(APPLES))
    return Reply(json.dumps({"kind": "small", "title": "Rename total"}))


def world_at(folder: Path, server: Server) -> World:
    """A machine whose environment names the server."""
    world = World(folder)
    world.project.mkdir()
    world.env |= {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "m", "OPENAI_API_KEY": "sk-probe-secret"}
    return world


EXPECTED = {
    "ollama": ("/api/ps", {}),
    "lmstudio": ("/api/v0/models", {"JSON mode": "no"}),
    "llama-server": ("/props", {}),
    "vllm": ("/v1/models", {"tool calls": "no"}),
}


@pytest.mark.parametrize("dialect", EXPECTED)
def test_each_kind_of_server_is_told_as_it_is(tmp_path: Path, dialect: str) -> None:
    """Context with the page that tells it, and each ability with what was seen; the key is nowhere."""
    with Server(Scenario("m", [Rule(says)], context=6000), dialect=dialect) as server:
        done = world_at(tmp_path, server).run("model", "probe", "--json")
    assert done.code == 0, done.err
    source, lacking = EXPECTED[dialect]
    assert done.result["context"] == {"tokens": 6000, "source": source}
    works = {each["name"]: each["works"] for each in done.result["abilities"]}
    wanted = dict.fromkeys(("streaming", "token counts", "JSON schema", "JSON mode", "tool calls"), "yes")
    assert works == wanted | lacking
    assert "sk-probe-secret" not in done.out + done.err


def test_a_table_for_people(tmp_path: Path) -> None:
    """Without --json the same stands in a table, with the server's own words where it refuses."""
    with Server(Scenario("m", [Rule(says)], context=6000), dialect="vllm") as server:
        done = world_at(tmp_path, server).run("model", "probe")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert any(line.startswith("context  6000 tokens (by /v1/models)") for line in lines)
    assert any(line.startswith("tool calls") and " no " in line and "--enable-auto-tool" in line for line in lines)


def test_a_wrong_key_is_told_with_the_setting(tmp_path: Path) -> None:
    """Nothing is tried in vain: one request, exit 5, and what to change."""
    scenario = Scenario("m", [Rule(says)], faults=[FaultRule("e401", times=None)])
    with Server(scenario) as server:
        done = world_at(tmp_path, server).run("model", "probe")
        assert len(server.requests) == 1
    assert done.code == 5 and "OPENAI_API_KEY" in done.err
