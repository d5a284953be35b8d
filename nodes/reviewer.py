"""Reviewer: writes the test before the code, later judges an attempt by executed checks, then by reading the diff."""

from models.seat import Seat
from nodes.bounds import MAX_FINDINGS, MAX_PROBLEM, MAX_REASON
from nodes.evidence import removed_assertions
from nodes.findings import headline, state_fingerprint
from nodes.judgement import after, check_findings, proven, tampering, turned_green
from nodes.opinion import changed_tests, consent, opinion
from nodes.session import Session, is_small
from nodes.specification import restate, specify
from nodes.state import Attempt, Finding, LaneResult, LaneState, Outcome, TestsChanged, Verdict
from workspace.output import clipped


def reviewer(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Specify before the first attempt, judge after each."""
    if not state.get("specified"):
        return specify(state, session, seat)
    update = judge(state, session, seat)
    if update["attempts"][-1]["passed"]:
        return update
    if state.get("green") and (untouched(state) or last_rung(state)):
        return standing(state, session, seat)
    if last_rung(state) and written_test(state) and not state.get("restated"):
        return restated(state, update, session, seat)
    return update


def judge(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """The verdict on the newest attempt: refusals, then checks, then the reviewer's reading of the diff."""
    if state["refused"]:
        return verdict_of(state, session, Verdict(passed=False, evidence=False, findings=state["refused"], output=""))
    acceptance = [after(a, state, session) for a in state["acceptance"]]
    findings, output = check_findings(state, acceptance, session)
    findings = [*tampering(state, session), *findings]
    if not findings:
        findings = consent(state, session, seat)
    reviewed = state.get("reviewed", False)
    read = session.settings.get("review", True) or not acceptance
    if not findings and read and not is_small(session, state) and not reviewed:
        findings = opinion(state, session, seat)
        reviewed = bool(findings)
    green = state["commit"] if reviewed and acceptance and not state.get("reviewed") else state.get("green", "")
    if not findings:
        acceptance = proven(acceptance or turned_green(state, session), state, session)
    evidence = bool(acceptance) and not findings
    verdict = Verdict(passed=not findings, evidence=evidence, findings=findings[:MAX_FINDINGS], output=output)
    return {**verdict_of({**state, "acceptance": acceptance}, session, verdict), "reviewed": reviewed, "green": green}


def verdict_of(state: LaneState, session: Session, verdict: Verdict) -> LaneState:
    """The state after a verdict: the attempt closed, repetition noted, the lane's result so far."""
    newest = state["attempts"][-1]
    mark = state_fingerprint(newest["tree"], verdict["findings"])
    closed: Attempt = {**newest, "passed": verdict["passed"], "repeated": mark in state.get("seen", [])}
    closed["problem"] = "" if verdict["passed"] else in_one_line(verdict["findings"])
    session.emit(
        "verdict",
        lane=state["lane"],
        attempt=closed["number"],
        strategy=closed["strategy"],
        model=closed["model"],
        format=closed["format"],
        candidates=closed["candidates"],
        start=state["start"],
        commit=closed["commit"],
        refused=closed["refused"],
        passed=verdict["passed"],
        repeated=closed["repeated"],
        findings=[headline(f["file"], f["line"], f["message"]) for f in verdict["findings"]],
    )
    update: LaneState = {
        "verdict": verdict,
        "attempts": [*state["attempts"][:-1], closed],
        "acceptance": state["acceptance"],
        "seen": [*state.get("seen", []), mark][-2 * MAX_FINDINGS :],
    }
    result = result_of({**state, **update}, session)
    return {**update, "results": {result["task"]: result}}


def in_one_line(findings: list[Finding]) -> str:
    """What is wrong, short enough to stand in every later prompt."""
    text = "; ".join(headline(f["file"], f["line"], f["message"]) for f in findings)
    return clipped(" ".join(text.split()), MAX_PROBLEM)


def result_of(state: LaneState, session: Session) -> LaneResult:
    """What the lane would hand over if it ended here."""
    verdict = state["verdict"]
    passed = verdict is not None and verdict["passed"]
    outcome: Outcome = "stuck" if not passed else "verified" if verdict and verdict["evidence"] else "unverified"
    problems = [headline(f["file"], f["line"], f["message"]) for f in verdict["findings"]] if verdict else []
    record = {
        "task": state["task"],
        "lane": state["lane"],
        "start": state["start"],
        "acceptance": state["acceptance"],
        "attempts": state["attempts"],
        "verdict": verdict,
        "restated": state.get("restated", False),
        "tests_changed": tests_changed(state, session) if passed else None,
    }
    return {
        "task": state["task"]["id"],
        "lane": state["lane"],
        "outcome": outcome,
        "base": state["base"],
        "commit": state["commit"] if passed else "",
        "attempts": state["attempt"],
        "reason": "" if passed else "; ".join(problems)[:MAX_REASON],
        "ends_run": False,
        "record": session.store(record),
    }


def tests_changed(state: LaneState, session: Session) -> TestsChanged | None:
    """The existing tests that an accepted attempt has changed, why it might, and what they no longer assert."""
    files = changed_tests(state, session)
    if not files:
        return None
    removed = removed_assertions(state["start"], state["commit"], files, session)
    return {"files": files, "reason": state["task"]["may_edit_reason"], "removed": removed}


def last_rung(state: LaneState) -> bool:
    """True when the ladder ends after this attempt."""
    return state["attempt"] > len(state["ladder"])


def written_test(state: LaneState) -> bool:
    """True when the task is judged by a test of the reviewer's own."""
    return any(a["origin"] == "written" for a in state["acceptance"])


def standing(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """What was sent back stands where the fixer finds nothing to change, or nothing better came of any attempt.

    Executed evidence is above an opinion; but where attempts were made, a test of the reviewer's own, who finds it
    wanting, is no evidence.
    """
    commit, given = state["green"], [a for a in state["acceptance"] if a["origin"] == "given"]
    session.emit(
        "warning", text=f"{state['lane']}: nothing that holds came of an objection; what its checks accept stands"
    )
    newest: Attempt = {
        **state["attempts"][-1],
        "commit": commit,
        "tree": session.run.repository.tree_of(commit),
        "refused": False,
    }
    again: LaneState = {
        **state,
        "commit": commit,
        "acceptance": state["acceptance"] if untouched(state) else given,
        "attempts": [*state["attempts"][:-1], newest],
        "refused": [],
        "green": "",
    }
    return {**judge(again, session, seat), "commit": commit, "refused": []}


def untouched(state: LaneState) -> bool:
    """True where the change that was sent back is as it was, since the answer to the objection held no usable edit."""
    return bool(state["refused"]) and state["commit"] == state["green"]


def restated(state: LaneState, update: LaneState, session: Session, seat: Seat) -> LaneState:
    """Code and test disagree for good: the test may be restated once, on the record, and the attempt judged again."""
    acceptance, start = restate({**state, **update}, session, seat)
    if acceptance is None:
        return {**update, "restated": True}
    judges = [*(a for a in state["acceptance"] if a["origin"] == "given"), acceptance]
    session.emit("acceptance.set", task=state["task"]["id"], acceptance=judges, restated=True)
    lane = session.lane(state["lane"])
    lane.checkout(state["commit"])
    text = session.run.repository.read(start, acceptance["path"]) or b""
    lane.path.joinpath(acceptance["path"]).write_bytes(text)
    commit = lane.commit(f"{state['task']['id']}: restated test", [state["commit"]])
    newest: Attempt = {**state["attempts"][-1], "commit": commit, "tree": session.run.repository.tree_of(commit)}
    attempts = [*state["attempts"][:-1], newest]
    again: LaneState = {**state, "acceptance": judges, "start": start, "commit": commit, "attempts": attempts}
    judged = judge(again, session, seat)
    return {**judged, "restated": True, "start": start, "commit": commit}
