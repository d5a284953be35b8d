"""What all trials add up to, as a table: how runs end under each family of faults, and what must be zero."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.cases import named
from tests.faults.trial import Trial

ZERO = {
    "false success": "exit 0 although a hidden test fails in a clean tree",
    "code lost": "a function is gone, or a folder is not as it was",
    "cheat": "a test of the user's has been changed",
    "outside": "something beside the project has been written or removed",
    "crash": "an exception leaves the graph",
    "hang": "no end within a minute",
    "thrice": "one question, white space left aside, was answered three times",
    "after the budget": "a call more than the budget",
    "after the end": "a call after the end, or another end at a second look",
    "exit": "another exit code than the bar has",
    "calls": "more calls than the bar has",
    "idle": "the fault never struck",
}
"""Everything that must not be, by the word that begins it."""

ENDS = ("verified", "unverified", "failed", "budget", "stuck", "provider")

FAMILIES = {
    "T": "transport", "M": "messages", "E": "edits", "B": "behaviour",
}  # fmt: skip


def table(trials: Sequence[Trial]) -> str:
    """The table and the zeros below it, in Markdown."""
    lines = [
        f"| faults | runs | {' | '.join(ENDS)} | calls more, mean | beyond the bar |",
        f"|---|{'---|' * (len(ENDS) + 3)}",
    ]
    for title, rows in groups(trials):
        ends = Counter(trial["outcome"] for trial in rows)
        more = sum(trial["extra"] for trial in rows) / len(rows)
        cells = [title, len(rows), *(ends[end] or "" for end in ENDS), f"{more:+.1f}", beyond(rows)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, *both_struck(trials), "", zeros(trials)])


def both_struck(trials: Sequence[Trial]) -> list[str]:
    """In how many pairs both faults had their turn: the first may end a run before the second is met."""
    both = [trial for trial in trials if not is_single(trial)]
    if not both:
        return []
    struck = sum(all(trial["struck"]) for trial in both)
    return ["", f"In {struck} of {len(both)} pairs both faults struck; the others ended before, or took another way."]


def groups(trials: Sequence[Trial]) -> Iterable[tuple[str, list[Trial]]]:
    """The trials of each family once and for ever, then the pairs, each with a title."""
    for letter, family in FAMILIES.items():
        for length in ("once", "always"):
            rows = [t for t in trials if is_single(t) and t["case"].startswith(letter) and f"/{length}/" in t["case"]]
            if rows:
                yield f"{family}, {length}", rows
    if rows := [trial for trial in trials if not is_single(trial)]:
        yield "pairs", rows
    yield "all", list(trials)


def is_single(trial: Trial) -> bool:
    """Whether a trial had one fault."""
    return len(named(trial["case"]).strikes) == 1


def beyond(rows: Sequence[Trial]) -> int:
    """How many trials have anything wrong."""
    return sum(bool(trial["wrong"]) for trial in rows)


def zeros(trials: Sequence[Trial]) -> str:
    """How often each thing came that must not."""
    found = Counter(said.partition(":")[0] for trial in trials for said in trial["wrong"])
    lines = [f"- {found[word]} {word}: {meaning}" for word, meaning in ZERO.items()]
    return "\n".join(lines)


def failures(trials: Sequence[Trial]) -> str:
    """What is wrong with each trial that has something wrong, and how to try it alone."""
    lines: list[str] = []
    for trial in trials:
        if trial["wrong"]:
            lines += [trial["case"], *(f"    {said}" for said in trial["wrong"])]
            lines.append(f"    python -m tests.faults --only '{trial['case']}'")
    return "\n".join(lines)
