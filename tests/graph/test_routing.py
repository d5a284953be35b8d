"""The decisions of the graph, as pure functions over recorded facts."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.types import Send

from graph.routing import after_orchestrator, after_review, after_search, next_rung
from nodes.conclusion import outcome_of, settled
from nodes.state import Attempt, LaneState, RunState, Task, ready_tasks

LADDER = ["fix", "fix", "reground", "rewrite", "fix"]


def task(id: str, *depends_on: str) -> Task:
    return Task(
        id=id,
        title=id,
        goal=id,
        files=[],
        depends_on=list(depends_on),
        tests=[],
        may_edit_tests=[],
        may_edit_reason="",
        depth=0,
    )


def run_state(tasks: list[Task], **facts: Any) -> RunState:
    state: dict[str, Any] = {
        "v": 1,
        "run": "r",
        "request": "do it",
        "kind": "project",
        "base": "b",
        "head": "h",
        "baseline": "",
        "ladder": LADDER,
        "tasks": tasks,
        "status": {t["id"]: "waiting" for t in tasks},
        "dispatched": {},
        "carry": {},
        "results": {},
        "integrated": {},
        "plans": 1,
    }
    return cast("RunState", {**state, **facts})


def attempt(number: int, *, passed: bool = False, repeated: bool = False) -> Attempt:
    return Attempt(
        number=number,
        strategy="code",
        model="m",
        commit="c",
        tree="t",
        grounding=1,
        refused=False,
        passed=passed,
        repeated=repeated,
    )


def lane_state(attempts: list[Attempt], **facts: Any) -> LaneState:
    passed = bool(attempts) and attempts[-1]["passed"]
    state: dict[str, Any] = {
        "kind": "small",
        "ladder": LADDER,
        "attempts": attempts,
        "attempt": len(attempts),
        "verdict": {"passed": passed, "evidence": passed, "findings": [], "output": ""} if attempts else None,
    }
    return cast("LaneState", {**state, **facts})


class TestAfterOrchestrator:
    def test_a_project_without_a_plan_is_planned(self) -> None:
        """A request that needs a plan goes to the planner before anything else."""
        assert after_orchestrator(run_state([], plans=0)) == "plan"

    def test_independent_tasks_go_out_together(self) -> None:
        """Every ready task gets a lane in the same step; one that waits gets none."""
        sent = after_orchestrator(run_state([task("a"), task("b"), task("c", "a")]))
        assert [cast("Send", s).arg["lane"] for s in sent] == ["a", "b"]

    def test_a_task_that_comes_back_gets_a_lane_of_its_own(self) -> None:
        """A second dispatch has another lane name, so that its calls are not confused with the first one's."""
        (sent,) = after_orchestrator(run_state([task("a")], dispatched={"a": 2}))
        assert cast("Send", sent).arg["lane"] == "a.2"

    def test_a_question_waits_for_its_answer(self) -> None:
        """An open question comes before the next dispatch."""
        assert after_orchestrator(run_state([task("a")], question="which one?")) == "question"

    def test_an_approval_is_waited_for(self) -> None:
        """Nothing is sent, and no end comes, before the person has spoken."""
        assert after_orchestrator(run_state([task("a")], approval="plan")) == "approval"
        assert after_orchestrator(run_state([], approval="apply")) == "approval"

    def test_an_outcome_ends_the_run(self) -> None:
        """Once an outcome stands nothing else is done, whatever waits."""
        assert after_orchestrator(run_state([task("a")], outcome="budget")) == "finish"


class TestAfterSearch:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({"kind": "question"}, "answer"),
            ({"kind": "small"}, "specify"),
            ({"kind": "small", "specified": True}, "code"),
            ({"halt": {"outcome": "budget", "reason": ""}}, "stop"),
        ],
    )
    def test_what_follows_a_search(self, facts: dict[str, Any], expected: str) -> None:
        """A question ends with what was found, a task is specified once, a halted lane stops."""
        assert after_search(lane_state([], **facts)) == expected


class TestAfterReview:
    def test_the_ladder_is_climbed_one_rung_per_failure(self) -> None:
        """Failures lead through the whole ladder, in order, and then to stuck."""
        climbed = [after_review(lane_state([attempt(n + 1) for n in range(failed)])) for failed in range(1, 7)]
        assert climbed == [*LADDER, "stuck"]

    def test_a_repeated_state_skips_the_rung_that_repeats(self) -> None:
        """The same tree with the same findings is not given the same treatment again."""
        assert next_rung(lane_state([attempt(1), attempt(2, repeated=True)])) == "reground"

    def test_a_passed_attempt_is_accepted(self) -> None:
        """A passed verdict ends the lane."""
        assert after_review(lane_state([attempt(1), attempt(2, passed=True)])) == "accept"

    def test_before_the_first_attempt_the_coder_is_next(self) -> None:
        """The specification is followed by the code."""
        assert after_review(lane_state([])) == "code"


verdicts = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40)


@given(verdicts=verdicts, ladder=st.lists(st.sampled_from(["fix", "reground", "rewrite"]), max_size=8))
def test_any_sequence_of_verdicts_terminates(verdicts: list[tuple[bool, bool]], ladder: list[str]) -> None:
    """Whatever the verdicts, a lane ends after at most one attempt more than its ladder has rungs."""
    attempts: list[Attempt] = []
    decision = "code"
    for passed, repeated in [*verdicts, *[(False, False)] * 10]:
        attempts.append(attempt(len(attempts) + 1, passed=passed, repeated=repeated and not passed))
        decision = after_review(lane_state(attempts, ladder=ladder))
        if decision in ("accept", "stuck"):
            break
    assert decision in ("accept", "stuck")
    assert len(attempts) <= len(ladder) + 1


@st.composite
def graphs_of_tasks(draw: st.DrawFn) -> list[Task]:
    count = draw(st.integers(1, 12))
    return [
        task(f"t{n}", *(f"t{d}" for d in draw(st.sets(st.integers(0, n - 1), max_size=3)))) if n else task("t0")
        for n in range(count)
    ]


@given(tasks=graphs_of_tasks(), fates=st.lists(st.sampled_from(["verified", "unverified", "failed"]), max_size=12))
def test_every_plan_settles(tasks: list[Task], fates: list[str]) -> None:
    """Dispatching what is ready, wave by wave, settles every plan; dependencies are done before what needs them."""
    state = run_state(tasks)
    waves = 0
    while ready := ready_tasks(state):
        for one in ready:
            assert all(state["status"][d] in ("verified", "unverified") for d in one["depends_on"])
            fate = fates[int(one["id"][1:]) % len(fates)] if fates else "verified"
            state["status"][one["id"]] = cast("Any", fate)
        waves += 1
        assert waves <= len(tasks)
    assert settled(state)
    outcome, _ = outcome_of({**state, "results": {}})
    everything = set(state["status"].values())
    assert (outcome == "verified") == (everything == {"verified"})
