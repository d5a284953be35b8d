"""The command ``acp``: the team as an agent of an editor, over standard input and output."""

import asyncio
import os
from argparse import Namespace
from typing import cast

from orchestrator.errors import UsageError
from orchestrator.project import state_folder


def acp(options: Namespace) -> int:
    """Serve one editor until it hangs up."""
    try:
        from acp import Agent, run_agent

        from orchestrator.acp.agent import OrchestratorAgent
    except ImportError as fault:
        raise UsageError(
            f"The Agent Client Protocol cannot be spoken here ({fault}).",
            fix="Install it: pip install 'opencode-orchestrator[acp]'",
        ) from None
    agent = OrchestratorAgent(state_folder(os.environ, make=True), options.model or "", options.base_url or "")

    async def serve() -> None:
        try:
            await run_agent(cast("Agent", agent))
        finally:
            agent.end_all()

    asyncio.run(serve())
    return 0
