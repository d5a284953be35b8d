"""Ask: what only a person knows or may decide. The graph rests here until a front end brings the answer."""

from langgraph.types import interrupt
from pydantic import BaseModel, Field

from nodes.state import RunState

MAX_FILES = 200
"""Most changed files that are named to the person."""


class Reply(BaseModel):
    """A person's answer."""

    text: str = Field(title="Answer", min_length=1, max_length=2000)


class Approval(BaseModel):
    """A person's word on what they were shown."""

    approved: bool = Field(title="Approve", description="Go on with it.")
    text: str = Field(default="", title="What should be different", max_length=2000)


def ask(state: RunState) -> RunState:
    """Wait for the answer; it becomes part of a new plan."""
    reply = interrupt({"kind": "answer", "question": state["question"]}, response_schema=Reply)
    answer = Reply.model_validate(reply).text
    return {
        "question": "",
        "answers": [*state["answers"], answer],
        "replan": f"The person was asked: {state['question']}\nand answered: {answer}",
    }


def approve(state: RunState) -> RunState:
    """Show the plan, or the finished change, and wait for the person's word."""
    shown = the_plan(state) if state["approval"] == "plan" else the_change(state)
    word = Approval.model_validate(interrupt(shown, response_schema=Approval))
    return {"word": {"approved": word.approved, "text": word.text}}


def the_plan(state: RunState) -> dict[str, object]:
    """The tasks that would be worked on."""
    open_tasks = [t for t in state["tasks"] if state["status"][t["id"]] == "waiting"]
    tasks = [{name: task[name] for name in ("id", "title", "files", "depends_on")} for task in open_tasks]
    return {"kind": "plan", "question": "Carry out this plan?", "tasks": tasks}


def the_change(state: RunState) -> dict[str, object]:
    """The files that would change, and the two commits of the run's repository between which the change lies."""
    pending = state["pending"]
    assert pending
    return {
        "kind": "apply",
        "question": "Bring this change into your files?",
        "outcome": pending["outcome"],
        "reason": pending["reason"],
        "files": state["files"][:MAX_FILES],
        "more_files": max(0, len(state["files"]) - MAX_FILES),
        "base": state["base"],
        "head": pending["head"],
    }
