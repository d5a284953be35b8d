"""Toolbox: the native tools of one role on one lane. What a role does not hold is refused; every use is an event."""

from pathlib import Path
from typing import Any

from nodes.roles import ROLES
from nodes.session import Session
from tools.catalogue import TOOLS, Answer, answered
from tools.workbench import Workbench
from workspace.protected import why_protected


class Toolbox:
    """What one agent may do with the files of a lane."""

    def __init__(self, session: Session, role: str, lane: str) -> None:
        self._session = session
        self._role = ROLES[role]
        self._lane = lane

    def use(self, tool: str, **arguments: Any) -> Answer:
        """Use a tool on the lane's files as they are now; a refusal is an answer too, and an event."""
        answer = answered(self._bench(), self._held(), tool, arguments)
        event = "tool.refused" if answer.refused else "tool.used"
        said = answer.text.partition("\n")[0]
        self._session.emit(event, lane=self._lane, agent=self._role.name, tool=tool, arguments=arguments, said=said)
        return answer

    def _held(self) -> list[Any]:
        return [tool for tool in TOOLS if tool.name in self._role.tools]

    def _bench(self) -> Workbench:
        lane = self._session.lane(self._lane)
        journal = Path(self._session.run.folder) / "edits" / self._lane
        return Workbench(self._session.index(self._lane), lane.path, journal, why_protected)
