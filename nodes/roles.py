"""The six agents as one table: what each is for, which tools it holds, and whether it may write source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One agent of the team."""

    name: str
    purpose: str
    tools: tuple[str, ...]
    writes: bool
    """True where the agent holds a tool that changes source; such changes stay in the lane until they are verified."""


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "orchestrator",
            "schedules, merges what is verified, decides about stuck tasks, ends the run",
            ("merge", "check"),
            False,
        ),
        Role(
            "planner",
            "cuts the request into atomic tasks with files, order and acceptance",
            ("repo_map", "find"),
            False,
        ),
        Role(
            "searcher",
            "finds the real lines that a task needs",
            ("search", "find", "read", "outline", "symbol", "references"),
            False,
        ),
        Role("coder", "writes the code of one task from a clean tree", ("read", "edit"), True),
        Role(
            "reviewer",
            "writes the test before the code, then judges by executed checks",
            ("check", "references", "read", "new test"),
            False,
        ),
        Role("fixer", "repairs exactly what the checks and the reviewer found", ("symbol", "read", "edit"), True),
    )
}
"""Every agent by its name, in the order in which a request meets them."""
