"""What a tool is: a name, a sentence for the model, arguments, and a function from them to text."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.workbench import Workbench


class Arguments(BaseModel):
    """What a tool takes. Models are sloppy: ``3.0`` and ``"3"`` are numbers, a single text is a list of one."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def text_is_text(cls, given: object) -> object:
        """Refuses halves of characters, which JSON lets through and no file can hold."""
        try:
            json.dumps(given, ensure_ascii=False).encode()
        except UnicodeEncodeError as fault:
            half = fault.object[fault.start]
            raise ValueError(f"{half!r} is half a character; send the whole text in UTF-8") from None
        return given


def as_list(value: object) -> object:
    """A single text where a list is expected is a list of one."""
    return [value] if isinstance(value, str) else value


Short = Annotated[str, Field(max_length=1000)]
"""A name or a path."""

Texts = Annotated[
    tuple[Annotated[str, Field(max_length=10_000)], ...], Field(max_length=1000), BeforeValidator(as_list)
]
"""One text or several."""

A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """One thing that an agent can do with a folder."""

    name: str
    summary: str
    """What it answers and when to use it, for a model that has never seen it."""
    arguments: type[A]
    run: Callable[[Workbench, A], str]
    """Gives the rendered result; raises NativeError, OSError or ValueError with a message that names the fix."""
    writes: bool = False
    """True where it can change files."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, without the noise that models do not need."""
        schema: dict[str, Any] = bare(self.arguments.model_json_schema())
        return schema

    def call(self, bench: Workbench, given: Mapping[str, Any]) -> str:
        """Read the arguments and do it; raises pydantic's ValidationError besides what ``run`` raises."""
        return self.run(bench, self.arguments.model_validate(dict(given)))


AnyTool = Tool[Any]
"""A tool, whatever it takes."""


LAST_NUMBER = 2**32 - 1
"""The last line or column that there can be."""

NOISE = frozenset({"title", "maxLength", "minLength", "maxItems", "minItems"})
"""What costs a model tokens in every request; who breaks a bound is told of it."""


def bare(schema: Any) -> Any:
    """A schema without titles, bounds that nobody meets, and the docstring of the arguments' class."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in NOISE or isinstance(value, dict)}
    if kept.get("maximum") == LAST_NUMBER:
        del kept["maximum"]
    if "properties" in kept:
        kept.pop("description", None)
    return {key: bare(value) for key, value in kept.items()}
