"""A line of a batch file: what it may say, checked, and the key under which the same line is the same run."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from nodes.bounds import MAX_REQUEST

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/~^-]{0,199}$")]
LATEST = 4_102_444_800
"""Seconds since 1970 that no run waits beyond (the year 2100)."""


class Section(BaseModel):
    """A part of a line: an unknown key is an error, a value is never bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Limits(Section):
    """Most of what one run may use, as in the configuration's `budget`."""

    calls: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    tokens: Annotated[int, Field(ge=1, le=100_000_000_000)] | None = None
    cost: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None


class Item(Section):
    """One run that is wanted."""

    task: Annotated[Text, StringConstraints(max_length=MAX_REQUEST)]
    repository: Text
    """A folder, or the URL of a git repository."""
    revision: Revision | None = None
    checks: list[Text] = []
    model: Text | None = None
    endpoint: Name = "default"
    """A name that the workers know; its address and its key are theirs."""
    budget: Limits = Limits()
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    """0 comes first."""
    key: Annotated[Text, StringConstraints(max_length=200)] | None = None
    not_before: str | None = None

    @field_validator("model")
    @classmethod
    def _is_a_name(cls, model: str | None) -> str | None:
        if model is not None and (model.startswith("replay:") or model.endswith(".gguf")):
            raise ValueError("must be a model's name at the endpoint")
        return model

    @field_validator("not_before")
    @classmethod
    def _is_a_time(cls, text: str | None) -> str | None:
        if text is not None and not 0 <= seconds_of(text) <= LATEST:
            raise ValueError("must be a time such as 2031-05-01T22:00:00Z")
        return text

    def identity(self) -> str:
        """The same for the same wish: its key where it has one, else a digest of all that decides what is done."""
        if self.key is not None:
            return self.key
        told = self.model_dump(mode="json", exclude={"key", "priority", "not_before"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def due(self) -> float:
        """Seconds since 1970 before which it does not start."""
        return seconds_of(self.not_before) if self.not_before else 0.0


def seconds_of(text: str) -> float:
    """A time in ISO 8601 as seconds since 1970; one without a zone is in UTC. -1 where it is no time."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return -1.0


def read_item(value: Any) -> Item | str:
    """A line's value as an item, or in one sentence what is wrong with it."""
    if not isinstance(value, dict):
        return 'it must be one object, such as {"task": "…", "repository": "."}'
    try:
        return Item.model_validate(value)
    except ValidationError as faults:
        fault = faults.errors(include_url=False)[0]
    name = ".".join(map(str, fault["loc"]))
    if fault["type"] == "missing":
        return f'"{name}" is missing'
    if fault["type"] == "extra_forbidden":
        return f'unknown key "{name}"; known here: {", ".join(Item.model_fields)}'
    said = fault["msg"].replace("Input should be", "must be").removeprefix("Value error, ")
    said = said.replace("String should", "must").replace("must match pattern", "has signs that it may not have:")
    return f'"{name}": {said[:1].lower()}{said[1:]}, not {json.dumps(fault["input"], ensure_ascii=False)[:80]}'
