"""The checkpoints of a fork: those of the other run up to a step, as a kill at that instant would have left them."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestrator.checkpoints import saver_of
from orchestrator.errors import UsageError
from orchestrator.fork.steps import RUN, Step
from workspace.run import Run

if TYPE_CHECKING:
    from langgraph.checkpoint.base import CheckpointTuple

OUTER = ""
"""The namespace of the outer graph; a lane's is ``lane:`` and the id of the task in the outer graph that it is."""

TICK = timedelta(milliseconds=1)
"""How exactly events tell the time."""


def checkpoints_of(run: Run) -> "list[CheckpointTuple]":
    """Every checkpoint of a run, of the outer graph and of all lanes, the oldest first."""
    with saver_of(run) as saver:
        found = list(saver.list({"configurable": {"thread_id": run.id}}))
    return sorted(found, key=lambda each: each.checkpoint["ts"])


def before(step: Step, checkpoints: "Sequence[CheckpointTuple]") -> "CheckpointTuple":
    """The checkpoint from which a step began; raises UsageError where there is none."""
    began = datetime.fromisoformat(step.time) + TICK
    fits = [each for each in checkpoints if leads_to(each.checkpoint, step) and made(each) <= began]
    if not fits:
        raise UsageError(f"There is no checkpoint before {step.name}.", fix="Choose an earlier step.")
    return fits[-1]


def leads_to(checkpoint: Mapping[str, Any], step: Step) -> bool:
    """Whether it is the step's agent, in its lane and at its attempt, that is next."""
    values = checkpoint["channel_values"]
    if f"branch:to:{step.agent}" not in (checkpoint.get("updated_channels") or ()):
        return False
    if step.lane == RUN:
        return "lane" not in values and values.get("visits", 0) == step.attempt
    return bool(values.get("lane") == step.lane and values.get("attempt", 0) == step.attempt)


def made(found: "CheckpointTuple") -> datetime:
    """When a checkpoint was made."""
    return datetime.fromisoformat(found.checkpoint["ts"])


def space(found: "CheckpointTuple") -> str:
    """The namespace of a checkpoint."""
    return str(found.config["configurable"].get("checkpoint_ns", OUTER))


def copied(old: Run, new: Run, checkpoints: "Sequence[CheckpointTuple]", at: "CheckpointTuple") -> None:
    """Write the checkpoints up to `at` for the new run.

    What the newest ones of each graph have pending is left out, since it was written later: but for the results of
    lanes that had ended.
    """
    kept = [each for each in checkpoints if made(each) <= made(at)]
    newest = {space(each): each for each in kept}
    ended = newest.keys() - {space(each) for each in checkpoints if made(each) > made(at)}
    done = {name.partition(":")[2] for name in ended if name != OUTER}
    with saver_of(new) as saver:
        for each in kept:
            where = {"thread_id": new.id, "checkpoint_ns": space(each)}
            above = (each.parent_config or {}).get("configurable", {}).get("checkpoint_id")
            saver.put(
                {"configurable": {**where, "checkpoint_id": above}},
                readdressed(each.checkpoint, old, new),
                each.metadata,
                each.checkpoint["channel_versions"],
            )
            place = {"configurable": {**where, "checkpoint_id": each.checkpoint["id"]}}
            for task, writes in pending(each):
                if newest[space(each)] is not each or task in done:
                    saver.put_writes(place, [(name, readdressed(value, old, new)) for name, value in writes], task)


def answers_since(step: Step, checkpoints: "Sequence[CheckpointTuple]") -> list[str]:
    """What a person said to the questions after a step began, in their order."""
    since = made(before(step, checkpoints))
    later = (writes for each in checkpoints if made(each) >= since for _, writes in pending(each))
    given = [value for writes in later for name, value in writes if name == "__resume__"]
    words = []
    for reply in (one for value in given for one in (value if isinstance(value, list) else [value])):
        plain = {True: "yes", False: "no"}.get(reply.get("approved"), "")
        words.append(str(reply.get("text") or plain))
    return words


def pending(found: "CheckpointTuple") -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """What each task has written after a checkpoint."""
    tasks: dict[str, list[tuple[str, Any]]] = {}
    for task, channel, value in found.pending_writes or ():
        tasks.setdefault(task, []).append((channel, value))
    yield from tasks.items()


def readdressed(value: Any, old: Run, new: Run) -> Any:
    """A value of the state with the new run's id and folder in place of the old ones."""
    from langgraph.types import Send

    if isinstance(value, Mapping):
        moved = {"run": (old.id, new.id), "root": (str(old.root), str(new.root))}
        return {
            name: moved[name][1] if name in moved and each == moved[name][0] else readdressed(each, old, new)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [readdressed(each, old, new) for each in value]
    if isinstance(value, Send):
        sent = copy.copy(value)
        sent.arg = readdressed(value.arg, old, new)
        return sent
    return value


def commits(at: "CheckpointTuple", checkpoints: "Sequence[CheckpointTuple]") -> dict[str, str]:
    """The commit that each lane stood at, of those that had begun and not ended; ``run`` is the outer graph's."""
    now = {space(each): each for each in checkpoints if made(each) <= made(at)}
    later = {space(each) for each in checkpoints if made(each) > made(at)} | {space(at)}
    found = {}
    for name, each in now.items():
        values = each.checkpoint["channel_values"]
        if name == OUTER:
            found[RUN] = str(values.get("head") or "")
        elif name in later and values.get("lane"):
            found[str(values["lane"])] = str(values.get("commit") or values.get("start") or values["base"])
    return found
