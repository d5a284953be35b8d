"""The model by chance: its frequencies are those that were asked for, and its draws belong to seed, task and try."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.modelserver import Reply, Request, Scenario, Server
from tests.modelserver.edits import edits_in
from tests.modelserver.oracle import INDEPENDENT, MIDDLE, WEAK, Chances, Oracle, Task
from tests.modelserver.right import right
from tests.unit.modelserver.client import ask, chat
from tests.unit.modelserver.shop import CARRIERS, FIXED, NEW, PRICE, PROMPT

Serve = Callable[..., Server]

TEXTS = st.lists(st.sampled_from(["a = 1\n", "b = 2\n", "\n", "    c()\n"]), max_size=8).map("".join)
FAILURE = "\nE   AssertionError: assert 144.0 == 100\n"


def tasks(count: int) -> list[Task]:
    """Tasks that are all answered by the same edit."""
    return [Task(f"t{n}", CARRIERS["blocks"], f"<task {n}>") for n in range(count)]


def said(oracle: Oracle, task: Task, text: str = "", **more: object) -> Reply:
    """What the oracle answers to one request about a task."""
    return oracle.writes(task)(Request(chat(f"{PROMPT}{task.marker}{text}", **more)))


@pytest.mark.parametrize("kappa", [0.8, 3.0, None])
@pytest.mark.parametrize("p", [0.5, 0.7, 0.9])
def test_first_tries_succeed_with_the_wanted_mean(p: float, kappa: float | None) -> None:
    """Over 2,000 tasks the share of right first answers is p within three standard errors."""
    oracle = Oracle(tasks(2000), Chances(p, kappa), seed=1)
    right = sum(NEW in (said(oracle, task).text or "") and oracle.draws[-1].fault == "" for task in oracle.tasks)
    assert abs(right / 2000 - p) < 3 * (p * (1 - p) / 2000) ** 0.5


def test_a_small_kappa_makes_tasks_easy_or_hopeless() -> None:
    """With κ = .8 most difficulties are near 0 or 1, with κ = 3 fewer are; without κ all are p."""

    def extreme(kappa: float) -> int:
        spread = [Oracle([], Chances(0.7, kappa), seed=1).difficulty(task) for task in tasks(1000)]
        return sum(each < 0.1 or each > 0.9 for each in spread)

    assert extreme(0.8) > 500 > 2 * extreme(3.0) > 100
    assert {Oracle([], Chances(0.7, None), seed=1).difficulty(task) for task in tasks(10)} == {0.7}


@pytest.mark.parametrize(("text", "factor"), [(FAILURE, 0.5), ("again", 0.3)])
def test_a_second_try_has_its_factor(text: str, factor: float) -> None:
    """With the failing output in the request the chance is halved, without it it is less."""
    oracle = Oracle(tasks(1500), Chances(0.7, None), seed=2)
    for task in oracle.tasks:
        said(oracle, task)
        said(oracle, task, text)
    second = [draw for draw in oracle.draws if draw.attempt == 2]
    assert {round(draw.chance, 6) for draw in second} == {round(0.7 * factor, 6)}
    assert abs(sum(not draw.fault for draw in second) / 1500 - 0.7 * factor) < 0.04


def test_independent_tries_are_all_alike() -> None:
    """The second curve: every try has the chance p."""
    oracle = Oracle(tasks(1), Chances(0.7, **INDEPENDENT), seed=2)  # type: ignore[arg-type]
    for number in range(1500):
        said(oracle, oracle.tasks[0], str(number))
    assert {draw.chance for draw in oracle.draws} == {0.7}
    assert abs(sum(not draw.fault for draw in oracle.draws) / 1500 - 0.7) < 0.04


@pytest.mark.parametrize("mix", [WEAK, MIDDLE], ids=["weak", "middle"])
def test_faults_come_in_their_shares(mix: dict[str, float]) -> None:
    """Of 3,000 wrong answers each kind has about its share; a kind that needs more than is there becomes another."""
    assert sum(mix.values()) == pytest.approx(1)
    oracle = Oracle(tasks(3000), Chances(0.0001, None, mix=mix), seed=3)
    for task in oracle.tasks:
        said(oracle, task)
    counted = Counter(draw.fault for draw in oracle.draws if draw.fault)
    for kind, share in mix.items():
        assert abs(counted[kind] / counted.total() - share) < 0.03, kind


def test_draws_belong_to_the_task_and_the_try_and_not_to_words_or_order() -> None:
    """Two ways of asking, in other words and in another order, meet the same successes."""

    def outcomes(order: list[Task], words: str) -> dict[tuple[str, int], bool]:
        oracle = Oracle(tasks(40), Chances(0.5), seed=7)
        for task in order:
            for number in range(3):
                said(oracle, task, f"{words} {number}{FAILURE}")
        return {(draw.task, draw.attempt): not draw.fault for draw in oracle.draws}

    shuffled = random.Random(1).sample(tasks(40), 40)
    assert outcomes(tasks(40), "please") == outcomes(shuffled, "now") and len(outcomes(shuffled, "x")) == 120


def test_the_same_bytes_are_the_same_try_and_another_seed_is_another() -> None:
    """A retry after a fault of the wire draws nothing; sampling again does."""
    oracle = Oracle(tasks(1), Chances(0.5), seed=1)
    for seed in (1, 1, 2, 3, 1):
        said(oracle, oracle.tasks[0], seed=seed)
    assert [draw.attempt for draw in oracle.draws] == [1, 1, 2, 3, 1]


def test_a_whole_request_in_one_answer_draws_each_task() -> None:
    """One shot at three tasks has the draws of three first tries; the edits stand one after the other."""
    three = tasks(3)
    apart, together = Oracle(three, Chances(0.999, None), seed=1), Oracle(three, Chances(0.999, None), seed=1)
    for task in three:
        said(apart, task)
    reply = together.writes(*three)(Request(chat(f"{PROMPT} all")))
    assert together.draws == apart.draws and (reply.text or "").count(NEW) == 3


@pytest.mark.parametrize("damaged", [PRICE, PRICE.replace("gross * rate", "gross + rate"), "", FIXED])
@pytest.mark.parametrize("form", ["SEARCH/REPLACE blocks", "whole files"])
def test_right_answers_fit_the_files_as_they_are(form: str, damaged: str) -> None:
    """In the form that is asked for, and whatever an earlier attempt left, the edit leads to the right file."""
    prompt = f"shop/price.py\n```python\n{damaged}```\n" if damaged else "no file"
    request = Request(chat(prompt, system=f"You are the Fixer. Answer with {form}"))
    found = edits_in(right({"shop/price.py": FIXED})(request))
    if damaged == FIXED:
        assert found is None
        return
    assert found is not None and found.carrier == ("whole" if "whole" in form else "blocks")
    (edit,) = found.all
    assert (damaged.replace(edit.old, edit.new, 1) if edit.old else edit.new) == FIXED
    assert not edit.old or damaged.count(edit.old) == 1


@given(old=TEXTS, new=TEXTS)
def test_any_change_of_a_text_is_an_edit_that_applies_once(old: str, new: str) -> None:
    """For any two texts of lines the block's old text is there exactly once, and replacing it gives the new text."""
    assume(old != new and old)
    request = Request(chat(f"a.py\n```python\n{old}```\n", system="SEARCH"))
    found = edits_in(right({"a.py": new})(request))
    assert found is not None and found.all[0].old is not None
    assert old.count(found.all[0].old) == 1 and old.replace(found.all[0].old, found.all[0].new) == new


@pytest.mark.parametrize(("is_right", "share"), [(True, 0.8), (False, 0.3)])
def test_reviews_err_at_their_rates(is_right: bool, share: float) -> None:
    """Right work is refused at one rate, wrong work accepted at another."""
    oracle = Oracle(tasks(1000), Chances(0.7, accepts_wrong=0.3, refuses_right=0.2), seed=4)
    shown = f"```diff\n-    return gross * rate\n+{NEW}```" if is_right else "```diff\n+    return 0\n```"
    accepted = [
        oracle.judges(task, "yes", "no")(Request(chat(f"{task.marker}{shown}"))) == "yes" for task in oracle.tasks
    ]
    assert abs(sum(accepted) / 1000 - share) < 0.05


def test_it_is_served_like_any_scenario(serve: Serve) -> None:
    """Rules of the oracle answer the tasks of each role over the wire."""
    oracle = Oracle(tasks(2), Chances(0.999, None), seed=1)
    server = serve(Scenario("m", oracle.rules("coder", "fixer")))
    assert NEW in ask(server, chat(f"{PROMPT}<task 1>")).text
    assert [entry["rule"] for entry in server.requests] == ["coder t1"]
