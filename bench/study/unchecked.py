"""The graph without executed checks: nothing is run, the reviewer's reading of the change is all that judges."""

from graph.build import Auto, build
from graph.lane import build_lane
from models.seat import Seat
from nodes.opening import open_run
from nodes.orchestrator import orchestrator
from nodes.reviewer import judge
from nodes.session import Baseline, Session, lane_agent, run_agent
from nodes.state import LaneState, RunState


def build_unchecked() -> Auto:
    """The product's graph with two of its agents exchanged."""
    lane = build_lane()
    del lane.nodes["reviewer"]
    lane.add_node("reviewer", lane_agent("reviewer", reads_only))
    auto = build()
    del auto.nodes["orchestrator"], auto.nodes["lane"]
    auto.add_node("orchestrator", run_agent("orchestrator", knows_no_checks))
    auto.add_node("lane", lane.compile(name="lane"))
    return auto


def reads_only(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """The reviewer, who writes no test and has none to run."""
    if state.get("specified"):
        return judge(state, session, seat)
    return {"specified": True, "acceptance": [], "start": state["base"], "commit": state["base"]}


def knows_no_checks(state: RunState, session: Session, seat: Seat) -> RunState:
    """The orchestrator, to whom the project shows no checks."""
    if state.get("base"):
        return orchestrator(state, session, seat)
    opened: RunState = {**open_run(session), "baseline": session.store(vars(Baseline()))}
    return {**opened, **orchestrator({**state, **opened}, session, seat)}
