"""The JSON Schema of the configuration, for completion and warnings in editors; made from the keys, see reference."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from orchestrator.config import Settings

NAME = "orchestrator.schema.json"


def schema() -> dict[str, Any]:
    """The schema of ``orchestrator.jsonc``; what it cannot say (ranges across keys, trust) the command says itself."""
    made = Settings.model_json_schema()
    without_titles(made)
    reference = {"type": "string", "description": "Where this schema stands; read by editors only."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "orchestrator.jsonc",
        **made,
        "properties": {"$schema": reference, **made["properties"]},
    }


def without_titles(part: Any) -> None:
    """Drop the titles that only repeat a key's name."""
    if isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        for value in part.values():
            without_titles(value)
    elif isinstance(part, list):
        for value in part:
            without_titles(value)


def text_of(made: dict[str, Any]) -> str:
    """A schema as it is printed, and as it stands in a file."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def schema_file() -> Path:
    """Where the file of the installed package lies."""
    return Path(str(resources.files("orchestrator") / NAME))
