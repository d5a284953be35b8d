"""The steps of a run, as people name them: an agent's visit in a lane, numbered in the order in which they began."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from orchestrator.errors import UsageError
from orchestrator.fold import seconds_between
from orchestrator.fork.came import MORE, came_of

Seat: TypeAlias = tuple[str, str, int]
"""Lane, agent, and attempt: the first half of the addresses of a journal."""

RUN = "run"
"""What stands for the lane where no lane is: the outer graph."""

FORM = re.compile(r"#?(?P<number>\d+)|(?P<lane>[\w.-]+):(?P<attempt>\d+)|(?P<where>[\w.:-]+?)(:(?P<visit>\d+))?")


CANDIDATE = re.compile(r"\.c\d+$")
"""What the lane of one of several answers has after the name of the lane that wants one of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One visit of an agent."""

    number: int
    """Its place among all steps of the run, from 1."""
    lane: str
    agent: str
    visit: int
    """How often the agent has been in this lane, this time included."""
    attempt: int
    """Attempts made in the lane before; in the outer graph, visits of the orchestrator before."""
    seq: int
    """The number of the event with which it began."""
    time: str
    """When it began, ISO 8601 in UTC."""
    began: float = 0.0
    """Seconds from the first event of the run to its beginning."""
    seconds: float = 0.0
    """How long it took; 0 where it has not ended."""
    calls: int = 0
    """Requests that it sent, answered ones only."""
    came: str = ""
    """What came of it, in a few words."""

    @property
    def name(self) -> str:
        """Its name: LANE:AGENT:VISIT, or AGENT:VISIT in the outer graph."""
        return f"{self.agent}:{self.visit}" if self.lane == RUN else f"{self.lane}:{self.agent}:{self.visit}"

    @property
    def seat(self) -> Seat:
        """Where its calls stand in the journal."""
        return self.lane, self.agent, self.attempt


def steps_of(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Every step, in the order of their beginnings; one that was begun again after a crash is one step."""
    steps: list[Step] = []
    visits, under_way, first = Counter[tuple[str, str]](), dict[Seat, int](), ""
    last: dict[str, int] = {}
    for event in events:
        first = first or str(event.get("time", ""))
        lane = str(event.get("lane", RUN))
        match event.get("type"):
            case "agent.started":
                seat: Seat = (lane, str(event["agent"]), int(event.get("attempt", 0)))
                if seat not in under_way:
                    visits[seat[:2]] += 1
                    time = str(event["time"])
                    begun = seconds_between(first, time)
                    steps.append(Step(len(steps) + 1, *seat[:2], visits[seat[:2]], seat[2], event["seq"], time, begun))
                    under_way[seat] = len(steps) - 1
                last[lane] = under_way[seat]
            case "agent.finished":
                place = under_way.pop((lane, str(event["agent"]), int(event.get("attempt", 0))), None)
                if place is not None:
                    took = seconds_between(steps[place].time, str(event["time"]))
                    steps[place] = replace(steps[place], seconds=took)
            case "call.finished" if lane in last:
                steps[last[lane]] = replace(steps[last[lane]], calls=steps[last[lane]].calls + 1)
            case _:
                _note(event, steps, last)
    return steps


def _note(event: Mapping[str, Any], steps: list[Step], last: Mapping[str, int]) -> None:
    """Put into a step what its event says came of it."""
    lane = CANDIDATE.sub("", str(event.get("lane", RUN)))
    if event["type"] == "acceptance.set":
        lane = next((name for name in reversed(list(last)) if name.partition(".")[0] == event.get("task")), lane)
    try:
        text = came_of(event)
    except (KeyError, TypeError, IndexError):
        return  # an event of another version says less; the step is there all the same
    if text and lane in last:
        step = steps[last[lane]]
        more = event["type"] in MORE and step.came
        steps[last[lane]] = replace(step, came=f"{step.came}, {text}" if more else text)


def found(steps: list[Step], text: str) -> Step:
    """The step that a person names: its number, LANE:AGENT:VISIT (the first visit without one), or LANE:ATTEMPT.

    Raises UsageError where there is none.
    """
    form = FORM.fullmatch(text.strip())
    if form and form["number"]:
        fits = [step for step in steps if step.number == int(form["number"])]
    elif form and form["lane"] and (tries := _tries(steps, form["lane"], int(form["attempt"]))):
        fits = tries
    elif form:
        where, visit = text.strip(), 1
        if (tail := where.rpartition(":"))[2].isdigit():
            where, visit = tail[0], int(tail[2])
        fits = [step for step in steps if step.name == f"{where.removeprefix(f'{RUN}:')}:{visit}"]
    else:
        fits = []
    if not fits:
        raise UsageError(f"There is no step {text!r} in this run.", fix="List its steps: orchestrator fork RUN --steps")
    return fits[0]


def _tries(steps: list[Step], lane: str, number: int) -> list[Step]:
    """The step of a lane that makes the attempt of this number."""
    makers = ("coder", "fixer")
    return [s for s in steps if s.lane == lane and s.agent in makers and s.attempt == number - 1]
