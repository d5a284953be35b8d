"""The few sentences that the door itself adds to a question; each is one Markdown file."""

from functools import cache
from importlib import resources


@cache
def _template(name: str) -> str:
    return resources.files("models").joinpath("wording", f"{name}.md").read_text("utf-8").rstrip("\n")


def fill(name: str, **values: str) -> str:
    """Return the wording `name` with each {key} replaced by its value; values are never scanned again."""
    parts = _template(name).split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        key, _, rest = part.partition("}")
        filled.append(values[key] + rest)
    return "".join(filled)
