"""Specification: what a task will be judged by, settled before any code is written."""

import re

from models.answers import AnswerFormatError, parse
from models.errors import Unanswerable
from models.seat import Seat
from nodes.searcher import context_text
from nodes.second_look import agrees, stands
from nodes.session import Session, is_small
from nodes.state import Acceptance, LaneState, Task, goal_of, list_items
from prompts import render
from tools.edit import look_at_new
from tools.search import language_of, languages
from workspace.checks import Check, Evidence
from workspace.output import trim
from workspace.red import RIGHT, missing_modules, red_reason
from workspace.targets import TestTarget, new_test_target, test_command_for

TRIES = 3
"""How often a test may be written until it is red for the right reason."""

UNTESTABLE = "NOT TESTABLE"
"""How the reviewer says that no executed test can judge a goal."""

MAX_OUTPUT = 1500
"""Most characters of an unusable test's output that the next try sees."""


def specify(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Settle the acceptance: the user's failing checks where there are some, else a test written now."""
    acceptance, start = given_checks(state, session), state["base"]
    if not acceptance or leaves_open(state, session):
        written: list[Acceptance] = []
        if kept := kept_test(state, session):
            written, start = kept
        elif not is_small(session, state):
            written, start = write_test(state, session, seat)
        acceptance = [*acceptance, *written]
    session.emit("acceptance.set", task=state["task"]["id"], acceptance=acceptance, restated=False)
    return {"specified": True, "acceptance": acceptance, "start": start, "commit": start}


def leaves_open(state: LaneState, session: Session) -> bool:
    """True where the tests that a task names may vouch for a part of it only: its goal lists several things.

    Checks that the user names as commands are the whole of what is wanted.
    """
    return not session.settings.get("checks") and len(list_items(goal_of(state))) > 1


def given_checks(state: LaneState, session: Session) -> list[Acceptance]:
    """Checks of the user's that are red on the task's own base and that it must turn green."""
    baseline = session.baseline(state["baseline"])
    wanted = state["task"]["tests"]
    found: list[Acceptance] = []
    for check in baseline.checks:
        evidence = baseline.of(check["command"])
        if evidence is None or evidence["passed"]:
            continue
        mine = [name for name in evidence["failures"] if name in wanted]
        command = test_command_for(check, mine) if mine else None
        if command is None and (mine or (check["origin"] == "given" and state["kind"] == "small")):
            command = check["command"]
        if command is not None and (before := red_twice(command, check, mine, state, session)):
            found.append(given(before, session))
    return found


def red_twice(command: str, check: Check, tests: list[str], state: LaneState, session: Session) -> Evidence | None:
    """What is red before the work at two looks: these tests alone, else the whole check; None for flaky ones."""
    lane, base = state["lane"], state["base"]
    if command != check["command"]:
        before = session.check(command, lane, base, when="before")
        if not before["passed"]:
            return before
    before = session.check(check["command"], lane, base, when="before")
    standing, _ = stands(check, {**before, "failures": tests or before["failures"]}, lane, base, session)
    return None if standing["passed"] or (tests and not standing["failures"]) else before


def given(before: Evidence, session: Session) -> Acceptance:
    """An acceptance that the user or the repository gave."""
    reason = red_reason(session.run.artefacts.text(before["output"]))
    return Acceptance(
        command=before["command"], origin="given", path="", reason=reason, before=session.store(before), after=""
    )


def kept_test(state: LaneState, session: Session) -> tuple[list[Acceptance], str] | None:
    """The test that judged the task in an earlier lane, where it is red on this lane's base as well."""
    carry = state.get("carry")
    record = session.load(carry["record"]) if carry and carry["record"] else {}
    for old in record.get("acceptance", []):
        text = session.run.repository.read(record["start"], old["path"]) if old["origin"] == "written" else None
        if text is not None:
            target = TestTarget(path=old["path"], language="", command=old["command"], framework="")
            accepted, _, _, start = try_test(text.decode("utf-8", "replace"), state, session, target)
            if accepted:
                return [accepted], start
    return None


def write_test(state: LaneState, session: Session, seat: Seat) -> tuple[list[Acceptance], str]:
    """Ask for a test until it is red for the right reason; none when no executed test can judge the task."""
    lane = session.lane(state["lane"])
    lane.checkout(state["base"])  # a test that was written before a crash must not take its own name away
    target = new_test_target(lane.path, root=session.run.root, name=name_of(state["task"]))
    if target is None:
        session.emit("warning", text=f"{state['task']['id']}: nothing here can run a test; the work will be unverified")
        return [], state["base"]
    problem, output = "", ""
    for _ in range(TRIES):
        answer = asked_test(state, session, seat, target, problem=problem, output=output)
        if answer is None or answer.lstrip().startswith(UNTESTABLE):
            break
        text = test_in(answer, target.path)
        if text is None:
            problem, output = "it holds no test file", ""
            continue
        accepted, problem, output, start = try_test(text, state, session, target)
        if accepted:
            return [accepted], start
    session.emit(
        "warning", text=f"{state['task']['id']}: no test that is red for the right reason; it stays unverified"
    )
    return [], state["base"]


def name_of(task: Task) -> str:
    """What the task's test is called after: its id where the planner gave it a name, else its title."""
    return task["title"] if re.fullmatch(r"t\d+(?:-\d+)*", task["id"]) else task["id"]


def asked_test(
    state: LaneState, session: Session, seat: Seat, target: TestTarget, *, problem: str, output: str
) -> str | None:
    """What the reviewer answers, or None where it gives no usable answer."""
    user = render(
        "reviewer",
        "specify",
        goal=goal_of(state),
        context=context_text(state["context"], session),
        path=target.path,
        framework=target.framework,
        command=target.command,
        problem=problem,
        output=output,
    )
    try:
        return session.door.ask(seat, render("reviewer", "specify_system"), user).text
    except Unanswerable:
        return None


def test_in(answer: str, path: str) -> str | None:
    """The one file of an answer, whatever path stands before it; None where there is none."""
    try:
        edits = parse("whole", answer)
    except AnswerFormatError:
        return None
    files = {str(e["path"]): str(e["content"]) for e in edits if "content" in e}  # type: ignore[typeddict-item]
    return files.get(path) or next(iter(files.values()), None)


def try_test(
    text: str, state: LaneState, session: Session, target: TestTarget
) -> tuple[Acceptance | None, str, str, str]:
    """Run a written test on the untouched code: (acceptance or None, what is wrong, output, commit with the test)."""
    problems = look_at_new(target.path, text)
    if problems:
        return None, "; ".join(p.message for p in problems), "", ""
    lane = session.lane(state["lane"])
    lane.checkout(state["base"])
    file = lane.path / target.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    start = lane.commit(f"{state['task']['id']}: test", [state["base"]])
    before = session.check(target.command, state["lane"], start, when="before")
    output = session.run.artefacts.text(before["output"])
    if before["passed"]:
        return None, "it passes already, before anything was written: it proves nothing", "", ""
    if not agrees(target.command, before, state["lane"], start, session):
        return None, "it is red and green on the same code: it must not depend on time, order or chance", "", ""
    reason = red_reason(output)
    if strange := strangers(missing_modules(output), state, session):
        return None, f"it imports what is neither there nor part of the goal: {', '.join(strange)}", "", ""
    if reason not in RIGHT:
        return None, f"it fails for the wrong reason ({reason.replace('_', ' ')})", trim(output, MAX_OUTPUT), ""
    acceptance = Acceptance(
        command=target.command,
        origin="written",
        path=target.path,
        reason=reason,
        before=session.store(before),
        after="",
    )
    return acceptance, "", "", start


def strangers(modules: list[str], state: LaneState, session: Session) -> list[str]:
    """Of the modules that could not be imported, those that neither the project nor the task knows by any name.

    In a project without code yet, whatever a test imports is still to be written.
    """
    files = session.run.repository.files(state["base"])
    if not languages(files):
        return []
    manifests = (session.run.repository.read(state["base"], path) or b"" for path in ("go.mod", "Cargo.toml"))
    texts = [goal_of(state), state["task"]["title"], *(text.decode("utf-8", "replace") for text in manifests)]
    words = set(re.findall(r"\w+", " ".join([*files, *state["task"]["files"], *texts]).replace("-", "_")))
    return [module for module in modules if not is_path(module) and words.isdisjoint(own_names(module))]


def is_path(module: str) -> bool:
    """True for a module that is named by its place: a file of the project."""
    return module.startswith((".", "/")) or language_of(module) != ""


def own_names(module: str) -> list[str]:
    """The names that tell whose a module is: the first one of a path; of an address, the two that follow its host."""
    parts = re.findall(r"\w+", module.replace("-", "_"))
    return parts[2:4] if re.match(r"[\w-]+\.[a-z]{2,}/", module) else parts[:1]


def restate(state: LaneState, session: Session, seat: Seat) -> tuple[Acceptance | None, str]:
    """The reviewer's corrected test, red on the untouched code, and its commit; None when the test stands."""
    old = next(a for a in state["acceptance"] if a["origin"] == "written")
    test = (session.run.repository.read(state["start"], old["path"]) or b"").decode("utf-8", "replace")
    verdict = state["verdict"]
    user = render(
        "reviewer",
        "restate",
        goal=goal_of(state),
        path=old["path"],
        test=test,
        language=language_of(old["path"]),
        diff=trim(session.run.repository.diff(state["start"], state["commit"]), 4 * MAX_OUTPUT),
        output=session.run.artefacts.text(verdict["output"]) if verdict and verdict["output"] else "",
    )
    try:
        answer = session.door.ask(seat, render("reviewer", "specify_system"), user).text
    except Unanswerable:
        return None, ""
    text = test_in(answer, old["path"])
    if text is None or text == test:
        return None, ""
    target = TestTarget(path=old["path"], language="", command=old["command"], framework="")
    accepted, _, _, start = try_test(text, state, session, target)
    return accepted, start
