"""Output: what a command printed, made the same for the same behaviour, and cut to what matters."""

import re
from collections.abc import Callable
from pathlib import Path

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def normalise(text: str, tree: Path | None = None, scratch: Path | None = None) -> str:
    """The text without what differs from run to run: colours, durations, addresses, temporary and own paths.

    ``tree`` is the folder that the command ran in, ``scratch`` the one for caches. Normalising twice changes nothing.
    """
    rules = [*own_paths(tree, ""), *own_paths(scratch, "~/"), *RULES]
    while True:
        before = text
        # Every rule shortens the text or leaves it alone, so this ends.
        for pattern, new in rules:
            text = pattern.sub(new, text)
        if text == before:
            return text


def own_paths(folder: Path | None, short: str) -> list[Rule]:
    """Rules that put something short in the place of a folder's path."""
    if folder is None:
        return []
    names = sorted({str(folder), str(folder.resolve())}, key=len, reverse=True)
    plain = short.rstrip("/") or "."
    return [
        (re.compile(rf"(?:file://)?{re.escape(name)}{end}"), new)
        for name in names
        for end, new in (("/", short), (r"(?![\w-])", plain))
    ]


def _sorted_lines(match: re.Match[str]) -> str:
    return "".join(sorted(match[0].splitlines(keepends=True)))


def _rule(pattern: str, new: str | Callable[[re.Match[str]], str] = "") -> Rule:
    return re.compile(pattern, re.M), new


_SECONDS = r"\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|sec|seconds?|m)"

RULES: tuple[Rule, ...] = (
    # Colours and other orders to a terminal; a carriage return overwrites its line.
    _rule(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]"),
    _rule(r"\r+(?=\n)"),
    _rule(r"^[^\n]*\r(?=[^\n])"),
    _rule(r"[\x00-\x08\x0b-\x1f\x7f]"),
    # Temporary folders.
    _rule(r"/tmp/pytest-of-\w+/pytest-\d+", "<tmp>"),
    _rule(r"/(?:[\w.-]+/){0,20}orchestrator-[a-z0-9_]{8}(?=/|\b)", "<tmp>"),
    _rule(r"/tmp/(?:tmp|go-build|rustc)[\w.-]{4,}", "<tmp>"),
    # Addresses and process numbers.
    _rule(r"\b0x(?:0000)?(?:7f|55|56)[0-9a-fA-F]{10}\b|\b0xc0[0-9a-f]{8}\b", "0x?"),
    _rule(r"\bat 0x[0-9a-fA-F]{6,16}\b", "at 0x?"),
    _rule(r"^(thread '[^'\n]*') \(\d+\) panicked", r"\1 panicked"),
    _rule(r"\bgoroutine \d+ \[", "goroutine ["),
    # Where the machine keeps its Python, and node's own frames.
    _rule(r"/(?:[\w.+-]+/){1,20}lib/python3\.\d+/", "<python>/"),
    _rule(r"^[ \t]+at [^\n]*\bnode:(?:internal/|async_hooks)[^\n]*(?<!\{)\n"),
    # cargo says what it had to build, which depends on its cache, and names binaries by a digest.
    _rule(r"^ +(?:Compiling|Checking|Finished|Blocking|Locking|Updating|Adding|Downloading|Downloaded) .*\n"),
    _rule(r"^( +(?:Running|Executable) .*) \(\S*/deps/[\w-]+\)$", r"\1"),
    # pytest: the machine, the time, and rules whose length depends on it.
    _rule(r"^(?:platform \w+ -- .*|rootdir: .*|configfile: .*|plugins: .*|cachedir: .*|hypothesis profile .*)\n"),
    _rule(rf"^(=* ?\d+ \w+.*) in {_SECONDS}(?: \(\d+:\d\d:\d\d\))?", r"\1"),
    _rule(r"^(no tests ran|=+ no tests ran) in [\d.]+s", r"\1"),
    _rule(r"^((?:FAILED|ERROR) \S+\.py\S* - .*\n)(?: .*\n)+", r"\1"),
    _rule(r"^=={3,} (.+?) =+$", r"== \1 =="),
    _rule(r"^__{3,} (.+?) _+$", r"__ \1 __"),
    # unittest, node, go, cargo, jest, maven: durations.
    _rule(rf"^(Ran \d+ tests?) in {_SECONDS}$", r"\1"),
    _rule(rf" \({_SECONDS}\)(?= #|$)"),
    _rule(r"^([ \t]*(?:(?:#|\u2139) )?duration_ms:?) [\d.]+$", r"\1"),
    _rule(rf"^((?:ok|FAIL|---)[ \t]+\S.*?)[ \t]+(?:{_SECONDS}|\(cached\))$", r"\1"),
    _rule(rf"(; finished) in {_SECONDS}", r"\1"),
    _rule(r"^[ \t]*(?:Duration  .*|Start at  .*|Time: .*)\n"),
    _rule(rf",? (?:--? )?Time elapsed: {_SECONDS}"),
    _rule(r"^\[INFO\] (?:Total time|Finished at): .*\n"),
    # Tests that run side by side end in any order.
    _rule(r"(?:^test .+ \.\.\. \w+\n){2,}", _sorted_lines),
)


def trim(text: str, max_chars: int) -> str:
    """At most ``max_chars`` of a text: the lines that say what failed first, then its end and its beginning.

    Where something is left out, a line says how much.
    """
    if len(text) <= max_chars:
        return text
    lines = [clipped(line, max(80, max_chars // 4)) for line in text.splitlines()]
    kept: set[int] = set()
    left = max_chars - GAP_COST  # there is one gap more than there are groups of lines
    for number in by_importance(lines):
        cost = len(lines[number]) + 1 + (0 if {number - 1, number + 1} & kept else GAP_COST)
        if cost <= left:
            kept.add(number)
            left -= cost
    shown = with_gaps(lines, kept)
    return shown if len(shown) <= max_chars else shown[:max_chars]


GAP_COST = 30
"""Characters that are set aside for the line that stands for a gap."""

TELLING = re.compile(
    r"^E\s|^>\s|\bassert|Error\b|Exception\b|panicked at|^\s*--- FAIL|^\s*not ok|✖|●|^FAILED|^FAIL\b|^ERROR|^error"
    r"|\bexpected\b|\bactual\b|^\s*(?:left|right): |\[stopped: ",
    re.I,
)
"""Lines that say what failed."""

PLACE = re.compile(r"^[\w./-]+\.\w+:\d+(?::\d+)?: |^  File \"|[\w./-]\.(?:js|ts|mjs|rs|go|java|py):\d+")
"""Lines that say where; the line below shows the code."""


def by_importance(lines: list[str]) -> list[int]:
    """Line numbers: what failed, where, what stands around it, then the end and the beginning in turn."""
    telling = [n for n, line in enumerate(lines) if TELLING.search(line)]
    places = [m for n, line in enumerate(lines) if PLACE.search(line) for m in (n, n + 1) if m < len(lines)]
    around = [m for n in telling for m in (n - 1, n + 1) if 0 <= m < len(lines)]
    ends = [m for n in range((len(lines) + 1) // 2) for m in (len(lines) - 1 - n, n)]
    return list(dict.fromkeys([*telling, *places, *around, *ends]))


def clipped(line: str, most: int) -> str:
    """A line of at most about ``most`` characters, its middle cut."""
    if len(line) <= most:
        return line
    half = (most - 30) // 2
    return f"{line[:half]} [... {len(line) - 2 * half} characters cut ...] {line[-half:]}"


def with_gaps(lines: list[str], kept: set[int]) -> str:
    """The kept lines in their order, with a line for each gap."""
    shown: list[str] = []
    last = -1
    for number in [*sorted(kept), len(lines)]:
        if number - last > 1:
            shown.append(f"[... {number - last - 1} lines cut ...]")
        if number < len(lines):
            shown.append(lines[number])
        last = number
    return "\n".join(shown)
