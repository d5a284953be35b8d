"""The checkpoints that Studio sees: a thread that is a run has them in the run's own folder, any other in one file."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from workspace.run import state_home

OTHERS = "studio.sqlite"
"""Checkpoints of threads that are no run."""


class RunsSaver(BaseCheckpointSaver[Any]):
    """Hands each thread to the database of its run."""

    def __init__(self, home: Path, stack: AsyncExitStack) -> None:
        super().__init__()
        self._home = home
        self._stack = stack
        self._open: dict[Path, AsyncSqliteSaver] = {}

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that a configuration names."""
        return await (await self._of(config)).aget_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints of a thread, the newest first."""
        saver = await self._of(config)
        async for found in saver.alist(config, filter=filter, before=before, limit=limit):
            yield found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint."""
        return await (await self._of(config)).aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what one step has written."""
        await (await self._of(config)).aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a thread; what a run has done stays in its folder."""
        await (await self._of({"configurable": {"thread_id": thread_id}})).adelete_thread(thread_id)

    def get_next_version(self, current: Any, channel: None) -> Any:
        """The version that follows, as the databases of runs number them."""
        return next(iter(self._open.values())).get_next_version(current, channel)

    async def _of(self, config: RunnableConfig | None) -> AsyncSqliteSaver:
        thread = str((config or {}).get("configurable", {}).get("thread_id", ""))
        folder = self._home / "runs" / thread
        path = folder / "checkpoints.sqlite" if thread and folder.is_dir() else self._home / OTHERS
        if path not in self._open:
            connection = await self._stack.enter_async_context(aiosqlite.connect(path))
            saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=[]))
            await saver.setup()
            self._open[path] = saver
        return self._open[path]


@asynccontextmanager
async def saver() -> AsyncIterator[RunsSaver]:
    """The saver of this machine's runs, for `langgraph.json`."""
    home = state_home(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        yield RunsSaver(home, stack)
