"""The page: one file with its style and its script inside, and a policy that lets nothing else in."""

import base64
import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files

import jinja2
from markupsafe import Markup

from orchestrator.report.diffs import parsed
from orchestrator.report.gather import Hide, Report, answer_of, question_of
from orchestrator.report.timeline import begins_first
from orchestrator.screen import SIGNS
from orchestrator.words import clean, duration, number, one_line, short

LARGEST = 4_500_000
"""Bytes above which texts are cut shorter, and the page is made again."""

LIMITS = (24_000, 6_000, 1_500, 400, 120)
"""Most characters of one prompt, answer or output: the first with which the page is not too large."""

SIGNS_OF_A_LINE = 30
"""About how many characters a line of a diff has: so many lines are shown as fit the limit of a text."""


def page(report: Report, hide: Hide) -> str:
    """The HTML of a run, without its secrets; the same run gives the same bytes."""
    text, hide = "", cache(hide)
    for limit in LIMITS:
        text = rendered(report, hide, limit)
        if len(text.encode("utf-8", "replace")) <= LARGEST:
            break
    return text


def rendered(report: Report, hide: Hide, limit: int) -> str:
    """The page with texts of at most this many characters."""
    style, script = _part("report.css"), _part("report.js")
    environment = _environment()
    environment.filters |= {
        "shown": lambda text: shown(hide(text), limit),
        "line": lambda text, width: one_line(hide(str(text)), width),
        "files": partial(parsed, most=max(40, limit // SIGNS_OF_A_LINE)),
    }
    return environment.get_template("report.html.j2").render(
        report=report,
        view=report.view,
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
    )


def policy(style: str, script: str) -> str:
    """A content security policy under which this style and this script work, and nothing else does."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
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


def mark(state: str) -> str:
    """The sign of a state."""
    return SIGNS.get(state, SIGNS["waiting"])[0]


def seconds(value: float) -> str:
    """A short time: 0.4 s, 12 s, 2:05."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s" if value < 60 else duration(value)


def per_cent(value: float) -> str:
    """A length in a drawing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "clean": clean,
        "duration": duration,
        "counted": number,
        "short": short,
        "money": money,
        "mark": mark,
        "seconds": seconds,
        "per_cent": per_cent,
        "question": question_of,
        "answer": answer_of,
        "begins_first": begins_first,
    }
    environment.filters.update(filters)
    return environment


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
