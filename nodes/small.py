"""Small: the code step for a small model. Code finds the place, the model fills it in, tests decide.

Every sample is independent: a fresh context and another seed. No failure is fed back into a chat, where a small model
only repeats itself. A candidate costs a test run only when the static gate lets it pass.
"""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from prompts import render
from tools.answer import from_answer
from tools.excerpt import after, before, surroundings
from tools.functions import Target
from tools.gate import fingerprint, gate
from tools.holes import Hole, fill, holes

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 0.3, 0.5, 0.7, 0.8)
"""By sample, again from the start after the last."""

WARMER = 0.2
"""Added for infill after its first round, whose answers were too much alike."""

TOKENS = {"line": 40, "rest": 40, "tail": 90, "body": 220, "function": 400}
"""Most tokens of an answer, by what is to be written."""

REST_TEMPERATURES = (0.7, 1.2)
"""For the rest of a line, by pass: cool samples only repeat it, hot ones find what is seldom."""

SAMPLES_A_ROUND = 12
"""Fewest samples of an infill round: a short function has few holes, an unwritten one has one."""

SEED_STEP = 1000
"""Distance between the samples' seeds of one seed and the next, so that neighbours share none."""

MAX_FUNCTION = 6000
"""Characters of the longest function that is tried: a longer one leaves no room in a small context."""

MAX_FAILURE = 1500
"""Most characters of a failing test's output in a prompt."""

MAX_HINT_LINES = 24
"""Most lines of tests that stand above a hole."""

SmallStrategy = Literal["infill", "rewrite", "fix"]


class Sampler(Protocol):
    """The two ways of asking a small model. Each call is one sample with nothing remembered from earlier ones."""

    def infill(
        self, prefix: str, suffix: str, n_predict: int, stop: tuple[str, ...], temperature: float, seed: int
    ) -> str:
        """What stands between the two texts."""

    def chat(self, system: str, user: str, max_tokens: int, temperature: float, seed: int) -> str:
        """The answer to one message."""


@dataclass(frozen=True)
class Found:
    """A candidate that the tests accept."""

    source: str
    """The whole new file."""
    strategy: str
    """How it came about, for people: ``infill line 12``, ``rewrite sample 3``."""
    samples: int
    """Answers that were asked for, the winning one included."""
    tested: int
    """Candidates that were run, the winning one included."""


def propose(
    strategy: SmallStrategy,
    target: Target,
    tests_source: str,
    failure: str,
    sampler: Sampler,
    judge: Callable[[str], bool],
    *,
    rounds: int,
    seed: int,
    tried: set[str] | None = None,
) -> Found | None:
    """Sample until a candidate passes, or ``rounds`` are used up; None then, and for a function that is too long.

    ``judge`` runs the task's own failing tests on a whole new source. One round is one pass over all holes, at least
    ``SAMPLES_A_ROUND`` samples; of the other strategies it is one answer. ``tried`` carries candidates from one
    strategy to the next, so that none is tested twice; it grows.
    """
    if len(target.text) > MAX_FUNCTION:
        return None
    seen = set() if tried is None else tried
    samples = tested = 0
    for label, source in sampled(strategy, target, tests_source, failure, sampler, rounds, seed * SEED_STEP):
        samples += 1
        if source is None or gate(target, source, seen) is not None:
            continue
        seen.add(fingerprint(target, source))
        tested += 1
        if judge(source):
            return Found(source, f"{strategy} {label}", samples, tested)
    return None


def sampled(
    strategy: SmallStrategy, target: Target, tests: str, failure: str, sampler: Sampler, rounds: int, seed: int
) -> Iterator[tuple[str, str | None]]:
    """The candidates of a strategy, each with its label; None for an answer that holds no function."""
    if strategy == "infill":
        return infilled(target, tests, sampler, rounds, seed)
    if strategy == "rewrite":
        user = render("small", "rewrite", surroundings=surroundings(target), head=target.head, tests=tests)
    else:
        code = surroundings(target) + target.text
        user = render("small", "fix", code=code, failure=failure[-MAX_FAILURE:], name=target.name)
    return answered(target, user, sampler, rounds, seed)


def infilled(target: Target, tests: str, sampler: Sampler, rounds: int, seed: int) -> Iterator[tuple[str, str]]:
    """Every hole filled, again and again, with what the tests say as comments."""
    places = holes(target)
    passes = rounds * max(1, -(-SAMPLES_A_ROUND // len(places)))
    for i, hole in enumerate(places * passes):
        answer = sampler.infill(
            prefix_of(target, hole, tests),
            after(target, hole),
            TOKENS[hole.kind],
            hole.stops,
            infill_temperature(hole, i // len(places)),
            seed + i,
        )
        yield hole.label, fill(target, hole, answer)


def infill_temperature(hole: Hole, pass_: int) -> float:
    """From cool to warm over the passes."""
    if hole.kind == "rest":
        return REST_TEMPERATURES[pass_ % len(REST_TEMPERATURES)]
    again = pass_ > 0 and hole.kind != "body"
    return TEMPERATURES[pass_ % len(TEMPERATURES)] + (WARMER if again else 0)


def prefix_of(target: Target, hole: Hole, tests: str) -> str:
    """What stands before a hole: for a body that is to be written the tests come last, else they come first."""
    lines = [line.strip() for line in tests.splitlines() if "assert" in line or "raises" in line][:MAX_HINT_LINES]
    text = before(target, hole)
    if not lines:
        return text
    if hole.kind != "body":
        return render("small", "hints", lines=lines) + "\n" + text
    hints = textwrap.indent(render("small", "hints", lines=lines), target.indent)
    return f"{text.rstrip()}\n{hints}{target.indent}"


def answered(target: Target, user: str, sampler: Sampler, count: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """Independent answers to one message."""
    system = render("small", "system")
    for i in range(count):
        temperature = TEMPERATURES[i % len(TEMPERATURES)]
        text = sampler.chat(system, user, TOKENS["function"], temperature, seed + i)
        yield f"sample {i + 1}", from_answer(target, text)
