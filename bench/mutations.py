"""One-edit mutations of valid Python, each a way in which models break files. Same seed, same mutations."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Lines = list[str]
Mutation = Callable[[Lines, int], str | None]
"""From the lines and the number of one of them (from 0) to what stands there instead; None where it does not apply."""


@dataclass(frozen=True)
class Mutant:
    """A text with one edit."""

    kind: str
    text: str
    line: int
    """The line of the edit, from 1."""


def without(characters: str, *, last: bool) -> Mutation:
    def mutate(lines: Lines, at: int) -> str | None:
        line = lines[at]
        places = [i for i, character in enumerate(line) if character in characters]
        if not places or "#" in line or '"' in line or "'" in line:
            return None
        place = places[-1 if last else 0]
        return line[:place] + line[place + 1 :]

    return mutate


def without_colon(lines: Lines, at: int) -> str | None:
    header = re.match(r"\s*(def|class|if|elif|else|for|while|try|except|with)\b.*:$", lines[at])
    return lines[at][:-1] if header and not any(mark in lines[at] for mark in "\"'#") else None


def without_end_quote(lines: Lines, at: int) -> str | None:
    whole = re.match(r"^[^\"'#]*(\"[^\"'\\]+\"|'[^\"'\\]+')[^\"'#]*$", lines[at])
    return lines[at][: whole.end(1) - 1] + lines[at][whole.end(1) :] if whole else None


def indented(lines: Lines, at: int) -> str | None:
    simple = re.match(r"\s*[a-z_]+(\.[a-z_]+)* = [\w.]+$|\s*(pass|break|continue)$|\s*return\b[\w. ]*$", lines[at])
    return "  " + lines[at] if simple else None


def dedented(lines: Lines, at: int) -> str | None:
    inner = re.match(r"(?:    ){2,}(?:return\b[\w. ]*|[a-z_]+ = [\w.]+)$", lines[at])
    return lines[at][2:] if inner else None


def preceded_by(line: str) -> Mutation:
    return lambda lines, at: f"{line}\n{lines[at]}" if lines[at].strip() else None


def remark(lines: Lines, at: int) -> str | None:
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return f"{indent}... rest of code ...\n{lines[at]}" if lines[at].strip() else None


REPLACED: dict[str, Mutation] = {
    "drop closing bracket": without(")]}", last=True),
    "drop opening bracket": without("([{", last=False),
    "drop colon": without_colon,
    "drop end quote": without_end_quote,
    "extra indent": indented,
    "dedent": dedented,
    "stray fence": preceded_by("```"),
    "stray REPLACE marker": preceded_by(">>>>>>> REPLACE"),
    "rest-of-code line": remark,
}
TRUNCATED = "truncated mid-line"
KINDS = [*REPLACED, TRUNCATED]


def mutants(sources: list[str], count: int, *, seed: int = 1) -> Iterator[Mutant]:
    """``count`` mutants, every kind equally often, each of another place."""
    chosen = random.Random(seed)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        mutant = None
        while mutant is None:
            mutant = _mutant(kind, chosen.choice(sources), chosen)
        yield mutant


def _mutant(kind: str, source: str, chosen: random.Random) -> Mutant | None:
    lines = source.split("\n")
    at = chosen.randrange(len(lines))
    if kind == TRUNCATED:
        line = lines[at]
        if len(line.strip()) < 4:
            return None
        cut = len(line) - len(line.lstrip()) + chosen.randrange(1, len(line.strip()))
        return Mutant(kind, "\n".join([*lines[:at], line[:cut]]), at + 1)
    changed = REPLACED[kind](lines, at)
    return None if changed is None else Mutant(kind, "\n".join([*lines[:at], changed, *lines[at + 1 :]]), at + 1)
