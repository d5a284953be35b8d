"""The whole state machine: the orchestrator plans, dispatches ready tasks to lanes, asks, and finishes."""

from langgraph.graph import END, START, StateGraph

from graph.lane import build_lane
from graph.routing import after_orchestrator
from nodes.ask import ask
from nodes.orchestrator import orchestrator
from nodes.planner import planner
from nodes.session import Context, run_agent
from nodes.state import RunInput, RunOutput, RunState

Auto = StateGraph[RunState, Context, RunInput, RunOutput]


def build() -> Auto:
    """The graph, not compiled: the caller brings the checkpointer."""
    auto = Auto(RunState, context_schema=Context, input_schema=RunInput, output_schema=RunOutput)

    auto.add_node("orchestrator", run_agent("orchestrator", orchestrator))
    auto.add_node("planner", run_agent("planner", planner))
    auto.add_node("lane", build_lane().compile(name="lane"))
    auto.add_node("ask", ask)

    auto.add_edge(START, "orchestrator")
    auto.add_conditional_edges(
        "orchestrator",
        after_orchestrator,
        {"plan": "planner", "ask": "ask", "finish": END, "lane": "lane"},
    )
    auto.add_edge("planner", "orchestrator")
    auto.add_edge("lane", "orchestrator")
    auto.add_edge("ask", "orchestrator")
    return auto


graph = build().compile(name="auto")
"""The compiled graph without a checkpointer, for LangGraph Studio."""
