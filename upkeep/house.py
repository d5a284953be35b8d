"""Where the house is least tidy: the longest files, the longest functions, and passages that stand twice.

    python upkeep/house.py [--top N] [--lines N]

A list to read, not a gate: each of them may have its reason.
"""

import argparse
import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PACKAGES = ("orchestrator", "graph", "nodes", "models", "prompts", "tools", "workspace")
FOLDERS = (*PACKAGES, "bench", "upkeep", "tests")


@dataclass(frozen=True)
class Line:
    """A line of code without its layout: comments and docstrings are none."""

    path: Path
    number: int
    text: str


def main() -> int:
    """Print the three lists."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--top", type=int, default=12, help="how many of each (12)")
    parser.add_argument("--lines", type=int, default=7, help="how many equal lines make a passage (7)")
    parser.add_argument("--all", action="store_true", help="tests and benchmarks as well")
    given = parser.parse_args()
    files = [path for folder in (FOLDERS if given.all else PACKAGES) for path in sorted(Path(folder).rglob("*.py"))]
    heading("longest files, in lines", longest_files(files), given.top)
    heading("longest functions, in lines", longest_functions(files), given.top)
    heading(
        f"passages of {given.lines} lines of code and more that stand twice", repeated(files, given.lines), given.top
    )
    return 0


def heading(title: str, found: list[tuple[int, str]], top: int) -> None:
    """One list, the largest first."""
    print(f"{title}: {len(found)}" if "twice" in title else f"{title}:")
    for size, what in sorted(found, key=lambda each: (-each[0], each[1]))[:top]:
        print(f"  {size:>4}  {what}")
    print()


def longest_files(files: list[Path]) -> list[tuple[int, str]]:
    """Lines of each file."""
    return [(len(path.read_text("utf-8").splitlines()), str(path)) for path in files]


def longest_functions(files: list[Path]) -> list[tuple[int, str]]:
    """Lines of each function, its docstring left out."""
    found = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = ast.get_docstring(node, clean=False) or ""
                length = (node.end_lineno or node.lineno) - node.lineno + 1 - (said.count("\n") + 1 if said else 0)
                found.append((length, f"{path}:{node.lineno} {node.name}"))
    return found


def repeated(files: list[Path], least: int) -> list[tuple[int, str]]:
    """Passages that stand in two places, each as long as it goes; lines of brackets and imports alone are none."""
    seen: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    code = {path: list(lines_of(path)) for path in files}
    for path, lines in code.items():
        for at in range(len(lines) - least + 1):
            seen[tuple(line.text for line in lines[at : at + least])].append((path, at))
    found, told = [], set[tuple[Path, int]]()
    for places in seen.values():
        for (one, at), (other, there) in pairwise(places):
            if (one, at) in told:
                continue
            length = least
            while (
                at + length < len(code[one])
                and there + length < len(code[other])
                and code[one][at + length].text == code[other][there + length].text
            ):
                length += 1
            told |= {(one, at + n) for n in range(length)}
            found.append((length, f"{one}:{code[one][at].number} = {other}:{code[other][there].number}"))
    return found


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of code of a file, by their tokens."""
    rows: dict[int, list[str]] = defaultdict(list)
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type not in skipped and not (
            token.type == tokenize.STRING and not token.line[: token.start[1]].strip()
        ):
            rows[token.start[0]].append(token.string)
    for number, words in sorted(rows.items()):
        if words[0] not in ("import", "from") and any(word.isidentifier() for word in words):
            yield Line(path, number, " ".join(words))


if __name__ == "__main__":
    sys.exit(main())
