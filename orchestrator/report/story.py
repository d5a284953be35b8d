"""The story of each lane: which attempts were made, what was asked and refused in each, how each was judged."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from models.asked import Asked
from models.seat import CallKey
from orchestrator.fold import Event
from orchestrator.report.cost import Used
from orchestrator.words import finding_text, listed

CANDIDATE = re.compile(r"(.+)\.c\d+")
"""The lane of one of several answers that are tried side by side, after the lane that wants one of them."""


@dataclass
class Attempt:
    """One try at a task, or what came before the first one (number 0)."""

    number: int
    agents: list[str] = field(default_factory=list)
    calls: list[Asked] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    """What was wanted and not done: edits that were refused, files that are shown to no model."""
    notes: list[str] = field(default_factory=list)
    verdict: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the last verdict event; empty while there is none."""

    @property
    def state(self) -> str:
        """How it stands, in one word."""
        if not self.verdict:
            return "not judged"
        return "passed" if self.verdict["passed"] else "refused" if self.verdict.get("refused") else "failed"

    @property
    def strategy(self) -> str:
        """How it was made, as far as is known before it is judged."""
        return str(self.verdict.get("strategy") or ("fix" if "fixer" in self.agents else "code"))

    @property
    def used(self) -> Used:
        """What its answered calls used."""
        used = Used()
        for call in self.calls:
            if call.answer:
                used.add(call.answer)
        return used


@dataclass
class LaneStory:
    """One lane."""

    name: str
    attempts: dict[int, Attempt] = field(default_factory=dict)

    def attempt(self, number: int) -> Attempt:
        """The attempt of this number."""
        return self.attempts.setdefault(number, Attempt(number))


def told(events: Iterable[Event], calls: Iterable[Asked]) -> dict[str, LaneStory]:
    """The lanes in the order in which they began."""
    story = _Story()
    for event in events:
        # An event of another version may lack a field: the rest of the story still stands.
        with suppress(KeyError, TypeError, ValueError):
            story.take(event)
    for call in calls:
        story.lane(call.key.lane).attempt(attempt_of(call.key)).calls.append(call)
    for lane in story.lanes.values():
        lane.attempts = dict(sorted(lane.attempts.items()))
    return story.lanes


def attempt_of(key: CallKey) -> int:
    """The attempt that a call belongs to: reviewers look at one that is made, the others make the next one."""
    if key.lane == "run" or key.agent == "reviewer" or (key.agent == "searcher" and not key.attempt):
        return 0 if key.lane == "run" else key.attempt
    return key.attempt + 1


class _Story:
    def __init__(self) -> None:
        self.lanes: dict[str, LaneStory] = {}
        self._at: dict[str, int] = {}

    def lane(self, name: str) -> LaneStory:
        if name not in self.lanes and (found := CANDIDATE.fullmatch(name)) and found[1] in self.lanes:
            name = found[1]
        return self.lanes.setdefault(name, LaneStory(name))

    def take(self, event: Event) -> None:
        lane = event.get("lane")
        if not isinstance(lane, str):
            return
        story = self.lane(lane)
        if event["type"] == "agent.started":
            key = CallKey(lane, str(event["agent"]), int(event.get("attempt", 0)), 0)
            self._at[story.name] = attempt_of(key)
            attempt = story.attempt(self._at[story.name])
            attempt.agents += [key.agent] if key.agent not in attempt.agents else []
        elif event["type"] == "verdict":
            attempt = story.attempt(event["attempt"])
            attempt.verdict = event
        else:
            _note(story.attempt(self._at.get(story.name, 0)), event)


def _note(attempt: Attempt, event: Event) -> None:
    match event["type"]:
        case "edit.refused":
            _add(attempt.guards, *(f"{f.get('source', 'edit')}: {finding_text(f)}" for f in event.get("findings", [])))
        case "read.refused":
            _add(attempt.guards, f"{event['path']} is shown to no model: {event['reason']}")
        case "edit.applied":
            _add(attempt.notes, f"wrote {listed(list(event['files']))}")
        case "call.retried" | "call.failed":
            _add(attempt.notes, f"{event['agent']}: {event['text']}")
        case "candidates.judged":
            tried = len(event.get("candidates", []))
            _add(attempt.notes, f"{tried} answers were tried side by side; number {event['chosen']} held best")
        case "check.flaky":
            _add(attempt.notes, f"flaky, both red and green on one tree: {listed(list(event['tests']))}")
        case "tests.changed":
            agreed = "agreed to" if event.get("agreed") else "refused"
            _add(attempt.notes, f"existing tests changed, {agreed}: {listed(list(event['files']))}")


def _add(texts: list[str], *new: str) -> None:
    texts += [text for text in new if text not in texts]
