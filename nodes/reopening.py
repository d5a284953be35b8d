"""Reopening: a run that a limit or its provider has ended goes on where it was, once there is more to spend."""

from nodes.state import LaneResult, RunState, Status

CUT = ("budget", "provider")
"""How a task ends that was not judged: nobody could be asked any more."""


def can_reopen(state: RunState) -> bool:
    """True for a run whose graph has ended for want of calls, not of ideas."""
    return state.get("outcome") in CUT


def reopened(state: RunState) -> RunState:
    """The update after which the run goes on: what was cut off is dispatched again into the lane that it was in.

    The lane starts from the same commit, so that the journal hands it every answer that it has had.
    """
    status: dict[str, Status] = dict(state.get("status", {}))
    cut = [name for name, where in status.items() if where in CUT]
    was = state.get("results", {})
    marked: dict[str, LaneResult] = {name: {**was[name], "lane": ""} for name in cut}
    again: dict[str, Status] = {name: "waiting" for name, where in status.items() if where in (*CUT, "blocked")}
    return {
        "status": {**status, **again},
        "dispatched": {n: times - (n in cut) for n, times in state.get("dispatched", {}).items()},
        "results": marked,
        "integrated": {**state.get("integrated", {}), **dict.fromkeys(cut, "")},
        "bases": {**state.get("bases", {}), **{was[name]["lane"]: was[name]["base"] for name in cut}},
        "halt": None,
        "outcome": "",
        "reason": "",
        "applied": False,
        "files": [],
    }
