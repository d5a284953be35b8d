"""The team as an editor's agent: the real command, a real client of the protocol, real files."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from acp import PROTOCOL_VERSION, Client, RequestError, RequestPermissionResponse, spawn_agent_process, text_block
from acp.interfaces import Agent
from acp.schema import AllowedOutcome, DeniedOutcome

from tests.e2e.test_host import processes_in
from tests.faults.scene import CHECK, FIXED, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

Serve = Callable[[Scenario], Server]


class Editor:
    """An editor: it keeps what it is shown, and answers what it is asked."""

    def __init__(self, answer: str = "once") -> None:
        self.shown: list[Any] = []
        self.asked: list[Any] = []
        self.answer = answer
        self.seen = asyncio.Condition()

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        """Take in one update."""
        async with self.seen:
            self.shown.append(update)
            self.seen.notify_all()

    async def request_permission(self, session_id: str, tool_call: Any, options: Any, **_: Any) -> Any:
        """Choose one option, or close the question."""
        self.asked.append(tool_call)
        if self.answer == "close":
            return RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled"))
        assert self.answer in [option.option_id for option in options]
        return RequestPermissionResponse(outcome=AllowedOutcome(outcome="selected", option_id=self.answer))

    def of(self, kind: str) -> list[Any]:
        """The updates of a kind."""
        return [update for update in self.shown if update.session_update == kind]

    async def wait(self, fits: Callable[[Any], bool]) -> None:
        """Wait until something is shown."""
        async with self.seen:
            await asyncio.wait_for(self.seen.wait_for(lambda: any(map(fits, self.shown))), 60)

    def on_connect(self, conn: Agent) -> None:
        """Nothing to do."""


@pytest.fixture
def shop(world: World, serve: Serve) -> Server:
    """A shop with two defects, and a model that repairs them, slowly enough to be watched."""
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    return serve(SMALL.scenario().under([FaultRule("slow", role="coder", options={"seconds": 0.05})]))


@asynccontextmanager
async def connected(world: World, editor: Editor) -> AsyncIterator[tuple[Any, Any]]:
    """The agent, started and greeted."""
    command = (sys.executable, "-m", "orchestrator", "acp")
    started = spawn_agent_process(cast("Client", editor), *command, env=world.environment(), cwd=world.project)
    async with started as (agent, process):
        greeting = await agent.initialize(protocol_version=PROTOCOL_VERSION)
        assert greeting.agent_capabilities.load_session and greeting.agent_info.name == "opencode-orchestrator"
        yield agent, process


def talk(world: World, editor: Editor, words: Callable[[Any, str], Awaitable[None]]) -> None:
    """One conversation in the project."""

    async def conversation() -> None:
        async with connected(world, editor) as (agent, _):
            session = await agent.new_session(cwd=str(world.project), mcp_servers=[])
            await words(agent, session.session_id)

    asyncio.run(conversation())


def test_a_task_is_done_before_the_editors_eyes(world: World, shop: Server) -> None:
    """A plan with live states, the agents' work, checks that turn green, questions, the change as diffs, the report."""
    editor = Editor()

    async def words(agent: Any, session: str) -> None:
        done = await agent.prompt(session_id=session, prompt=[text_block(SMALL.request)])
        assert done.stop_reason == "end_turn"

    talk(world, editor, words)

    states = [update.entries[0].status for update in editor.of("plan")]
    assert states[0] == "pending" and "in_progress" in states and states[-1] == "completed"
    titles = [update.title for update in editor.of("tool_call")]
    assert any(title.startswith("coder: Repair") for title in titles) and any("green: " in title for title in titles)
    assert [call.kind for call in editor.asked] == ["execute", "execute", "edit"]
    diffs = {Path(diff.path).name: diff for diff in editor.asked[-1].content}
    assert diffs["price.py"].new_text == FIXED["price.py"] and diffs["price.py"].old_text == SMALL.files["price.py"]
    assert editor.of("tool_call")[-1].title == "the verified change"
    assert "**VERIFIED**" in editor.of("agent_message_chunk")[-1].content.text
    assert {command.name for command in editor.of("available_commands_update")[0].available_commands} >= {
        "auto",
        "plan",
    }
    assert {name: (world.project / name).read_text() for name in FIXED} == FIXED


def test_plan_and_change_are_approved_in_the_editor(world: World, shop: Server) -> None:
    """The plan as a list, the change as diffs; nothing of it is asked twice, and `always` is not offered."""
    world.env |= {"ORCHESTRATOR_APPROVE_PLAN": "true", "ORCHESTRATOR_APPROVE_APPLY": "true"}
    editor = Editor()

    async def words(agent: Any, session: str) -> None:
        await agent.prompt(session_id=session, prompt=[text_block(SMALL.request)])

    talk(world, editor, words)

    assert [call.kind for call in editor.asked] == ["execute", "other", "execute", "edit"]
    assert "Repair" in editor.asked[1].content[0].content.text and len(editor.asked[3].content) == 2
    assert {name: (world.project / name).read_text() for name in FIXED} == FIXED


@pytest.mark.parametrize("answer", ["no", "close"])
def test_a_refusal_is_an_honest_outcome(world: World, shop: Server, answer: str) -> None:
    """A question that is closed is not allowed."""
    before, editor = tree(world.project), Editor(answer)

    async def words(agent: Any, session: str) -> None:
        await agent.prompt(session_id=session, prompt=[text_block(f"/auto {SMALL.request}")])

    talk(world, editor, words)

    assert "**UNVERIFIED** you did not allow" in editor.of("agent_message_chunk")[-1].content.text
    assert tree(world.project) == before and len(editor.asked) == 1


def test_always_is_asked_once(world: World, shop: Server) -> None:
    """For commands, and for edits."""
    editor = Editor("always")

    async def words(agent: Any, session: str) -> None:
        await agent.prompt(session_id=session, prompt=[text_block(SMALL.request)])

    talk(world, editor, words)

    assert [call.kind for call in editor.asked] == ["execute", "edit"]


def test_a_cancelled_prompt_ends_at_once_and_leaves_nothing(world: World, shop: Server) -> None:
    """No process, no change; the next prompt of the session is served."""
    before, editor = tree(world.project), Editor()

    async def words(agent: Any, session: str) -> None:
        prompt = asyncio.create_task(agent.prompt(session_id=session, prompt=[text_block(SMALL.request)]))
        await editor.wait(lambda update: getattr(update, "title", None) and update.title.startswith("coder"))
        await agent.cancel(session_id=session)
        done = await asyncio.wait_for(prompt, 5)
        assert done.stop_reason == "cancelled" and tree(world.project) == before

        await agent.prompt(session_id=session, prompt=[text_block("/runs")])
        assert "interrupted" in editor.of("agent_message_chunk")[-1].content.text

    talk(world, editor, words)


def test_an_earlier_run_is_loaded_by_its_session_or_its_id(world: World, shop: Server) -> None:
    """Request, plan, work and report again; what does not exist is an error of the protocol."""
    first, again, by_run = Editor(), Editor(), Editor()
    sessions: list[str] = []

    async def words(agent: Any, session: str) -> None:
        sessions.append(session)
        await agent.prompt(session_id=session, prompt=[text_block(SMALL.request)])

    talk(world, first, words)

    async def load(editor: Editor, name: str) -> None:
        async with connected(world, editor) as (agent, _):
            await agent.load_session(cwd=str(world.project), session_id=name, mcp_servers=[])
            with pytest.raises(RequestError):
                await agent.load_session(cwd=str(world.project), session_id="0" * 32, mcp_servers=[])

    asyncio.run(load(again, sessions[0]))
    asyncio.run(load(by_run, world.runs()[-1].name))

    for editor in (again, by_run):
        assert editor.of("user_message_chunk")[0].content.text == SMALL.request
        assert editor.of("plan")[-1].entries[0].status == "completed"
        assert "**VERIFIED**" in editor.of("agent_message_chunk")[-1].content.text


def test_an_editor_that_dies_leaves_no_process(world: World, shop: Server) -> None:
    """The agent ends with its input, and its command with it."""
    editor = Editor()

    async def conversation() -> int:
        async with connected(world, editor) as (agent, process):
            session = await agent.new_session(cwd=str(world.project), mcp_servers=[])
            prompt = asyncio.create_task(agent.prompt(session_id=session.session_id, prompt=[text_block("x")]))
            await editor.wait(lambda update: update.session_update == "tool_call")
            process.stdin.close()
            await asyncio.wait_for(process.wait(), 10)
            prompt.cancel()
            return int(process.pid)

    with contextlib.suppress(ConnectionError):  # what the editor still had to say
        asyncio.run(conversation())

    driver = int((world.runs()[-1] / "lock").read_text() or 0)
    assert not driver or processes_in(driver) == []
