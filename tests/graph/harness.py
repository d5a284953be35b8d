"""The whole compiled graph in this process: a real run folder, lanes and sandbox, a scripted model over a socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from graph.build import build
from nodes.session import Context, close_session, open_session
from tests.modelserver.server import Server
from workspace.run import Run

MAX_STEPS = 200
"""Most super-steps of one run; more means that it does not end."""


@dataclass
class Driven:
    """One run and the graph that drives it; a crash closes the session and keeps the checkpoints."""

    server: Server
    run: Run
    saver: InMemorySaver = field(default_factory=InMemorySaver)

    @classmethod
    def of(cls, folder: Path, server: Server, files: Mapping[str, str], request: str, **settings: Any) -> "Driven":
        """Begin a run over a project of these files, by the server's first scenario."""
        root = folder / "project"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        model = {
            "spec": next(iter(server.scenarios)),
            "base_url": server.base_url,
            "profile": "standard",
            "answer_timeout": 5.0,
            "retry": {"base": 0.001, "cap": 0.002, "tries": 4, "window": 5.0},
        }
        return cls(server, Run.create(folder / "state", root, request, {"model": model, "seed": 1, **settings}))

    @property
    def context(self) -> Context:
        """Where the run lies."""
        return Context(home=str(self.run.folder.parent.parent))

    def drive(self, steps: int = MAX_STEPS) -> dict[str, Any] | None:
        """Go on for at most so many super-steps, as one process would; returns the state once the run has ended."""
        compiled = build().compile(checkpointer=self.saver)
        config: Any = {"configurable": {"thread_id": self.run.id}, "recursion_limit": MAX_STEPS, "max_concurrency": 2}
        begun = compiled.get_state(config).created_at is not None
        start: Any = None if begun else {
            "v": 1, "run": self.run.id, "request": self.run.request, "root": str(self.run.root)
        }  # fmt: skip
        try:
            stream = compiled.stream(start, config, context=self.context, stream_mode="updates", durability="sync")
            for _ in range(steps):
                if next(stream, None) is None:
                    break
            stream.close()
            state = compiled.get_state(config)
        finally:
            close_session(open_session(self.run.id, self.context))
        return None if state.next else dict(state.values)

    def events(self, type: str) -> list[dict[str, Any]]:
        """The run's events of one type."""
        return [event for event in self.run.events.read() if event["type"] == type]
