"""The drawn graph is the specification: a change of it is a change of the product."""

from syrupy.assertion import SnapshotAssertion

from graph.build import build


def test_the_drawing_with_its_lane_opened(snapshot: SnapshotAssertion) -> None:
    """All six agents are nodes; every decision is a labelled conditional edge."""
    assert build().compile(name="auto").get_graph(xray=True).draw_mermaid(with_styles=False) == snapshot


def test_schemas_of_input_and_context(snapshot: SnapshotAssertion) -> None:
    """What starts a run and what a caller may set, as a form sees it."""
    assert {
        "input": build().compile(name="auto").get_input_jsonschema(),
        "context": build().compile(name="auto").get_context_jsonschema(),
    } == snapshot


def test_no_node_leaves_by_two_ways() -> None:
    """A node has static edges or conditional ones, never both: both would fire."""
    for builder in (build(), build().nodes["lane"].runnable.builder):  # type: ignore[attr-defined]
        static = {start for start, _ in builder.edges}
        assert not static.intersection(builder.branches)


def test_every_branch_declares_its_ends() -> None:
    """Each conditional edge has a path map, so that it is drawn as it runs."""
    for builder in (build(), build().nodes["lane"].runnable.builder):  # type: ignore[attr-defined]
        for branches in builder.branches.values():
            assert all(branch.ends for branch in branches.values())
