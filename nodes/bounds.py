"""Bounds of the state: with all of them reached, a checkpoint stays under 64 KB."""

MAX_TASKS = 16
"""Most tasks that one run may hold, split ones included: keeps a checkpoint under 64 KB."""

MAX_ATTEMPTS = 12
"""Most attempts that a lane remembers; every ladder is shorter."""

MAX_FINDINGS = 8
"""Most findings of one verdict that travel; all of them are in the attempt's record."""

MAX_MESSAGE = 400
"""Most characters of one finding's message that travel."""

MAX_PROBLEM = 300
"""Most characters of what was wrong with one attempt, as later prompts tell it."""

MAX_FLAKY = 20
"""Most flaky tests that a result names."""

MAX_GOAL = 600
"""Most characters of a planned task's goal."""

MAX_TESTS = 8
"""Most failing tests that one task must turn green."""

MAX_REASON = 400
"""Most characters of a reason that travels; the whole text is in the task's record."""

MAX_REQUEST = 8_000
"""Most characters of a request."""
