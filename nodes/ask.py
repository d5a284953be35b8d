"""Ask: what only a person knows. Reached only when a person is there."""

from langgraph.types import interrupt
from pydantic import BaseModel, Field

from nodes.state import RunState


class Reply(BaseModel):
    """A person's answer."""

    text: str = Field(title="Answer", min_length=1, max_length=2000)


def ask(state: RunState) -> RunState:
    """Wait for the answer; it becomes part of a new plan."""
    reply = interrupt({"question": state["question"]}, response_schema=Reply)
    answer = Reply.model_validate(reply).text
    return {
        "question": "",
        "answers": [*state["answers"], answer],
        "replan": f"The person was asked: {state['question']}\nand answered: {answer}",
    }
