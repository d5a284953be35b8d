"""What may be expected of a model, judged by its size and not by its maker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

AnswerFormat = Literal["blocks", "whole"]

SMALL_UP_TO = 3.5
"""Billions of parameters up to which a model gets the small profile (a "3B" model has up to 3.4)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How the process treats a model: answer format, room for the prompt, sampling, order of strategies."""

    name: Literal["small", "standard"]
    answer_format: AnswerFormat
    context_tokens: int
    """Tokens of prompt and answer together that may be assumed to fit."""
    max_tokens: int
    """Tokens allowed for one answer where the caller names no number."""
    temperature: float
    ladder: tuple[str, ...]
    """What follows a failed first attempt, rung by rung: fix, reground or rewrite."""
    whole_file_lines: int
    """Files up to this many lines are asked for whole; longer ones as SEARCH/REPLACE blocks."""


STANDARD = Profile("standard", "blocks", 32_768, 8_192, 0.2, ("fix", "fix", "reground", "rewrite", "fix"), 120)
SMALL = Profile("small", "whole", 8_192, 1_024, 0.2, ("rewrite", "fix"), 300)

_SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?a?(\d+(?:\.\d+)?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)


def profile_of(model: str, *, billions: float | None = None, settings: Mapping[str, object] | None = None) -> Profile:
    """Return the profile of a model by its size (`billions`, else read from its name), with the user's overrides.

    `settings` may name any field of Profile, plus "profile": "small" | "standard", plus "attempts": the most attempts
    at one task. Unknown keys are ignored here: the configuration has refused them already.
    """
    settings = settings or {}
    size = billions if billions is not None else size_in_name(model)
    chosen = SMALL if size is not None and size <= SMALL_UP_TO else STANDARD
    chosen = {"small": SMALL, "standard": STANDARD}.get(str(settings.get("profile")), chosen)
    overrides = {f.name: settings[f.name] for f in fields(Profile) if f.name != "name" and f.name in settings}
    if isinstance(ladder := overrides.get("ladder"), list):
        overrides["ladder"] = tuple(ladder)
    profile: Profile = replace(chosen, **overrides)  # type: ignore[arg-type]
    attempts = settings.get("attempts")
    return replace(profile, ladder=rungs(profile.ladder, attempts)) if isinstance(attempts, int) else profile


def rungs(ladder: tuple[str, ...], attempts: int) -> tuple[str, ...]:
    """Return the ladder of so many attempts, the first of which stands on no rung; a longer one begins again."""
    return tuple(ladder[place % len(ladder)] for place in range(attempts - 1)) if ladder else ()


def size_in_name(model: str) -> float | None:
    """Return the billions of parameters that a model's name states, None if it states none.

    Of several numbers the largest counts ("30b-a3b" has 30, of which 3 are active); "8x7b" has 56.
    """
    sizes = [
        int(times or 1) * float(number) / (1 if unit.lower() == "b" else 1000)
        for times, number, unit in _SIZE.findall(re.sub(r"[_:/@-]", " ", model))
    ]
    return max(sizes, default=None)
