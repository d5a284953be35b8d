"""The development server of LangGraph, started for one machine: offline, without a key, telling nobody."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def serve(folder: Path, config: Path, port: int, more: Sequence[str], env: Mapping[str, str]) -> int:
    """Run the server until it ends or is interrupted; returns its exit code."""
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--config", str(config), "--host", "127.0.0.1"]
    quiet = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"}
    process = subprocess.Popen(
        [*command, "--port", str(port), "--no-reload", *more], cwd=folder, env={**os.environ, **quiet, **env}
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        return 0
    finally:
        process.kill()
