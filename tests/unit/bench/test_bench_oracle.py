"""The statistical study: its requests, its rivals' rules, its figures, and one cell of it for real."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench.study.cells import ALL, JOBS, OTHERS, Cell, Results, Row, cells, measured
from bench.study.figures import Share, difference, figures
from bench.study.hidden import Judge
from bench.study.job import Job, mistaken_test, thin_test, told_test
from bench.study.model import Skill
from bench.study.ours import VARIANTS
from bench.study.plain import Ending, best_of, one_shot
from bench.study.report import markdown, picture
from tests.modelserver import code

JUDGE = Judge()
SURE, NEVER = Skill(0.9999, None), Skill(0.0001, None)


def done(job: Job) -> dict[str, str]:
    """The project when all is done right."""
    files = dict(job.project)
    for step in job.steps:
        files |= step.texts
    return files


@pytest.mark.parametrize("job", JOBS.values(), ids=list(JOBS))
def test_hidden_tests_tell_right_from_wrong(job: Job) -> None:
    """What is right passes all tests; undone work, and each step with its wrong logic, fail the hidden ones."""
    assert JUDGE.holds(job.hidden, done(job)) and not JUDGE.holds(job.hidden, job.project)
    for step in job.steps:
        assert JUDGE.holds(told_test(step), done(job)) and JUDGE.holds(thin_test(step), done(job))
        assert not JUDGE.holds(mistaken_test(step), done(job))
        for path, text in step.texts.items():
            wrong = code.with_wrong_logic(text, job.files.get(path, ""))
            assert not JUDGE.holds(job.hidden, {**done(job), path: wrong}), step.id
            assert not JUDGE.holds(told_test(step), {**done(job), path: wrong}), step.id


def test_plain_ways_are_as_good_as_their_model() -> None:
    """A model that is always right is done in one call; one that never is uses up what it may and resolves none."""
    for job in JOBS.values():
        shot = one_shot(job, SURE, 1, JUDGE)
        assert shot == best_of(job, SURE, 1, JUDGE, calls=5, fresh=True) and shot.resolved and shot.claimed
        lost = best_of(job, NEVER, 1, JUDGE, calls=5, fresh=True)
        assert not lost.resolved
        if any(step.given for step in job.steps):
            assert lost.calls == 5 and not lost.claimed


def test_the_best_of_many_begins_with_the_one_shot() -> None:
    """The draws are paired: with room for one try both are the same; with given tests more room resolves no less."""
    job = JOBS["routes"]
    for seed in range(4):
        skill = Skill(0.7, 0.8)
        assert (
            best_of(job, skill, seed, JUDGE, calls=1, fresh=True).resolved == one_shot(job, skill, seed, JUDGE).resolved
        )
        few, many = (best_of(job, skill, seed, JUDGE, calls=calls, fresh=True) for calls in (2, 12))
        assert many.resolved >= few.resolved


def test_a_share_has_its_interval() -> None:
    """Wilson's interval, against values from a table."""
    low, high = Share(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Share(0, 10).interval[0] == 0 and Share(0, 0).interval == (0.0, 1.0)


def ending(resolved: bool, claimed: bool = True) -> Ending:
    """An ending that costs two calls."""
    return Ending(claimed, resolved, 2, 100)


def test_differences_are_taken_in_pairs() -> None:
    """Only draws that both have met count; a constant difference has no spread."""
    one = {("a", seed): ending(True) for seed in range(10)}
    other = {("a", seed): ending(False) for seed in range(5)}
    found = difference(one, other)
    assert (found.value, found.low, found.high, found.pairs) == (1.0, 1.0, 1.0, 5)
    assert figures(other).false == Share(5, 5) and figures(one).resolved.value == 1.0


def row(cell: Cell) -> Row:
    """A finished cell in which we resolve and others do not."""
    endings = {cell.variant: ending(True)}
    if cell.variant == ALL:
        endings |= {way: ending(False) for way in OTHERS}
    return Row(cell, endings, "verified", "", {"t": ["verified", "code"]})


def test_a_rerun_goes_on_where_it_was(tmp_path: Path) -> None:
    """Finished cells come back as they were written, a torn line does not count, and what is missing is asked for."""
    wanted = cells(1)
    results = Results(tmp_path / "deep" / "cells.jsonl")
    assert results.rows() == [] and results.missing(wanted) == wanted
    for cell in wanted[:3]:
        results.add(row(cell))
    results.add(row(wanted[0]))
    with (tmp_path / "deep" / "cells.jsonl").open("a") as file:
        file.write('{"cell": {"job": "sh')
    assert results.rows() == [row(cell) for cell in wanted[:3]]
    assert results.missing(wanted) == wanted[3:]


def test_the_study_is_balanced() -> None:
    """Every request meets every setting with every seed, and every variant at the one setting where parts are off."""
    wanted = cells()
    assert len(set(wanted)) == len(wanted) == 20 * len(JOBS) * (6 + len(VARIANTS) - 1)


def test_the_report_shows_every_way_and_every_part() -> None:
    """Table and plot hold what was measured; the plot is XML."""
    text = markdown([row(cell) for cell in cells(2)], 880)
    assert "infinitely more than the best of K" in text and "+1.00, 95 % +1.00 to +1.00, 8 pairs" in text
    for variant in VARIANTS.values():
        assert f"| {variant.title} |" in text
    drawn = picture([row(cell) for cell in cells(2)])
    assert len(ElementTree.fromstring(drawn).findall(".//{http://www.w3.org/2000/svg}g")) == 18


@pytest.mark.parametrize("variant", [ALL, "no checks"])
def test_a_cell_for_real(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is right: the whole graph resolves the request; without executed checks nothing is verified."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    found = measured(Cell("text", 0.9999, None, 1, variant), JUDGE)
    ours = found.endings[variant]
    assert ours.resolved and ours.claimed and ours.calls > 4
    assert found.outcome == ("verified" if variant == ALL else "unverified")
    assert (set(OTHERS) <= found.endings.keys()) == (variant == ALL)
