"""The team's table: tools and rights."""

from nodes.roles import ROLES
from tools.catalogue import TOOLS

OWN_STEPS = {"merge", "check", "new test"}
"""What agents do without a native tool."""


def test_every_tool_of_a_role_exists() -> None:
    """What a role holds is in the catalogue of native tools, or a step of the agents' own."""
    known = {tool.name for tool in TOOLS} | OWN_STEPS
    assert {tool for role in ROLES.values() for tool in role.tools} <= known


def test_only_coder_and_fixer_hold_a_tool_that_writes() -> None:
    """The planner, searcher, reviewer and orchestrator cannot change source through any tool."""
    writing = {tool.name for tool in TOOLS if tool.writes}
    assert {name for name, role in ROLES.items() if writing & set(role.tools)} == {"coder", "fixer"}
