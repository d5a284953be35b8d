"""Exit codes: part of the contract with scripts, so they stand in one place."""

from typing import Final

VERIFIED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
BUDGET: Final = 3
STUCK: Final = 4
PROVIDER: Final = 5
UNVERIFIED: Final = 6
INTERRUPTED: Final = 130

EXIT_OF_OUTCOME: Final = {
    "verified": VERIFIED,
    "failed": FAILED,
    "budget": BUDGET,
    "stuck": STUCK,
    "provider": PROVIDER,
    "unverified": UNVERIFIED,
    "interrupted": INTERRUPTED,
}
"""The exit code of every outcome that a run can have."""
