"""The run as plain lines, one for each event that means something: for logs, pipes and --headless."""

import json
from collections.abc import Callable, Iterator

from orchestrator.fold import Event, seconds_between
from orchestrator.view import RunView
from orchestrator.words import attempt_text, command_text, duration, finding_text, listed, number, one_line

WIDTH = 100
"""Longest text of a line, without its time and its subject."""

DETAIL_WIDTH = 2000
"""Longest text of a detail."""

COMMON = ("v", "seq", "time", "run", "type")
"""Fields that every event has."""


def line_of(view: RunView, event: Event) -> str | None:
    """The line for an event (already folded into the view), None for one that would only be noise."""
    write = _LINES.get(str(event.get("type", "")))
    try:
        said = write(view, event) if write else None
    except (KeyError, TypeError):  # an event of another version may lack a field
        return None
    if said is None:
        return None
    subject, text = said
    elapsed = duration(seconds_between(view.started, str(event.get("time", ""))))
    return f"{elapsed:>6}  {one_line(subject, 14):<10}  {one_line(text, WIDTH)}".rstrip()


def details_of(view: RunView, event: Event) -> list[str]:
    """Everything that an event says: its line, or its type where it has none, and each of its fields below."""
    name = str(event.get("type", ""))
    elapsed = duration(seconds_between(view.started, str(event.get("time", ""))))
    first = line_of(view, event) or f"{elapsed:>6}  {one_line(str(event.get('lane', 'run')), 14):<10}  {one_line(name)}"
    return [first, *(f"{'':20}{text}" for text in _fields(event))]


def _fields(event: Event) -> Iterator[str]:
    for name, value in event.items():
        if name in COMMON or value in ("", None, [], {}):
            continue
        if isinstance(value, list):
            yield f"{one_line(name, 40)}:"
            yield from (f"  {one_line(_value(item), DETAIL_WIDTH)}" for item in value)
        else:
            yield f"{one_line(name, 40)}: {one_line(_value(value), DETAIL_WIDTH)}"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


Said = tuple[str, str] | None
"""Subject and text of a line."""


def _run_started(view: RunView, event: Event) -> Said:
    return "run", f"{event['run']}: {event['request']}"


def _run_resumed(view: RunView, event: Event) -> Said:
    return "run", f"{event['run']} goes on: {view.request}"


def _model_chosen(view: RunView, event: Event) -> Said:
    return "model", f"{event['reason'] or event['model']}; profile {event['profile']}"


def _sandbox_chosen(view: RunView, event: Event) -> Said:
    return "sandbox", event["text"]


def _snapshot_taken(view: RunView, event: Event) -> Said:
    skipped = [item["path"] for item in event.get("skipped", [])]
    return "snapshot", number(event["files"], "file") + (f", left out: {listed(skipped)}" if skipped else "")


def _checks_found(view: RunView, event: Event) -> Said:
    commands = [command_text(check["command"]) for check in event["checks"]]
    return "checks", listed(commands) or "none found: the work can only be unverified"


def _baseline_checked(view: RunView, event: Event) -> Said:
    return "before", f"{state_of(event)} · {command_text(event['command'])}"


def _request_classified(view: RunView, event: Event) -> Said:
    return "request", f"{event['kind']}: {event['reason']}"


def _plan_made(view: RunView, event: Event) -> Said:
    tasks = [f"{t['id']} {t['title']}" for t in event["tasks"]]
    return "plan", f"{number(len(tasks), 'task')}: {'; '.join(tasks)}"


def _task_started(view: RunView, event: Event) -> Said:
    return event["task"], f"started: {event['title']}"


def _agent_started(view: RunView, event: Event) -> Said:
    if view.task_of(event["lane"]) is None:
        return None
    attempt = f", attempt {event['attempt'] + 1}" if event["agent"] in ("coder", "fixer") else ""
    return event["lane"], f"{event['agent']}{attempt}"


def _acceptance_set(view: RunView, event: Event) -> Said:
    return event[
        "task"
    ], f"must turn green: {listed([command_text(a['command']) for a in event['acceptance']]) or 'nothing can judge it'}"


def _call_retried(view: RunView, event: Event) -> Said:
    return event["lane"], f"the model is asked again in {event['wait']:.0f} s: {event['text']}"


def _call_failed(view: RunView, event: Event) -> Said:
    return event["lane"], f"the model did not answer: {event['text']}"


def _model_fallback(view: RunView, event: Event) -> Said:
    return event["lane"], f"{event['agent']}: {event['to']} takes over ({event['text']})"


def _prompt_shrunk(view: RunView, event: Event) -> Said:
    left_out = number(event["left_out"], "character")
    return event["lane"], f"{event['agent']}: the prompt was too long for {event['model']}; {left_out} left out"


def _edit_applied(view: RunView, event: Event) -> Said:
    return event["lane"], f"wrote {listed(event['files'])}"


def _edit_refused(view: RunView, event: Event) -> Said:
    return event["lane"], f"refused to write: {listed([finding_text(f) for f in event['findings']], 2)}"


def _read_refused(view: RunView, event: Event) -> Said:
    return event["lane"], f"no model is shown {event['path']}: {event['reason']}"


def _permission_denied(view: RunView, event: Event) -> Said:
    return "permission", f"not given to {event['action']} {listed(event['targets'], 3)}"


def _check_finished(view: RunView, event: Event) -> Said:
    if event["when"] == "before" and view.task_of(event["lane"]) is None:
        return None  # the baseline's own event says it
    return event["lane"], f"{state_of(event)} · {command_text(event['command'])}"


def _verdict(view: RunView, event: Event) -> Said:
    how = attempt_text(event)
    if event["passed"]:
        return event["lane"], f"reviewer: {how} accepted"
    return event["lane"], f"reviewer: {how} not yet, {listed([finding_text(f) for f in event['findings']], 2)}"


def _task_finished(view: RunView, event: Event) -> Said:
    return event["task"], event["outcome"] + (f": {event['reason']}" if event.get("reason") else "")


def _merge_conflict(view: RunView, event: Event) -> Said:
    return event["task"], f"goes back: another task changed the same lines of {listed(event['files'])}"


def _decision(view: RunView, event: Event) -> Said:
    return event["task"], f"{event['choice']}: {event['reason']}"


def _question_asked(view: RunView, event: Event) -> Said:
    return "question", event["text"]


def _approval(view: RunView, event: Event) -> Said:
    said = "approved" if event["approved"] else event["text"] or "not approved"
    return event["about"], f"a person said: {one_line(said, 200)}"


def _run_applied(view: RunView, event: Event) -> Said:
    return "applied", listed(event["files"], 8)


def _run_undone(view: RunView, event: Event) -> Said:
    return "undone", listed(event["files"], 8)


def _apply_refused(view: RunView, event: Event) -> Said:
    if why := event.get("why"):
        return "refused", str(why)
    return "refused", f"you changed the same lines meanwhile: {listed(event['files'], 8)}"


def _tests_changed(view: RunView, event: Event) -> Said:
    agreed = "agreed" if event["agreed"] else "refused"
    return event["lane"], f"existing tests changed, {agreed}: {listed(event['files'])} ({event['reason']})"


def _check_flaky(view: RunView, event: Event) -> Said:
    return event["lane"], f"flaky, both red and green on one tree: {listed(event['tests'])}"


def _warning(view: RunView, event: Event) -> Said:
    return "warning", event["text"]


def _run_interrupted(view: RunView, event: Event) -> Said:
    return "run", "interrupted; everything up to here is kept"


def _run_finished(view: RunView, event: Event) -> Said:
    return "run", event["outcome"] + (f": {event['reason']}" if event.get("reason") else "")


def state_of(event: Event) -> str:
    """What a check said: green, or red with the first failing tests."""
    if event["passed"]:
        return "green"
    failures = [str(name) for name in event.get("failures", [])]
    return f"red ({number(len(failures), 'failure')}: {listed(failures, 2)})" if failures else "red"


_LINES: dict[str, Callable[[RunView, Event], Said]] = {
    "run.started": _run_started,
    "run.resumed": _run_resumed,
    "model.chosen": _model_chosen,
    "sandbox.chosen": _sandbox_chosen,
    "snapshot.taken": _snapshot_taken,
    "checks.found": _checks_found,
    "baseline.checked": _baseline_checked,
    "request.classified": _request_classified,
    "plan.made": _plan_made,
    "task.started": _task_started,
    "agent.started": _agent_started,
    "acceptance.set": _acceptance_set,
    "call.retried": _call_retried,
    "call.failed": _call_failed,
    "model.fallback": _model_fallback,
    "prompt.shrunk": _prompt_shrunk,
    "edit.applied": _edit_applied,
    "edit.refused": _edit_refused,
    "read.refused": _read_refused,
    "permission.denied": _permission_denied,
    "check.finished": _check_finished,
    "check.flaky": _check_flaky,
    "tests.changed": _tests_changed,
    "verdict": _verdict,
    "task.finished": _task_finished,
    "merge.conflict": _merge_conflict,
    "decision": _decision,
    "question.asked": _question_asked,
    "approval": _approval,
    "run.applied": _run_applied,
    "run.undone": _run_undone,
    "apply.refused": _apply_refused,
    "warning": _warning,
    "run.interrupted": _run_interrupted,
    "run.finished": _run_finished,
}
