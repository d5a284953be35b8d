"""The whole state machine: the orchestrator plans, dispatches ready tasks to lanes, asks, and finishes."""

from typing import Any

from langgraph.graph import END, START, StateGraph

from graph.lane import build_lane
from graph.routing import after_orchestrator
from nodes.ask import approve, ask
from nodes.orchestrator import orchestrator
from nodes.planner import planner
from nodes.session import Context, run_agent
from nodes.state import RunInput, RunOutput, RunState

Auto = StateGraph[RunState, Context, RunInput, RunOutput]


def build(begin: Any = None, end: Any = None) -> Auto:
    """The graph, not compiled: the caller brings the checkpointer.

    A front end that starts the graph by itself may bring a node that makes the run, and one that tells its end.
    """
    auto = Auto(RunState, context_schema=Context, input_schema=RunInput, output_schema=RunOutput)

    auto.add_node("orchestrator", run_agent("orchestrator", orchestrator))
    auto.add_node("planner", run_agent("planner", planner))
    auto.add_node("lane", build_lane().compile(name="lane"))
    auto.add_node("ask", ask)
    auto.add_node("approve", approve)

    auto.add_edge(START, "begin" if begin else "orchestrator")
    auto.add_conditional_edges(
        "orchestrator",
        after_orchestrator,
        {
            "plan": "planner",
            "dispatch": "lane",
            "question": "ask",
            "approval": "approve",
            "finish": "end" if end else END,
        },
    )
    if begin:
        auto.add_node("begin", begin)
        auto.add_edge("begin", "orchestrator")
    if end:
        auto.add_node("end", end)
        auto.add_edge("end", END)
    auto.add_edge("planner", "orchestrator")
    auto.add_edge("lane", "orchestrator")
    auto.add_edge("ask", "orchestrator")
    auto.add_edge("approve", "orchestrator")
    return auto
