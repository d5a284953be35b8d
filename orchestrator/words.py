"""How values read on a terminal: text from models and tools made harmless, numbers with their units."""

import re
from collections.abc import Mapping
from typing import Any

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1: what a terminal obeys
    r"\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"  # what reorders or hides text
)


def clean(text: str) -> str:
    """Return text that a terminal shows and never obeys: control and reordering characters become visible escapes."""
    if text.isprintable():  # the usual line, and much quicker to tell
        return text
    return _CONTROL.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\x7f" else f"\\u{ord(found[0]):04x}", text
    )


def one_line(text: str, width: int = 120) -> str:
    """Return text as one harmless line of at most `width` characters; a cut is marked."""
    line = " ".join(clean(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def command_text(command: str, width: int = 60) -> str:
    """Return a command as one harmless line; a long one keeps its program's name and its end, where the target is."""
    line = " ".join(clean(command).split())
    if len(line) <= width:
        return line
    program, _, rest = line.partition(" ")
    line = f"{program.rpartition('/')[2]} {rest}"
    if len(line) <= width:
        return line
    head = " ".join(line.split(" ")[:3])[: width // 2]
    tail = line[-(width - len(head) - 2) :]  # with the character before it, which may end a word
    begins = re.search(r"[ /](?=.)|(?<=.)::", tail) or re.search(r"_(?=.)", tail)
    tail = tail[begins.start() :].lstrip(" /_") if begins else tail[1:]
    return f"{head} … {tail}"


def duration(seconds: float) -> str:
    """Return a duration for people: 0:07, 12:30, 1:02:03."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(count: int, noun: str) -> str:
    """Return a count with its noun: 1 file, 3 files."""
    plural = noun if count == 1 else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {plural}"


def short(count: int) -> str:
    """Return a large count in at most five characters: 950, 12.3k, 1.2M."""
    if count < 10_000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def listed(names: list[str], most: int = 4) -> str:
    """Return names as a list that says how many it leaves out."""
    shown = ", ".join(one_line(name, 80) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def attempt_text(attempt: Mapping[str, Any]) -> str:
    """How an attempt was made: its strategy, and of how many candidates it is the best."""
    several = attempt.get("candidates", 1)
    return f"{attempt['strategy']} (best of {several})" if several > 1 else str(attempt["strategy"])


def finding_text(finding: object) -> str:
    """A finding as text: a sentence, or a record with file, line and message."""
    if not isinstance(finding, dict):
        return str(finding)
    place = ":".join(str(part) for part in (finding.get("file"), finding.get("line")) if part)
    return f"{place} {finding.get('message', '')}".strip()
