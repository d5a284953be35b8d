"""B1 to B6, B12 and B14: how weak models behave over several turns: claims, loops, deafness, questions."""

from collections.abc import Sequence
from dataclasses import replace

from tests.modelserver import code
from tests.modelserver.catalogue import WRITERS, Turn, fault
from tests.modelserver.edits import Edit, edits_in, rewritten
from tests.modelserver.faults.edits_meaning import wrongly
from tests.modelserver.reply import Outcome, Reply, ToolCall

CLAIM = "I have fixed the bug. All tests pass now."

TEST_LOG = "\n\n```text\n===== test session starts =====\ncollected 12 items\n\n12 passed in 0.31s\n```\n"

MONOLOGUE = (
    "Let me think about this. The function is there, and the test calls it. First I should look at the function. "
    "Then I should look at the test. After that I will know what to do. "
)


@fault("B1", "falsedone", hows=("claim", "log"))
def false_done(turn: Turn) -> Outcome:
    """Claims success without an edit; in the way `log` with an invented log of tests."""
    text = f"{CLAIM}{TEST_LOG if turn.how == 'log' else ''}"
    return Reply(text, usage=turn.due.usage)


@fault("B2", "premature", roles=WRITERS)
def premature(turn: Turn) -> Outcome | None:
    """The first of several edits, and then the claim that all is done."""
    found = edits_in(turn.due)
    if found is None or len(found.all) < 2:
        return None
    shorter = found.written(found.all[:1])
    return replace(shorter, text=f"{shorter.text or ''}\n{CLAIM}\n")


@fault("B3", "wrongfix_then_right", roles=WRITERS)
def wrong_until_shown(turn: Turn) -> Outcome | None:
    """A wrong fix and "done"; the right one only when the output of the failing check is in the request."""
    if turn.request.shows_failure and (turn.step > 1 or turn.request.role == "fixer"):
        return None
    wrong = rewritten(turn.due, wrongly(turn))
    return None if wrong is None else replace(wrong, text=f"{wrong.text or ''}\n{CLAIM}\n")


@fault("B4", "no_call")
def no_call(turn: Turn) -> Outcome:
    """Prose about what it would do, and nothing done."""
    return Reply("I would open the file first, find the function, and then correct the expression in its last line.")


@fault("B5", "loop", hows=("same", "pair", "whitespace", "ids", "key_order", "monologue"))
def loop(turn: Turn) -> Outcome | None:
    """For ever one answer; a pair in turn; one with other white space, ids or order of keys; a monologue."""
    first = turn.memory.setdefault("first", _wrong_answer(turn))
    assert isinstance(first, Reply)
    match turn.how:
        case "pair" if turn.step % 2 == 0:
            second = turn.memory.setdefault("second", replace(first, text=f"Another try.\n\n{first.text or ''}"))
            return second if isinstance(second, Reply) else None
        case "whitespace":
            return replace(first, text=f"{first.text or ''}{' ' * turn.step}\n")
        case "ids":
            return replace(first, tool_calls=_renamed(first.tool_calls, turn.step)) if first.tool_calls else first
        case "key_order":
            return replace(first, tool_calls=_turned(first.tool_calls)) if turn.step % 2 == 0 else first
        case "monologue":
            return Reply(MONOLOGUE * (turn.step + 1))
    return first


@fault("B6", "deaf", roles=WRITERS)
def deaf(turn: Turn) -> Outcome | None:
    """The same wrong edit after every feedback; only a changed strategy (model, format, sampling) gets another."""
    strategy = turn.request.strategy
    if turn.memory.setdefault("strategy", strategy) != strategy:
        return None
    wrong = turn.memory.setdefault("wrong", rewritten(turn.due, wrongly(turn)))
    return wrong if isinstance(wrong, Reply) else None


@fault("B12", "ask", hows=("question", "permission"))
def ask(turn: Turn) -> Outcome:
    """Asks the user, although nobody is there: which way is wanted, or whether it may go on."""
    if turn.how == "permission":
        return Reply("This changes a public function. Shall I go ahead? Please answer yes or no.")
    return Reply("Before I start: should negative amounts raise an error, or be treated as zero?")


@fault("B14", "burn", roles=WRITERS)
def burn(turn: Turn) -> Outcome | None:
    """Endless progress that is never finished: each time another wrong edit, valid and different from all before."""

    def another(edit: Edit) -> Edit | None:
        wrong = (wrongly(turn)(edit) or edit).new
        note = code.comment(f"step {turn.step}", code.style_of(edit.suffix))
        return replace(edit, new=f"{code.indent_of(wrong)}{note}\n{wrong}")

    return rewritten(turn.due, another)


def _wrong_answer(turn: Turn) -> Reply:
    """Return what a model repeats: a wrong edit where an edit is due, else what is due."""
    return rewritten(turn.due, wrongly(turn)) or turn.due


def _renamed(calls: Sequence[ToolCall], number: int) -> tuple[ToolCall, ...]:
    return tuple(replace(call, id=f"call_{number}_{place}") for place, call in enumerate(calls))


def _turned(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """Return the calls with the keys of their arguments in reverse order."""
    return tuple(
        call
        if isinstance(call.arguments, str)
        else replace(call, arguments=dict(reversed(list(call.arguments.items()))))
        for call in calls
    )
