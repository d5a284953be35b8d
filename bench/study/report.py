"""The report of the study: what was done, the tables, and the plot."""

import math
import statistics
from collections.abc import Sequence

from bench.study.cells import ALL, CHANCES, CLOSER, JOBS, KAPPAS, OTHERS, Row
from bench.study.curves import Curve, Panel, svg
from bench.study.figures import Difference, Figures, Series, Share, difference, figures, only, series
from bench.study.job import Job
from bench.study.model import Skill, oracle_for
from bench.study.ours import VARIANTS

BEST, TIRING = OTHERS[1], OTHERS[3]
"""What we are held against: as many whole answers as we make calls, none the worse for being a later one; and with the
chances of a further try that our own runs have.
"""

TRIES = 14
"""How often our way tries a step at most: six attempts, one of them with two candidates, under each of two plans."""

SHOWN = {
    "one shot": "one shot",
    "best of K, tokens": "best of K, as many tokens",
    "best of K, calls": "best of K, as many tries as our calls",
    "best of K, calls, tiring": "best of K, as many tries, which tire as ours do",
    ALL: "ours",
}


def markdown(rows: Sequence[Row], total: int) -> str:
    """The section, without its plot."""
    head = f"{len(rows)} of {total} cells are finished."
    return "\n\n".join([head, *_targets(rows), *_settings(rows), *_requests(rows), *_parts(rows)])


def _targets(rows: Sequence[Row]) -> list[str]:
    """Whether we reach what we want to reach, in one sentence."""
    found = series(rows, *CLOSER)
    if ALL not in found:
        return []
    ours = figures(found[ALL]).resolved.value
    held = "; ".join(_held(ours, SHOWN[way], figures(found[way]).resolved.value) for way in (BEST, TIRING))
    runs = [row.endings[ALL] for row in rows if ALL in row.endings]
    false = sum(ending.claimed and not ending.resolved for ending in runs)
    return [
        f"Wanted at p = {CLOSER[0]:g}, κ = {CLOSER[1]:g}: at least twice what the best of K resolves. Ours resolves "
        f"{ours:.2f}; {held}. Wanted everywhere: no false claim; there are {false} in {len(runs)} runs of ours."
    ]


def _held(ours: float, way: str, theirs: float) -> str:
    return f"{way}, {theirs:.2f}: {'reached' if ours >= 2 * theirs else 'missed'}"


def picture(rows: Sequence[Row]) -> str:
    """The plot: what is resolved, by the model's chance, for both kinds of models."""
    ways = ("one shot", BEST, ALL)
    panels = []
    for kappa in KAPPAS:
        curves = [
            Curve(SHOWN[way], [(p, share) for p in CHANCES if (share := _resolved(rows, p, kappa, way)).of])
            for way in ways
        ]
        panels.append(Panel(_kind(kappa), curves))
    return svg("Requests resolved, with 95 % intervals", panels)


def _resolved(rows: Sequence[Row], p: float, kappa: float | None, way: str) -> Share:
    endings = series(rows, p, kappa).get(way, {})
    return Share(sum(e.resolved for e in endings.values()), len(endings))


def _kind(kappa: float | None) -> str:
    return "Independent tries" if kappa is None else f"κ = {kappa:g}: most steps are easy or hopeless"


def _settings(rows: Sequence[Row]) -> list[str]:
    """One table for each kind of model, and how we stand to the best of K."""
    parts = []
    for kappa in KAPPAS:
        lines = [
            "| p | way | runs | resolved | 95 % | false claims | calls | tokens |",
            "|---|---|---|---|---|---|---|---|",
        ]
        standing = []
        for p in CHANCES:
            found = series(rows, p, kappa)
            lines += [_line(p, SHOWN[way], figures(found[way])) for way in SHOWN if way in found]
            if ALL in found:
                standing.append(_standing(p, found))
        if standing:
            parts += [f"**{_kind(kappa)}.**", "\n".join(lines), "\n".join(standing)]
    return parts


def _line(p: float, title: str, of: Figures) -> str:
    low, high = of.resolved.interval
    return (
        f"| {p:g} | {title} | {of.resolved.of} | {of.resolved.value:.2f} | {low:.2f} to {high:.2f} "
        f"| {of.false.hits} of {of.claimed} | {of.calls:.1f} | {of.tokens:,.0f} |"
    )


def _standing(p: float, found: dict[str, Series]) -> str:
    ours, best = figures(found[ALL]).resolved, figures(found[BEST]).resolved
    times = f"{ours.value / best.value:.2f} times as many as" if best.hits else "infinitely more than"
    return f"- p = {p:g}: ours resolves {times} the best of K ({_shown(difference(found[ALL], found[BEST]))})."


def _shown(of: Difference) -> str:
    return f"{of.value:+.2f}, 95 % {of.low:+.2f} to {of.high:+.2f}, {of.pairs} pairs"


def _requests(rows: Sequence[Row]) -> list[str]:
    """What each request comes to, since they differ in what is given."""
    found = series(rows, *CLOSER)
    if ALL not in found:
        return []
    ways = ("one shot", BEST, ALL)
    lines = [
        f"| request | steps | given tests | {' | '.join(SHOWN[way] for way in ways)} |",
        "|---|---|---|---|---|---|",
    ]
    for name, job in JOBS.items():
        shares = [only(found[way], lambda key, name=name: key[0] == name) for way in ways]  # type: ignore[misc]
        if all(shares):
            given = sum(step.given for step in job.steps)
            values = " | ".join(f"{figures(share).resolved.value:.2f}" for share in shares)
            lines.append(f"| {name} | {len(job.steps)} | {given} | {values} |")
    ceiling = statistics.fmean(within_reach(JOBS[name], seed) for name, seed in found[ALL])
    lines.append(
        f"\nThe draws set the limit: {TRIES} tries at each step, two plans of seven, resolve {ceiling:.2f} of these."
    )
    return [f"**The requests** at p = {CLOSER[0]:g}, κ = {CLOSER[1]:g}, resolved:", "\n".join(lines)]


def within_reach(job: Job, seed: int) -> float:
    """The chance that every step is right once in as many tries as our ladder makes."""
    oracle = oracle_for(job, Skill(*CLOSER).chances(), seed)
    missed = (1 - d for d in map(oracle.difficulty, oracle.tasks))
    factor = oracle.chances.with_evidence
    return math.prod(1 - miss * (1 - factor * (1 - miss)) ** (TRIES - 1) for miss in missed)


def _parts(rows: Sequence[Row]) -> list[str]:
    """What each part of ours is worth: the paired difference without it."""
    found = series(rows, *CLOSER)
    if ALL not in found:
        return []
    lines = [
        "| ours | runs | resolved | 95 % | against all parts | false claims | calls | tokens | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    whole = found[ALL]
    for name, variant in VARIANTS.items():
        if name not in found:
            continue
        of, apart = figures(found[name]), difference(found[name], whole)
        low, high = of.resolved.interval
        against = "" if name == ALL else f"{apart.value:+.2f} ({apart.low:+.2f} to {apart.high:+.2f})"
        beside = figures(only(whole, found[name].__contains__))
        lines.append(
            f"| {variant.title} | {of.resolved.of} | {of.resolved.value:.2f} | {low:.2f} to {high:.2f} | {against} "
            f"| {of.false.hits} of {of.claimed} | {of.calls:.1f} | {of.tokens:,.0f} "
            f"| {'' if name in (ALL, 'right tests') else worth(apart, of, beside)} |"
        )
    return [f"**Our parts**, switched off one by one, at p = {CLOSER[0]:g}, κ = {CLOSER[1]:g}:", "\n".join(lines)]


def worth(without: Difference, of: Figures, whole: Figures) -> str:
    """What the part that is switched off is worth, in a few words."""
    saved = of.false.hits - whole.false.hits
    if without.high < 0:
        return "pays: more is resolved with it"
    if saved > 0 and of.false.interval[0] > whole.false.value:
        return f"pays: {saved} false claims fewer with it"
    if without.low > 0:
        return "harms: more is resolved without it"
    return "does not pay here" if whole.calls > of.calls else "costs nothing, gains nothing that shows"
