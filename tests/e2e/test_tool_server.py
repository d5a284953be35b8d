"""The native tools over the Model Context Protocol: the real command, a real client, real files."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from syrupy.assertion import SnapshotAssertion

from tests.world import World

INITIALIZE = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
    '"clientInfo":{"name":"test","version":"1"}}}'
)

SHOP = """\
def total(prices, tax=0):
    return sum(prices) * (1 + tax)


def receipt(prices):
    return f"total {total(prices)}"
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A project of two files, and an empty state directory."""
    world = World(tmp_path)
    world.project.mkdir()
    (world.project / "shop.py").write_text(SHOP)
    (world.project / "README.md").write_text("# Shop\n\nIts total is right.\n")
    return world


@asynccontextmanager
async def served(world: World, *flags: str) -> AsyncIterator[Client]:
    """A client of the served project."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "orchestrator", "tools", "mcp", *flags],
        env=world.environment(),
        cwd=world.project,
    )
    async with Client(stdio_client(command)) as client:
        yield client


async def text_of(client: Client, tool: str, **arguments: object) -> str:
    """What a tool answers."""
    result = await client.call_tool(tool, arguments)
    return "".join(part.text for part in result.content if part.type == "text")


def test_a_client_finds_every_tool_with_its_schema(world: World, snapshot: SnapshotAssertion) -> None:
    """What is offered is the catalogue: names, sentences, arguments, and which tools write."""

    async def listed() -> list[dict[str, object]]:
        async with served(world) as client:
            return [tool.model_dump(exclude_none=True) for tool in (await client.list_tools()).tools]

    assert anyio.run(listed) == snapshot


def test_a_client_looks_and_changes(world: World) -> None:
    """Search sees an edit that was made through the same server, and the edit is on disk."""

    change = {"path": "shop.py", "search": "sum(prices) * (1 + tax)", "replace": "round(sum(prices) * (1 + tax), 2)"}

    async def session() -> tuple[str, str, str]:
        async with served(world) as client:
            return (
                await text_of(client, "edit", edits=[change]),
                await text_of(client, "search", pattern="round("),
                await text_of(client, "search", pattern="return sum"),
            )

    how, new, old = anyio.run(session)
    assert how == "1 file changed; written\nshop.py: exact, part of a line\n"
    assert new.startswith('1 matching line for "round("')
    assert old.startswith('0 matching lines for "return sum"')
    assert "return round(sum(prices) * (1 + tax), 2)" in (world.project / "shop.py").read_text()


def test_every_bad_call_gets_an_answer_that_names_the_way_on(world: World, snapshot: SnapshotAssertion) -> None:
    """Unknown tools, wrong or missing arguments, missing files and paths that lead out are all answered."""
    calls: list[tuple[str, dict[str, object]]] = [
        ("serch", {"pattern": "x"}),
        ("search", {"pattrn": "x"}),
        ("read", {}),
        ("read", {"path": "shp.py"}),
        ("read", {"path": "../outside.py"}),
        ("search", {"pattern": ""}),
        ("edit", {}),
        ("edit", {"edits": [{"path": ".env", "content": "KEY=1\n"}]}),
        ("edit", {"edits": [{"path": "shop.py", "search": "def totl(prices):", "replace": ""}]}),
    ]

    async def answers() -> list[tuple[str, bool, str]]:
        async with served(world) as client:
            results = [(name, given, await client.call_tool(name, given)) for name, given in calls]
            return [
                (name, bool(r.is_error), r.content[0].text) for name, _, r in results if r.content[0].type == "text"
            ]

    told = anyio.run(answers)
    assert all(refused for _, refused, _ in told)
    assert told == snapshot
    assert not (world.project / ".env").exists()


def test_every_line_from_a_client_is_answered(world: World) -> None:
    """Garbage, messages that are none, unknown methods and calls without a name each get an error that says so."""
    lines = [
        INITIALIZE,
        '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        "{garbage",
        '{"method":"tools/list"}',
        '{"jsonrpc":"2.0","id":2,"method":"no/such"}',
        '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{}}',
        '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"read"}}',
        '{"jsonrpc":"2.0","id":5,"method":"ping"}',
    ]
    process = world.start("tools", "mcp", stdin=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n".join([*lines, ""]))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(7)]
    process.communicate(timeout=30)

    codes = sorted(str(answer["error"]["code"]) for answer in answers if "error" in answer)
    assert codes == ["-32600", "-32601", "-32602", "-32700"]
    results = {answer["id"]: answer["result"] for answer in answers if "result" in answer}
    assert set(results) == {1, 4, 5}
    assert (results[4]["isError"], results[4]["content"][0]["text"]) == (True, "read: path is missing")
    assert process.returncode == 0


def test_a_read_only_server_offers_nothing_that_writes(world: World) -> None:
    """With --read-only the tools that change files are neither listed nor callable."""

    async def session() -> tuple[list[str], str]:
        async with served(world, "--read-only") as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            return names, await text_of(client, "edit", edits=[{"path": "new.py", "content": "x = 1\n"}])

    names, answer = anyio.run(session)
    assert "search" in names
    assert "edit" not in names
    assert "There is no tool 'edit'" in answer
    assert not (world.project / "new.py").exists()


def test_tools_can_be_called_from_the_command_line(world: World) -> None:
    """`tools call` prints what a model would read, and refuses with a sentence."""
    found = world.run("tools", "call", "search", '{"patterns": "total", "limit": 3.0}')
    assert found.code == 0
    assert found.out.startswith('3 matching lines for "total" in 2 files')

    refused = world.run("tools", "call", "search", "{}")
    assert refused.code == 1
    assert refused.err == "search: patterns is missing\n"

    garbled = world.run("tools", "call", "search", "{patterns}")
    assert garbled.code == 2
    assert "no JSON" in garbled.err
