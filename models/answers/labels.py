"""File names around a fence: on the line above, in its info string, or in a comment on its first line."""

import re

_KNOWN_NAMES = frozenset(
    {"Makefile", "Dockerfile", "LICENSE", "NOTICE", "Justfile", "Procfile", "Gemfile", "Rakefile", "Jenkinsfile"}
)
_TOKEN = re.compile(r"[\w@+.\-~/\\\[\]()]+")
_LABEL = re.compile(r"^(?:file(?:name)?|path|datei|create|edit|update|new file|in)\b\s*:?\s*", re.IGNORECASE)
_DECORATION = re.compile(r"^(?:#{1,6}\s+|>\s+|[-*]\s+|\d+[.)]\s+)+")
_QUOTED = re.compile(r"`([^`\n]+)`")
_COMMENT = re.compile(r"^\s*(?:#|//|--|;|%|/\*|<!--)\s*(.*?)\s*(?:\*/|-->)?\s*$")
_DELETE = re.compile(r"^\s*(?:[-*]\s+)?\**DELETE:?\**:?\s+(.+?)\s*$")


def path_of_line(line: str) -> str | None:
    """Return the path that a line of an answer names: alone, or once in backticks in a sentence."""
    alone = path_alone(line)
    if alone is not None:
        return alone
    quoted = [name for name in _QUOTED.findall(line) if _named(name)]
    return _clean(quoted[0]) if len(quoted) == 1 else None


def path_alone(line: str) -> str | None:
    """Return the path of a line that holds nothing else, decorations and a label such as "File:" aside."""
    whole = line.strip()
    undecorated = _DECORATION.sub("", whole).strip("*_ \t").rstrip(":").strip("*_ \t")
    unlabelled = _LABEL.sub("", undecorated).strip("*_ \t")
    for candidate in (whole, undecorated, unlabelled):
        quoted = re.fullmatch(r"`([^`]+)`", candidate)
        if quoted and _named(quoted[1]):
            return _clean(quoted[1])
        if _looks_like_path(name := candidate.strip("\"'")):
            return _clean(name)
    return None


def path_of_info(info: str) -> str | None:
    """Return the path in an info string: `python a/b.py`, `python:a/b.py`, `a/b.py` or `python path=a/b.py`."""
    for key in ("path", "file", "filename", "title"):
        if stated := re.search(rf"\b{key}\s*=\s*(\"[^\"]+\"|'[^']+'|\S+)", info):
            return _clean(stated[1].strip("\"'"))
    for word in [info, *info.split(maxsplit=1)[1:], *info.split()]:
        name = re.sub(r"^[A-Za-z+#]+:(?=[^/\\])", "", word.strip("{}`\"'"))
        if _looks_like_path(name):
            return _clean(name)
    return None


def path_of_comment(line: str) -> str | None:
    """Return the path that a comment holds and nothing else, as in `# src/a.py` on the first line of a fence."""
    comment = _COMMENT.match(line)
    if comment is None:
        return None
    name = _LABEL.sub("", comment[1]).strip("`\"' ")
    return _clean(name) if _looks_like_path(name) else None


def deleted_path(line: str) -> str | None:
    """Return the path of a line `DELETE: path`, outside any fence."""
    stated = _DELETE.match(line)
    if stated is None:
        return None
    name = stated[1].strip("`\"'* ")
    return _clean(name) if _named(name) else None


def label(path: str) -> str:
    """Return the line that names `path` above a fence, in backticks where it could be read as something else."""
    return path if path_of_line(path) == path else f"`{path}`"


def _looks_like_path(name: str) -> bool:
    """Whether one word is surely a path: it has a folder, or an extension, or is a name that is always a file."""
    if not _TOKEN.fullmatch(name) or name.endswith((".", "/", "\\")) or "//" in name:
        return False
    base = re.split(r"[/\\]", name)[-1]
    return "/" in name or "\\" in name or base in _KNOWN_NAMES or bool(re.search(r"[^.]\.\w{1,12}$|^\.\w", base))


def _named(name: str) -> bool:
    """Whether text in backticks may be a path: as above, but blanks are allowed inside."""
    return _looks_like_path(name.strip().replace(" ", "_")) and "  " not in name


def _clean(path: str) -> str:
    path = path.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path
