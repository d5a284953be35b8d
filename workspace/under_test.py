"""Under test: code that asks whether it is being tested can pass every check and do something else in use."""

import re

from workspace.protected import is_test_path

_PYTHON = (
    r"""\bsys\.(?:modules|argv)\b.*['"_](?:pytest|unittest|nose2?)\b|['"_](?:pytest|unittest|nose2?)['"].*\bsys\.(?:modules|argv)\b"""
    r"|\bPYTEST_(?:CURRENT_TEST|VERSION|XDIST_WORKER)\b"
)
_JAVASCRIPT = r"\bJEST_WORKER_ID\b|\bVITEST_(?:WORKER|POOL)_ID\b|\bprocess\.env\.VITEST\b|\bNODE_TEST_CONTEXT\b"
_GO = r"\btesting\.Testing\(\)|\bflag\.Lookup\(\"test\.\w+\"\)"

QUESTIONS = {
    "py": re.compile(_PYTHON),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"), re.compile(_JAVASCRIPT)),
    "go": re.compile(_GO),
    "rs": re.compile(r"\bcfg!\(\s*(?:test|any\([^)]*\btest\b)"),
}
"""How code asks it, by the suffix of its file: by what a test runner leaves in the process and nothing else does."""


def asks_whether_tested(path: str, before: str | None, after: str | None) -> int | None:
    """The number of the first line (from 1) where a changed source begins to ask; None where it does not.

    Tests may ask, and so may a file that did so before the change.
    """
    question = QUESTIONS.get(path.rpartition(".")[2])
    if question is None or after is None or is_test_path(path) or (before and question.search(before)):
        return None
    return next((number for number, line in enumerate(after.splitlines(), 1) if question.search(line)), None)
