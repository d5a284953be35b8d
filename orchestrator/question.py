"""A question to a person, as every front end puts it, and what the graph is told of their words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestrator.words import clean, listed, one_line
from workspace.run import Run

YES = ("y", "yes", "ok", "approve", "approved")
NO = ("n", "no", "reject", "rejected")


@dataclass(frozen=True)
class Question:
    """What is asked, and what the person may want to see before they answer."""

    kind: Literal["answer", "plan", "apply"]
    """In words of their own, or whether a plan, or a finished change, is approved."""
    text: str
    targets: list[str] = field(default_factory=list)
    """The tasks of the plan, or the files of the change, one line each."""
    patch: str = ""

    def reply(self, words: str) -> dict[str, Any]:
        """What the graph is told; words that are neither yes nor no say what should be different."""
        said = words.strip()[:2000]
        if self.kind == "answer":
            return {"text": said}
        plain = said.lower().rstrip(".!")
        return {"approved": plain in YES, "text": "" if plain in YES + NO else said}

    def shown(self) -> str:
        """The question as text for a terminal."""
        lines = [f"  {one_line(target, 200)}" for target in self.targets]
        how = [] if self.kind == "answer" else ["yes, no, or what should be different" + self.way_to_patch()]
        return "\n".join([clean(self.text), *lines, *how])

    def way_to_patch(self) -> str:
        """How the patch is seen."""
        return "; d shows the change" if self.patch else ""


Ask = Callable[[Question], str | None]
"""Asks a person; returns their words, None when nobody answers."""


def question_of(interrupt: Mapping[str, Any], run: Run) -> Question:
    """The question behind an interrupt of the graph."""
    kind, text = interrupt.get("kind", "answer"), interrupt["question"]
    if kind == "plan":
        return Question("plan", text, [task_line(task) for task in interrupt["tasks"]])
    if kind == "apply":
        more = [f"and {interrupt['more_files']} more"] if interrupt["more_files"] else []
        patch = run.repository.diff(interrupt["base"], interrupt["head"])
        return Question("apply", f"{interrupt['reason']}. {text}", [*interrupt["files"], *more], patch)
    return Question("answer", text)


def task_line(task: Mapping[str, Any]) -> str:
    """A task of the plan in one line."""
    about = [f"in {listed(task['files'], 4)}"] if task["files"] else []
    about += [f"after {listed(task['depends_on'], 4)}"] if task["depends_on"] else []
    return f"{task['id']}  {task['title']}" + (f"  ({', '.join(about)})" if about else "")


def first(words: str, otherwise: Ask | None) -> Ask:
    """Answer the first question with these words, and the others as ever."""
    given = [words]

    def ask(question: Question) -> str | None:
        return given.pop() if given else otherwise(question) if otherwise else None

    return ask
