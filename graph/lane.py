"""One task's lane: search, specify, code, judge, and the review-fix loop."""

from langgraph.graph import END, START, StateGraph

from graph.routing import after_review, after_search
from nodes.coder import coder
from nodes.fixer import fixer
from nodes.reviewer import reviewer
from nodes.searcher import searcher
from nodes.session import Context, lane_agent
from nodes.state import LaneOutput, LaneState

Lane = StateGraph[LaneState, Context, LaneState, LaneOutput]


def build_lane() -> Lane:
    """The lane's graph, not compiled."""
    lane = Lane(LaneState, context_schema=Context, output_schema=LaneOutput)

    lane.add_node("searcher", lane_agent("searcher", searcher))
    lane.add_node("reviewer", lane_agent("reviewer", reviewer))
    lane.add_node("coder", lane_agent("coder", coder))
    lane.add_node("fixer", lane_agent("fixer", fixer))

    lane.add_edge(START, "searcher")
    lane.add_conditional_edges(
        "searcher",
        after_search,
        {"specify": "reviewer", "code": "coder", "answer": END, "stop": END},
    )
    lane.add_conditional_edges(
        "reviewer",
        after_review,
        {"code": "coder", "accept": END, "fix": "fixer", "reground": "searcher", "rewrite": "coder", "stuck": END},
    )
    lane.add_edge("coder", "reviewer")
    lane.add_edge("fixer", "reviewer")
    return lane
