"""The agent that editors talk to: each prompt is an order to a process of its own, whose events become updates."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from acp import (
    PROTOCOL_VERSION,
    InitializeResponse,
    LoadSessionResponse,
    NewSessionResponse,
    PromptResponse,
    RequestError,
    update_agent_message_text,
    update_user_message_text,
)
from acp.helpers import text_block, tool_content, update_available_commands
from acp.interfaces import Client
from acp.schema import (
    AgentCapabilities,
    AllowedOutcome,
    AvailableCommand,
    Implementation,
    PermissionOption,
    ToolCallUpdate,
)

from orchestrator.acp.sessions import EditorSession, Sessions
from orchestrator.acp.translate import Translator
from orchestrator.fold import view_of
from orchestrator.host.order import COMMANDS, VERSION
from orchestrator.host.progress import report
from orchestrator.version import installed_version
from orchestrator.words import command_text, number
from workspace.errors import WorkspaceError
from workspace.own_command import OwnCommand
from workspace.run import Run

DESCRIPTIONS = {
    "auto": "do a task: plan, write, review, fix until executed checks hold",
    "plan": "cut a task into atomic steps, and stop there",
    "search": "find the lines of this project that matter",
    "review": "find certain defects of a change (a commit, A..B, or what is not committed)",
    "fix": "repair the errors that are given",
    "answer": "answer what the run that waits here has asked",
    "agents": "show the team",
    "runs": "list the newest runs",
    "undo": "take back what the newest run changed here",
    "cancel": "interrupt the run that another process drives here",
}


class OrchestratorAgent:
    """Serves one editor over one connection."""

    def __init__(self, home: Path, model: str, base_url: str) -> None:
        self._home = home
        self._model = {"model": model, "base_url": base_url}
        self._sessions = Sessions(home)
        self._children: dict[str, OwnCommand] = {}
        self._cancelled: set[str] = set()
        self._editor: Client
        self._later: set[asyncio.Task[None]] = set()

    def on_connect(self, conn: Client) -> None:
        """Know whom to tell."""
        self._editor = conn

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:
        """Say what this agent can do."""
        own = installed_version() or "0"
        return InitializeResponse(
            protocol_version=min(protocol_version, PROTOCOL_VERSION),
            agent_capabilities=AgentCapabilities(load_session=True),
            agent_info=Implementation(name="opencode-orchestrator", title="OpenCode Orchestrator", version=own),
        )

    async def new_session(self, cwd: str, **_: Any) -> NewSessionResponse:
        """Open a conversation on a folder."""
        session = self._sessions.begin(cwd)
        self._offer_commands(session.id)
        return NewSessionResponse(session_id=session.id)

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> LoadSessionResponse:
        """Show an earlier conversation again, or any run by its id."""
        session = self._sessions.find(session_id)
        if session is None:
            session = EditorSession(session_id, cwd, [self._run(session_id).id])
            self._sessions.adopt(session_id, session)
        for run in session.runs:
            await self._show_again(session_id, run)
        self._offer_commands(session_id)
        return LoadSessionResponse()

    async def cancel(self, session_id: str, **_: Any) -> None:
        """Interrupt the command of a session; its run can go on later."""
        self._cancelled.add(session_id)
        if child := self._children.get(session_id):
            child.interrupt()

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> PromptResponse:
        """Carry out one command."""
        session = self._sessions.find(session_id)
        if session is None:
            raise RequestError.invalid_params({"sessionId": "there is no such session"})
        if session_id in self._children:
            raise RequestError.invalid_request({"reason": "a command is under way in this session"})
        self._cancelled.discard(session_id)
        command, text = command_of(text_of(prompt))
        order = {"v": VERSION, "command": command, "text": text, "root": session.cwd, "events": True, "attended": True}
        order |= self._model
        said = await self._carry_out(session, order)
        if session_id in self._cancelled:
            return PromptResponse(stop_reason="cancelled")
        await self._editor.session_update(session_id=session_id, update=update_agent_message_text(said))
        return PromptResponse(stop_reason="end_turn")

    async def _carry_out(self, session: EditorSession, order: Mapping[str, Any]) -> str:
        """Let a process of its own carry out an order; returns what it says in the end."""
        try:
            child = await OwnCommand.start("host", cwd=Path(session.cwd))
        except OSError as fault:
            return f"{session.cwd} cannot be worked in ({fault.strerror})."
        self._children[session.id] = child
        translator = Translator(Path(session.cwd), self._run)
        result = "The command ended without a result."
        try:
            await child.tell(order)
            async for message in child.messages():
                if message["type"] == "event":
                    await self._show(session, translator, message["event"])
                elif message["type"] == "ask":
                    allowed = await self._ask(session, translator, message)
                    await child.tell({"id": message["id"], "allowed": allowed})
                elif message["type"] == "result":
                    result = message["text"]
        finally:
            child.end()
            del self._children[session.id]
        return result

    async def _show(self, session: EditorSession, translator: Translator, event: Mapping[str, Any]) -> None:
        for update in translator.updates(event):
            await self._editor.session_update(session_id=session.id, update=update)
        if event["type"] == "run.started":
            self._sessions.remember(session, event["run"])

    async def _ask(self, session: EditorSession, translator: Translator, question: Mapping[str, Any]) -> bool:
        """Ask the editor's user; once for all where they say so."""
        action = question["action"]
        if action in session.allowed:
            return True
        always = PermissionOption(option_id="always", name=f"Always allow to {action} here", kind="allow_always")
        answer = await self._editor.request_permission(
            session_id=session.id,
            tool_call=asked_call(question, translator),
            options=[
                PermissionOption(option_id="once", name="Allow", kind="allow_once"),
                *([always] if action in ("execute", "edit") else []),
                PermissionOption(option_id="no", name="Do not allow", kind="reject_once"),
            ],
        )
        chosen = answer.outcome.option_id if isinstance(answer.outcome, AllowedOutcome) else "no"
        if chosen == "always":
            session.allowed.add(action)
        return chosen in ("once", "always")

    async def _show_again(self, session_id: str, name: str) -> None:
        """Show a run that has ended: its request, its plan, its work, its report."""
        try:
            run = Run.open(self._home, name)
            events = list(run.events.read())
        except WorkspaceError as gone:
            await self._editor.session_update(session_id=session_id, update=update_agent_message_text(str(gone)))
            return
        translator = Translator(run.root, self._run)
        await self._editor.session_update(session_id=session_id, update=update_user_message_text(run.request))
        for event in events:
            for update in translator.updates(event):
                await self._editor.session_update(session_id=session_id, update=update)
        said = report(view_of(events))
        await self._editor.session_update(session_id=session_id, update=update_agent_message_text(said))

    def _run(self, name: str) -> Run:
        """A run of this state directory; an editor is told where there is none."""
        try:
            return Run.open(self._home, name)
        except WorkspaceError as fault:
            raise RequestError.invalid_params({"sessionId": str(fault)}) from None

    def _offer_commands(self, session_id: str) -> None:
        """Name the commands, after the answer that the editor waits for."""
        commands = [AvailableCommand(name=name, description=DESCRIPTIONS[name]) for name in COMMANDS]
        update = update_available_commands(commands)

        async def offer() -> None:
            await self._editor.session_update(session_id=session_id, update=update)

        task = asyncio.create_task(offer())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def end_all(self) -> None:
        """Leave no process behind."""
        for child in self._children.values():
            child.end()


def asked_call(question: Mapping[str, Any], translator: Translator) -> ToolCallUpdate:
    """What the editor shows of a question: a command, a plan, or the diffs of a change."""
    targets = question["targets"]
    call = partial(ToolCallUpdate, tool_call_id=f"ask-{question['id']}", status="pending")
    if question["action"] == "execute":
        command = targets[0]
        return call(title=f"run {command_text(command, 100)}", kind="execute", raw_input={"command": command})
    if question["action"] == "plan":
        listed = tool_content(text_block("\n".join(f"- {target}" for target in targets)))
        title = f"carry out a plan of {number(len(targets), 'task')}"
        return call(title=title, kind="other", content=[listed], raw_input={"tasks": targets})
    diffs: list[Any] = list(translator.diffs(targets)) if translator.view.id else []
    title = f"change {number(len(targets), 'file')}"
    return call(title=title, kind="edit", content=diffs or None, raw_input={"files": targets})


def command_of(text: str) -> tuple[str, str]:
    """The command that a prompt begins with, and the rest; a prompt without one is a task.

    Reports name some commands as OpenCode has them, with -auto at the end.
    """
    word, rest = [*text.split(None, 1), "", ""][:2]
    name = word.removeprefix("/").removesuffix("-auto")
    return (name, rest.strip()) if word.startswith("/") and name in COMMANDS else ("auto", text.strip())


def text_of(prompt: list[Any]) -> str:
    """The text of a prompt; a file that was linked is named by its place."""
    parts = [getattr(block, "text", None) or getattr(block, "uri", None) for block in prompt]
    return "\n".join(part for part in parts if part)
