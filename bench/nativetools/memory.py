"""How much memory an index of a project holds, measured in a new process."""

from dataclasses import dataclass

from bench.nativetools.setting import Project, Setting
from bench.sampling import Worker

LIMIT_MB = 150
"""What our index of the first project may hold beyond the interpreter."""


@dataclass(frozen=True)
class Memory:
    """Resident memory of one who holds an index."""

    project: str
    name: str
    megabytes: float
    """Beyond what its process held before the library was loaded; shared pages of the library count in full."""
    seconds: float
    """Until it was ready: all files read, everything built."""
    limit: float | None = None


def memory(setting: Setting) -> list[Memory]:
    """Ours and fff's, for each project."""
    rows: list[Memory] = []
    for position, project in enumerate(setting.projects):
        rows.append(_ours(setting, project, LIMIT_MB if position == 0 else None))
        if "fff-search" in setting.rivals.programs:
            rows.append(_fffs(setting, project))
    return rows


def _ours(setting: Setting, project: Project, limit: float | None) -> Memory:
    with setting.worker("native_worker.py")() as worker:
        before = _resident(worker)
        held = worker.ask("hold", [{"root": str(project.root), "pattern": project.rare[0]}])
        return Memory(project.name, "ours", (_resident(worker) - before) / 1e6, held.walls[0], limit)


def _fffs(setting: Setting, project: Project) -> Memory:
    with setting.worker("fff_worker.py", "fff-search")() as worker:
        before = _resident(worker)
        held = worker.ask("hold", [{"root": str(project.root)}])
        return Memory(project.name, "fff", (_resident(worker) - before) / 1e6, held.walls[0])


def _resident(worker: Worker) -> int:
    return worker.ask("resident", [{}]).answers[0]
