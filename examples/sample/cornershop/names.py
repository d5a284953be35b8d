"""Names: products as people type them, with stray spaces, capitals and plurals."""

import re


def tidy(name: str) -> str:
    """One space between words, none around them."""
    return " ".join(name.split())


def slug(name: str) -> str:
    """A name for addresses and labels: lower case, words joined by single hyphens, nothing else.

    ``slug("  Earl Grey (50 bags) ")`` is ``"earl-grey-50-bags"``.
    """
    text = tidy(name)
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def shorten(name: str, width: int) -> str:
    """The name in at most ``width`` characters; where it is cut, it ends with three dots."""
    name = tidy(name)
    if len(name) <= width:
        return name
    return name[: max(0, width - 3)].rstrip() + "..."


def count_label(count: int, noun: str) -> str:
    """``1 box``, ``2 boxes``, ``3 apples``, ``0 cherries``."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{count} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}s"
