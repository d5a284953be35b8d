"""Structured answers: the schema that a model is shown, and pydantic as the judge of what comes back."""

import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from models.dialect import Schema
from models.journal import Recorded
from models.objects import candidates

Model = TypeVar("Model", bound=BaseModel)

_SHOWN_ERRORS = 6


def schema_of(model: type[BaseModel]) -> Schema:
    """Return a model's JSON schema without the titles that pydantic derives from the names."""
    return Schema(model.__name__, _without_titles(model.model_json_schema()))


def _without_titles(schema: dict[str, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key in ("properties", "$defs") and isinstance(value, dict):
            kept[key] = {name: _without_titles(each) for name, each in value.items()}
        elif isinstance(value, dict):
            kept[key] = _without_titles(value)
        elif isinstance(value, list):
            kept[key] = [_without_titles(each) if isinstance(each, dict) else each for each in value]
        else:
            kept[key] = value
    return kept


def read(answer: Recorded, model: type[Model], check: Callable[[Model], str | None] | None) -> Model | str:
    """Return the valid object in an answer, the last one if there are several, or what is wrong, for the model."""
    problem = "There is no JSON object in it."
    for candidate in reversed(list(candidates(answer))):
        value = _valid(candidate, model)
        if isinstance(value, ValidationError):
            problem = _explain(value)
            continue
        objection = check(value) if check is not None else None
        if objection is None:
            return value
        problem = objection
    return problem


def _valid(candidate: object, model: type[Model]) -> Model | ValidationError:
    """Validate an object, and once more with the lists and objects unpacked that it holds as text."""
    try:
        return model.model_validate(candidate, extra="forbid")
    except ValidationError as error:
        try:
            return model.model_validate(_unpacked(candidate, error), extra="forbid")
        except ValidationError:
            return error


def _unpacked(candidate: object, error: ValidationError) -> object:
    """Return a copy in which the texts that should have been lists or objects are what they encode."""
    copy = json.loads(json.dumps(candidate))
    for each in error.errors(include_url=False, include_context=False):
        if each["type"] not in ("list_type", "dict_type", "model_type") or not isinstance(each["input"], str):
            continue
        place = copy
        try:
            for part in each["loc"][:-1]:
                place = place[part]
            place[each["loc"][-1]] = json.loads(each["input"], strict=False)
        except (ValueError, LookupError, TypeError):
            continue
    return copy


def _explain(error: ValidationError) -> str:
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(str(part) for part in each['loc']) or 'the object'}: {each['msg']}" for each in errors]
    more = [f"- and {len(lines) - _SHOWN_ERRORS} more"] if len(lines) > _SHOWN_ERRORS else []
    return "\n".join(lines[:_SHOWN_ERRORS] + more)
