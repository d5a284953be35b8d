"""The native tools for any other agent or editor, over the Model Context Protocol on standard input and output."""

from collections.abc import AsyncIterable, Sequence
from typing import Protocol

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from tools.catalogue import Answer, AnyTool, answered
from tools.workbench import Workbench

Received = SessionMessage | Exception
"""What a line of standard input is: a message, or why it is none."""


class Answers(Protocol):
    """Where messages to the client go."""

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message."""


INSTRUCTIONS = (
    "Tools for one project folder. Results say first how much there is, how much is shown, and what was skipped."
)


def serve(bench: Workbench, offered: Sequence[AnyTool], version: str) -> None:
    """Answer requests until standard input ends."""
    server = server_of(bench, offered, version)

    async def run() -> None:
        async with stdio_server() as (lines, answers), anyio.create_task_group() as tasks:
            sender, requests = anyio.create_memory_object_stream[Received](0)
            tasks.start_soon(pass_on, lines, sender, answers)
            await server.run(requests, answers, server.create_initialization_options())

    anyio.run(run)


async def pass_on(lines: AsyncIterable[Received], requests: MemoryObjectSendStream[Received], answers: Answers) -> None:
    """Hand on every message; a line that is none is answered here, for the protocol's library drops it in silence."""
    async with requests:
        async for item in lines:
            if isinstance(item, Exception):
                await answers.send(SessionMessage(no_message(item)))
            else:
                await requests.send(item)


def no_message(fault: Exception) -> types.JSONRPCError:
    """The answer to a line that is no JSON, or no message of JSON-RPC."""
    garbled = isinstance(fault, ValidationError) and fault.errors()[0]["type"] == "json_invalid"
    code, said = (
        (types.PARSE_ERROR, "The line is no JSON; each line must be one JSON-RPC 2.0 message.")
        if garbled
        else (
            types.INVALID_REQUEST,
            'This is no JSON-RPC 2.0 message; it needs "jsonrpc", "id", "method" and "params".',
        )
    )
    return types.JSONRPCError(jsonrpc="2.0", id=None, error=types.ErrorData(code=code, message=said))


def server_of(bench: Workbench, offered: Sequence[AnyTool], version: str) -> Server[dict[str, object]]:
    """The protocol's server over these tools."""
    listed = [described(tool) for tool in offered]

    async def list_tools(
        _: ServerRequestContext[dict[str, object]], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(
        _: ServerRequestContext[dict[str, object]], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        answer = await outside_the_loop(bench, offered, params)
        return types.CallToolResult(content=[types.TextContent(text=answer.text)], is_error=answer.refused)

    return Server(
        "orchestrator", version=version, instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )


async def outside_the_loop(bench: Workbench, offered: Sequence[AnyTool], params: types.CallToolRequestParams) -> Answer:
    """Call a tool in a thread; when the client takes its request back, the work stops too."""
    with bench.cancellable() as own:
        return await anyio.to_thread.run_sync(
            lambda: answered(own, offered, params.name, params.arguments or {}), abandon_on_cancel=True
        )


def described(tool: AnyTool) -> types.Tool:
    """A tool as the protocol lists it."""
    return types.Tool(
        name=tool.name,
        description=tool.summary,
        input_schema=tool.schema(),
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.writes, destructive_hint=tool.writes, open_world_hint=False
        ),
    )
