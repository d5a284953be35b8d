"""The plugin's entry in a configuration of OpenCode: put in and taken out again, every other byte left as it is.

Each way of putting it in has a form of its own, so that taking it out needs no memory of how it came in.
"""

import json
import re

from orchestrator.jsonc import Document, Path, parse

KEY = "plugin"
"""Where OpenCode lists plugins."""

EMPTY = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n'
"""A configuration that says nothing yet."""


class NoPlace(ValueError):
    """The configuration is not of the shape that an entry needs; the message says what it is."""


def entries(text: str, package: str) -> list[str]:
    """The plugin specifications in a configuration that name this package, whatever the version; raises JsoncError."""
    return [spec for _, spec in found_in(parse(text), package)]


def installed(text: str, spec: str, package: str) -> str:
    """The configuration with the entry, where it names the package already with this version; raises JsoncError."""
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    document = parse(body)
    if not isinstance(document.value, dict):
        raise NoPlace("the file does not hold an object")
    value = document.value.get(KEY)
    if value is None and KEY not in document.value:
        return mark + with_member(body, document, f'"{KEY}": [{json.dumps(spec)}]')
    if not isinstance(value, list):
        raise NoPlace(f'"{KEY}" does not hold a list')
    if known := found_in(document, package):
        start, end = span_of(document, known[0][0])
        return mark + body[:start] + json.dumps(spec) + body[end:]
    return mark + with_item(body, document, json.dumps(spec))


def removed(text: str, package: str) -> str:
    """The configuration without any entry of the package; raises JsoncError."""
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    while known := found_in(document := parse(body), package):
        place, _ = known[-1]
        start, end = document.spans[(KEY,)]
        item = body[slice(*document.spans[(KEY, place)])]
        if body[start:end] == f"[{item}]" and members(document)[-1] == (KEY,):
            body = without_member(body, document)
        else:
            body = without_item(body, document, place)
    return mark + body


def found_in(document: Document, package: str) -> list[tuple[int, str]]:
    """Place and specification of every entry of the package; one with options is a list that begins with it."""
    value = document.value.get(KEY) if isinstance(document.value, dict) else None
    found = []
    for place, item in enumerate(value if isinstance(value, list) else []):
        spec = item[0] if isinstance(item, list) and item else item
        if isinstance(spec, str) and names(spec, package):
            found.append((place, spec))
    return found


def names(spec: str, package: str) -> bool:
    """Whether a specification means the package: by name, with a version, or as a file or folder of that name."""
    last = re.split(r"[/\\]", spec.rstrip("/\\"))[-1]
    return (
        spec == package
        or spec.startswith(f"{package}@")
        or re.fullmatch(rf"{package}(-[\w.+-]+\.tgz)?", last) is not None
    )


def span_of(document: Document, place: int) -> tuple[int, int]:
    """Where the specification of an entry stands: that of one with options is the first item of its list."""
    return document.spans.get((KEY, place, 0), document.spans[(KEY, place)])


def with_member(text: str, document: Document, member: str) -> str:
    """The text with a last member more: on a line of its own where the object has lines; a comma at its end only where
    the last member had one.
    """
    start, end = document.spans[()]
    close = end - 1
    last = max((document.spans[path][1] for path in members(document)), default=None)
    if last is None:
        place = line_end(text, start + 1, close)
        return text[:place] + newline_at(text, place, "  ") + member + text[place:]
    comma = bare(text[last:close]).find(",")
    closing = "," if comma >= 0 else ""
    if not closing:
        text, close = text[:last] + "," + text[last:], close + 1
        comma = 0
    place = line_end(text, last + comma + 1, close)
    lead = newline_at(text, place, indent(text, document)) or " "
    return text[:place] + lead + member + closing + text[place:]


def without_member(text: str, document: Document) -> str:
    """The text without its last member, which :func:`with_member` put there."""
    start, end = document.keys[(KEY,)], document.spans[(KEY,)][1]
    others = [document.spans[path][1] for path in members(document) if path != (KEY,)]
    lead = re.search(r"(\r?\n)?[ \t]*\Z", text[:start])
    begin = lead.start() if lead else start
    trailing = text[end : end + 1] == ","
    rest = text[end + trailing :]
    if not others or trailing:
        return text[:begin] + rest
    last = max(others)
    comma = last + bare(text[last:begin]).find(",")
    return text[:comma] + text[comma + 1 : begin] + rest


def with_item(text: str, document: Document, item: str) -> str:
    """The text with one item more at the front of the list of plugins."""
    start, end = document.spans[(KEY,)]
    if (KEY, 0) not in document.spans:
        return text[: start + 1] + item + " " + text[start + 1 :]
    gap = re.match(r"\r?\n[ \t]*", text[start + 1 : end])
    lead, tail = (gap[0], ",") if gap else ("", ", ")
    return text[: start + 1] + lead + item + tail + text[start + 1 :]


def without_item(text: str, document: Document, place: int) -> str:
    """The text without one item of the list of plugins, and the comma or blank that came with it."""
    start, end = document.spans[(KEY, place)]
    if place == 0:
        lead = re.search(r"\r?\n[ \t]*\Z", text[document.spans[(KEY,)][0] + 1 : start])
        after = re.match(r", ?", text[end:]) if not lead else re.match(r",", text[end:])
        if after:
            return text[: start - (len(lead[0]) if lead else 0)] + text[end + len(after[0]) :]
        return text[:start] + text[end + (text[end : end + 1] == " ") :]
    before = document.spans[(KEY, place - 1)][1]
    return text[:before] + text[end:]


def bare(text: str) -> str:
    """Text between values with its comments blanked out, sign for sign."""
    return re.sub(r"//[^\r\n]*|/\*.*?\*/", lambda found: " " * len(found[0]), text, flags=re.DOTALL)


def line_end(text: str, start: int, close: int) -> int:
    """The last line end before a closing bracket, but not before `start`; `start` where there is none."""
    place = start + bare(text[start:close]).rfind("\n")
    if place < start:
        return start
    return place - 1 if place > start and text[place - 1] == "\r" else place


def newline_at(text: str, place: int, indent: str) -> str:
    """The line end at a place and the blanks for a new line; nothing where there is no line end."""
    found = re.match(r"\r?\n", text[place:])
    return found[0] + indent if found else ""


def members(document: Document) -> list[Path]:
    """The members of the outermost object, in their order."""
    return [path for path in document.keys if len(path) == 1]


def indent(text: str, document: Document) -> str:
    """The blanks before the first member, two where it shares its line."""
    first = document.keys[members(document)[0]]
    found = re.search(r"\n([ \t]*)\Z", text[:first])
    return found[1] if found else "  "
