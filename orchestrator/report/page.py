"""The page: one file with its style and its script inside, and a policy that lets nothing else in."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from orchestrator.report.diffs import Line, parsed
from orchestrator.report.gather import Hide, Report, answer_of, question_of
from orchestrator.report.timeline import begins_first
from orchestrator.screen import SIGNS, doing
from orchestrator.words import clean, duration, number, one_line, short

LARGEST = 4_500_000
"""Bytes above which texts are cut shorter, and the page is made again."""

LIMITS = (24_000, 6_000, 1_500, 400, 120)
"""Most characters of one prompt, answer or output: the first with which the page is not too large."""

SIGNS_OF_A_LINE = 30
"""About how many characters a line of a diff has: so many lines are shown as fit the limit of a text."""

LEAST_OF_A_LINE = 44
"""Characters of an element that holds a line of a diff, without the line."""


Filter = Callable[..., object]
"""What a template does to a value."""


@dataclass(frozen=True)
class Live:
    """What a page knows that a server shows and that follows its run."""

    version: str
    """What it was made from: another version means that there is news."""
    running: bool
    """Whether a process drives the run now."""
    seconds: float
    """Since the run began."""


def page(report: Report, hide: Hide, live: Live | None = None) -> str:
    """The HTML of a run, without its secrets; the same run gives the same bytes."""
    text, hide = "", cache(hide)
    for limit in LIMITS[:-1]:
        if least(report, limit) <= LARGEST:
            text = rendered(report, hide, limit, live)
            if len(text.encode("utf-8", "replace")) <= LARGEST:
                return text
    return rendered(report, hide, LIMITS[-1], live)


def least(report: Report, limit: int) -> int:
    """Characters that the page has at least: of what is too large, no page is made in vain."""
    parts = [part for task in report.tasks for part in (*task.before, *task.attempts)] + report.others
    calls = [call for part in parts for call in part.attempt.calls]
    texts = [text for call in calls for _, text in (*question_of(call), *answer_of(call))]
    texts += [run.output or "" for part in parts for run in part.checks]
    diffs = (line for part in parts if part.diff for line in part.diff.split("\n", lines_of(limit))[:-1])
    # What has not changed stands in both columns.
    lines = sum((2 if line.startswith(" ") else 1) * (LEAST_OF_A_LINE + len(line)) for line in diffs)
    return sum(min(len(text), limit) for text in texts) + lines


def lines_of(limit: int) -> int:
    """How many lines of a file's diff are shown."""
    return max(40, limit // SIGNS_OF_A_LINE)


def rendered(report: Report, hide: Hide, limit: int, live: Live | None = None) -> str:
    """The page with texts of at most this many characters."""
    filters: Mapping[str, Filter] = {
        "shown": lambda text: shown(hide(text), limit),
        "line": lambda text, width: one_line(hide(str(text)), width),
        "files": cache(partial(parsed, most=lines_of(limit))),
    }
    return framed("report.html.j2", filters, live, report=report, view=report.view)


def framed(template: str, filters: Mapping[str, Filter], live: Live | None, **more: object) -> str:
    """One of the pages with its style, its script and its policy."""
    style, script = _part("report.css"), _part("report.js") + (_part("live.js") if live else "")
    environment = _environment()
    environment.filters |= filters
    return environment.get_template(template).render(
        live=live,
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script, connects=live is not None),
        **more,
    )


def policy(style: str, script: str, *, connects: bool = False) -> str:
    """A content security policy under which this style and this script work, and nothing else does."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:; "
        + ("connect-src 'self'; " if connects else "")
        + "base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    """The name of an inline text in a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def shown(text: str, limit: int) -> str:
    """A harmless text of about this length; what is left out of its middle is said."""
    text = clean(text)
    if len(text) <= limit + limit // 10:
        return text
    head, tail = text[: limit * 2 // 3], text[-limit // 3 :]
    return f"{head}\n\n… {len(text) - len(head) - len(tail):,} characters are left out here …\n\n{tail}"


def money(cost: float | None) -> str:
    """Dollars, or that there is no price."""
    return "no price known" if cost is None else f"${cost:.4f}" if cost else "$0"


def lines(block: Sequence[Line], tag: str) -> Markup:
    """Lines of a diff as elements with their numbers; by far the most elements of a page."""
    return Markup("".join(_pieces_of(block, tag)))


def _pieces_of(block: Sequence[Line], tag: str) -> Iterator[str]:
    for line in block:
        yield f'<{tag} class="l" data-o="{line.old or ""}" data-n="{line.new or ""}">'
        for text, changed in line.pieces:
            yield f"<mark>{escape(clean(text))}</mark>" if changed else str(escape(clean(text)))
        yield f"\n</{tag}>"


def mark(state: str) -> str:
    """The sign of a state."""
    return SIGNS.get(state, SIGNS["waiting"])[0]


def seconds(value: float) -> str:
    """A short time: 0.4 s, 12 s, 2:05."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s" if value < 60 else duration(value)


def per_cent(value: float) -> str:
    """A length in a drawing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


class Compiled(jinja2.BytecodeCache):
    """Templates are compiled once in a process."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is there."""
        if code := self._codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is new."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        bytecode_cache=COMPILED,
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Filter] = {
        "clean": clean,
        "duration": duration,
        "counted": number,
        "short": short,
        "money": money,
        "mark": mark,
        "seconds": seconds,
        "per_cent": per_cent,
        "doing": doing,
        "lines": lines,
        "question": question_of,
        "answer": answer_of,
        "begins_first": begins_first,
    }
    environment.filters.update(filters)
    return environment


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
