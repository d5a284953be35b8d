"""Approval: where the user wants to see it first, the plan before any work, and the change before it is applied."""

from nodes.delivery import applied, changed_files
from nodes.session import Session, is_small
from nodes.state import RunState, ended, ready_tasks

WHAT = {"plan": "the plan", "apply": "the finished change"}
"""What a person is shown."""


def wants_approval(state: RunState, session: Session) -> bool:
    """True while a plan that is about to be carried out was not approved; a question has none."""
    asks = session.settings.get("approve_plan") and state["kind"] != "question"
    return bool(asks and state["agreed"] != state["plans"] and ready_tasks(state))


def heard(state: RunState, session: Session) -> RunState:
    """Take in what the person said: go on, plan anew by their words, or end."""
    word, about = state["word"], state["approval"]
    assert word and about
    session.emit("approval", about=about, approved=word["approved"], text=word["text"])
    update: RunState = {"word": None, "approval": ""}
    if not word["approved"] and word["text"] and not is_small(session):
        wish = f"The person was shown {WHAT[about]} and wants something else:\n{word['text']}"
        return {**update, "replan": wish, "pending": None}
    if about == "plan":
        return {**update, **(begun(state) if word["approved"] else refused())}
    return {**update, **finished(state, session, approved=word["approved"])}


def begun(state: RunState) -> RunState:
    """The plan as it is now may be carried out."""
    return {"agreed": state["plans"]}


def refused() -> RunState:
    """Nothing more is done."""
    return {"halt": {"outcome": "stuck", "reason": "you did not approve the plan", "ends_run": True}}


def finished(state: RunState, session: Session, *, approved: bool) -> RunState:
    """The end that waited: the change is applied, or stays in the run."""
    pending = state["pending"]
    assert pending
    if approved:
        return applied(pending["outcome"], pending["reason"], state["base"], pending["head"], session)
    reason = f"{pending['reason']}; not applied, because you did not approve it"
    return ended(pending["outcome"], reason, files=changed_files(state, session, pending["head"]))
