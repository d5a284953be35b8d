"""A finished run whose change of every kind waits to be applied."""

from pathlib import Path

from tests.unit.workspace.scenes import Scene, rich


def finished(folder: Path) -> Scene:
    """Make it, with the events that the commands go by."""
    made, final = rich(folder)
    events = made.run.events
    events.emit("run.started", request="r", root=str(made.root), settings={})
    events.emit("snapshot.taken", commit=made.base, files=7)
    events.emit("task.merged", task="t1", commit=final)
    events.emit("run.finished", outcome="verified", exit=0, reason="", tasks=[], applied=False, files=[])
    return made
