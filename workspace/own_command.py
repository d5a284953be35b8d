"""This program's own command as a child process: a group of its own, lines in and out, and nothing left of it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

LINE_LIMIT = 16_000_000
"""Longest line of a child."""


class OwnCommand:
    """One running command that speaks lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *arguments: str, cwd: Path) -> "OwnCommand":
        """Start it; raises NotADirectoryError or FileNotFoundError where the folder is none."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "orchestrator", *arguments),
                cwd=cwd,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                limit=LINE_LIMIT,
            )
        )

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Write one line; a command that has gone hears nothing."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            yield json.loads(line)
        await self._process.wait()

    def interrupt(self) -> None:
        """Ask it to end."""
        self._strike(signal.SIGTERM)

    def end(self) -> None:
        """End it and everything that it started."""
        self._strike(signal.SIGKILL)

    def _strike(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
