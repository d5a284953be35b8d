"""Small damage to code, in the languages that the scripted projects are written in."""

import re

COMMENTS = {
    "hash": ("# ", ""),
    "slashes": ("// ", ""),
    "block": ("/* ", " */"),
    "html": ("<!-- ", " -->"),
    "dashes": ("-- ", ""),
}
"""Styles of comments: what opens and what closes one."""

_STYLES = {
    "py": "hash", "sh": "hash", "toml": "hash", "yaml": "hash", "yml": "hash", "rb": "hash",
    "html": "html", "md": "html", "xml": "html", "sql": "dashes", "lua": "dashes", "css": "block",
}  # fmt: skip

_SWAPS = (
    (" // ", " * "), (" / ", " * "), (" * ", " + "), (" + ", " - "), (" - ", " + "), (" <= ", " > "), (" >= ", " < "),
    (" < ", " >= "), (" > ", " <= "), (" == ", " != "), (" != ", " == "), (" and ", " or "), (" or ", " and "),
    ("True", "False"), ("False", "True"), ("true", "false"), ("false", "true"),
)  # fmt: skip

_STATEMENTS = {
    "name": {"": "checked_before_use()", "rs": "checked_before_use();", "js": "checkedBeforeUse();"},
    "attribute": {"": '"".checked_before_use()', "rs": '"".checked_before_use();', "js": '"".checkedBeforeUse();'},
    "arity": {"": "len(1, 2, 3)", "rs": "i32::abs(1, 2, 3);", "go": "len(1, 2, 3)", "js": "new Map().get();"},
    "import": {
        "": "import fastmathutils",
        "rs": "use fastmathutils::all;",
        "go": 'import "fastmathutils"',
        "js": 'import fast from "fastmathutils";',
    },
}


def style_of(suffix: str) -> str:
    """Return the style of comments of a language, by the suffix of its files."""
    return _STYLES.get(suffix, "slashes")


def comment(text: str, style: str) -> str:
    """Return a comment in a style; in the style "dots" nothing but dots, in "prose" the bare words."""
    if style == "dots":
        return "..."
    opening, closing = COMMENTS.get(style, ("", ""))
    return f"{opening}{text}{closing}"


def indent_of(text: str) -> str:
    """Return the white space before the first line that is not empty."""
    found = re.search(r"^([ \t]*)\S", text, re.MULTILINE)
    return found[1] if found else ""


def with_statement(text: str, kind: str, suffix: str) -> str:
    """Return a text with a statement before its first line that names what is not there."""
    forms = _STATEMENTS[kind]
    family = "js" if suffix in ("js", "mjs", "ts", "tsx", "jsx") else suffix
    return f"{indent_of(text)}{forms.get(family, forms[''])}\n{text}"


def with_wrong_logic(new: str, old: str) -> str:
    """Return a text that reads well and computes something else: other than it, and other than what it replaces."""
    lines = new.splitlines(keepends=True)
    changed = [number for number, line in enumerate(lines) if line not in old.splitlines(keepends=True)]
    for number in changed or range(len(lines)):
        for candidate in _mutations(lines[number]):
            text = "".join([*lines[:number], candidate, *lines[number + 1 :]])
            if text not in (new, old):
                return text
    return _with_early_end(new)


def unparsable(text: str) -> str:
    """Return a text that parses in no language: its last line opens brackets that nothing closes."""
    body = text.rstrip("\n")
    return f"{body} ((([\n"


def misindented(text: str) -> str:
    """Return a text whose last line that is not empty is one space too far in."""
    body = text.rstrip("\n")
    before, newline, last = body.rpartition("\n")
    return f"{before}{newline} {last}\n"


def _mutations(line: str) -> list[str]:
    if line.lstrip().startswith(("#", "//", '"""', "import ", "from ", "use ", "@")) or not line.strip():
        return []
    swapped = [line.replace(old, new, 1) for old, new in _SWAPS if old in line]
    counted = [re.sub(r"(?<![\w.\"'])(\d+)(?![\w.\"'])", lambda m: str(int(m[1]) + 1), line, count=1)]
    returned = [re.sub(r"return (.+?)(;?)\n", r"return None\2\n", line)]
    return [each for each in (*swapped, *counted, *returned) if each != line]


def _with_early_end(text: str) -> str:
    """Return a text without its last line that is not empty."""
    return "".join(text.rstrip("\n").splitlines(keepends=True)[:-1]) or "\n"
