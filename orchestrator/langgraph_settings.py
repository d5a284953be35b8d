"""What langgraph reads from the environment when it is imported."""

from typing import Any


def prepare_environment(env: Any) -> None:
    """What must stand before langgraph is imported: strict checkpoints, and tracing only where the user wants it."""
    env["LANGGRAPH_STRICT_MSGPACK"] = "true"
    if not any(env.get(name) for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")):
        env["LANGSMITH_TRACING"] = "false"
