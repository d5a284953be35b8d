"""Editors that reach the plugin through OpenCode: `opencode acp` lists /auto and runs it."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from acp import PROTOCOL_VERSION, Client, spawn_agent_process, text_block

from tests.e2e.test_acp import Editor
from tests.faults.scene import FIXED, SMALL
from tests.modelserver.server import Server
from tests.opencode.world import BINARY, OpenCode

pytestmark = pytest.mark.opencode


def test_auto_runs_through_opencode(opened: Callable[..., tuple[OpenCode, Server]]) -> None:
    """Handshake, commands, the tool call with its result, the end of the turn."""
    opencode, _ = opened()
    editor = Editor()

    async def conversation() -> None:
        started = spawn_agent_process(
            cast("Client", editor), str(BINARY), "acp", env=opencode.environment(), cwd=opencode.project
        )
        async with started as (agent, _):
            await agent.initialize(protocol_version=PROTOCOL_VERSION)
            session = await agent.new_session(cwd=str(opencode.project), mcp_servers=[])
            await editor.wait(lambda update: update.session_update == "available_commands_update")
            said: Any = await agent.prompt(session_id=session.session_id, prompt=[text_block(f"/auto {SMALL.request}")])
            assert said.stop_reason == "end_turn"

    asyncio.run(conversation())

    offered = {command.name for command in editor.of("available_commands_update")[0].available_commands}
    assert {"auto", "plan", "undo-auto"} <= offered
    assert any("VERIFIED" in update.model_dump_json() for update in editor.of("tool_call_update"))
    assert {name: (opencode.project / name).read_text() for name in FIXED} == FIXED
