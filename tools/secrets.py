"""Secrets: values that no edit may bring into a file."""

import re

PATTERNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b",
    "Slack token": r"\bxox[abposr]-[A-Za-z0-9-]{10,}\b",
    "API key": r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{24,}\b",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b",
}
"""Kinds of secrets whose form is unmistakable."""

_ANY = re.compile("|".join(f"(?P<k{i}>{p})" for i, p in enumerate(PATTERNS.values())))


def find_secrets(text: str) -> list[tuple[int, str]]:
    """Line (1-based) and kind of every secret in a text."""
    names = list(PATTERNS)
    return [(text.count("\n", 0, m.start()) + 1, names[int((m.lastgroup or "k0")[1:])]) for m in _ANY.finditer(text)]
