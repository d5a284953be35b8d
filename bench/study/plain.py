"""How others use the model: the whole request in one question, once or many times."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.study.hidden import Files, Judge, read, written
from bench.study.job import Job, told_test
from bench.study.model import Skill, oracle_for
from models.answers import AnswerFormatError, parse
from tests.modelserver.request import Request
from tests.modelserver.wire import usage_of
from tools._native import apply_edits
from tools.edit import carry_out

SYSTEM = (
    "You are the Coder. Do all that is asked, completely. Answer with SEARCH/REPLACE blocks, each in its own fence "
    "with the file's path on the line before it; an empty SEARCH part makes a new file."
)


@dataclass(frozen=True)
class Try:
    """One answer to the whole request: the project afterwards, None where nothing could be applied; and its cost."""

    files: Files | None
    tokens: int


@dataclass(frozen=True)
class Ending:
    """What a way of working came to: whether it says that all is done, whether that is so, and what it cost."""

    claimed: bool
    resolved: bool
    calls: int
    tokens: int


def one_shot(job: Job, skill: Skill, seed: int, judge: Judge) -> Ending:
    """The first answer, applied; it claims success where there was something to apply."""
    return _ended(job, [next(_tries(job, skill, seed, fresh=False))], judge)


def best_of(job: Job, skill: Skill, seed: int, judge: Judge, *, calls: int = 0, tokens: int = 0, fresh: bool) -> Ending:
    """The best of as many answers as the limit allows, at least one.

    Chosen is the answer after which most of the given tests pass, the first of equals; an answer after which all of
    them pass ends the search. Where no test is given, the model's own claim decides, and every answer that can be
    applied claims to be right. `fresh`: the difficulty of a step is its chance at every try; otherwise a further
    try has the lower chance that it has in our runs when a prompt shows no evidence.
    """
    made: list[Try] = []
    for one in _tries(job, skill, seed, fresh=fresh):
        made.append(one)
        if one.files is not None and _passing(job, one.files, judge) == len(_given(job)):
            break
        if len(made) >= calls and sum(each.tokens for each in made) >= tokens:
            break
    return _ended(job, made, judge)


def _ended(job: Job, made: Sequence[Try], judge: Judge) -> Ending:
    applied = [each.files for each in made if each.files is not None]
    calls, tokens = len(made), sum(each.tokens for each in made)
    if not applied:
        return Ending(False, False, calls, tokens)
    passing = [_passing(job, files, judge) for files in applied]
    chosen = applied[passing.index(max(passing))]
    # Who runs the given tests does not claim success where they fail; one shot runs nothing.
    claimed = len(made) == 1 or max(passing) == len(_given(job))
    return Ending(claimed, judge.holds(job.hidden, chosen), calls, tokens)


def _given(job: Job) -> list[str]:
    return [told_test(step) for step in job.steps if step.given]


def _passing(job: Job, files: Files, judge: Judge) -> int:
    return sum(judge.holds(test, files) for test in _given(job))


def _tries(job: Job, skill: Skill, seed: int, *, fresh: bool) -> Iterator[Try]:
    """Answers to the same prompt, sampled anew each time."""
    chances = skill.chances()
    if fresh:
        chances = replace(chances, with_evidence=1.0, without_evidence=1.0)
    oracle = oracle_for(job, chances, seed)
    answer = oracle.writes(*oracle.tasks)
    number = 0
    while True:
        request = Request(_body(job, number))
        reply = answer(request)
        yield Try(_applied(job, reply.text or "", reply.finish), usage_of(reply, request)["total_tokens"])
        number += 1


def _body(job: Job, seed: int) -> dict[str, object]:
    shown = [f"{path}\n```{path.rpartition('.')[2]}\n{text}```" for path, text in job.project.items() if text]
    user = "\n\n".join([job.request, *shown])
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}]
    return {"model": "model", "messages": messages, "seed": seed, "temperature": 0.8}


def _applied(job: Job, text: str, finish: str | None) -> Files | None:
    """The project with an answer applied by our own tolerant parser and matcher, but without any of our guards."""
    if finish == "length":
        return None
    try:
        edits = parse("blocks", text)
    except AnswerFormatError:
        return None
    with tempfile.TemporaryDirectory(prefix="applied-") as folder:
        root = written(Path(folder), job.project)
        done = carry_out(lambda dry_run: apply_edits(str(root), list(edits), dry_run=dry_run), lambda _: [])
        return None if done.problems else read(root)
