"""The layers of the configuration: defaults, your file, the project's, the environment, flags; the later one wins.

A layer says only what it sets. What it leaves out is unset, and the layer before it speaks.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from orchestrator.config import Section, Settings, keys
from orchestrator.errors import ConfigError
from orchestrator.jsonc import Document, JsoncError, parse

FILE = "orchestrator.jsonc"
MAX_BYTES = 1_000_000
"""Largest configuration file that is read."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


ELSEWHERE: dict[tuple[str | int, ...], str] = {
    ("auto",): "Limits are `budget.calls` (instead of max_iterations) and `model.attempts` (instead of max_retries).",
    ("disabled_hooks",): "There are no hooks to switch off; `orchestrator opencode uninstall` takes the plugin out.",
}
"""Keys that similar programs have, and what takes their place here."""


@dataclass(frozen=True)
class Layer:
    """What one source sets: nested values, and where each stands for messages."""

    source: str
    """A file's path, "environment" or "flags"."""
    values: dict[str, Any]
    places: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)
    project: bool = False
    """True for a file that came with the project: it may not loosen what protects its user."""

    def place(self, path: tuple[str | int, ...]) -> str:
        """Where the value at a path stands: the nearest place that is known."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.source


@dataclass(frozen=True)
class Loaded:
    """The settings that hold, and for each key that a layer set, the layer's name."""

    settings: Settings
    origins: dict[str, str]
    places: dict[str, str] = field(default_factory=dict)
    """For each of these keys the file and line, the variable, or "flags"."""

    def place(self, key: str) -> str:
        """Where the value of a key comes from; "default" where no layer sets it, nor anything below it."""
        below = sorted({place for name, place in self.places.items() if name == key or name.startswith(f"{key}.")})
        return ", ".join(below) or "default"


def load(root: Path, env: Mapping[str, str], flags: Mapping[str, Any]) -> Loaded:
    """Read all layers for a project folder; raises ConfigError with file, line and fix for the first fault."""
    layers = [
        *file_layers(user_file(env), project=False),
        *pyproject_layers(root / "pyproject.toml"),
        *file_layers(root / FILE, project=True),
        environment_layer(env),
        Layer("flags", dict(flags)),
    ]
    merged: dict[str, Any] = {}
    loaded: dict[str, Layer] = {}
    for layer in layers:
        validated(layer)
        overlay(merged, layer.values, loaded, layer)
    origins = {key: layer.source for key, layer in loaded.items()}
    places = {key: layer.place(tuple(key.split("."))) for key, layer in loaded.items()}
    return Loaded(Settings.model_validate(merged), origins, places)


def user_file(env: Mapping[str, str]) -> Path:
    """Where a person's own configuration stands."""
    base = env.get("XDG_CONFIG_HOME") or str(Path(env.get("HOME") or "~").expanduser() / ".config")
    return Path(base) / "opencode-orchestrator" / FILE


def file_layers(path: Path, *, project: bool) -> list[Layer]:
    """The layer of a JSONC file; none where there is no file."""
    text = text_of(path)
    if text is None:
        return []
    try:
        document = parse(text)
    except JsoncError as fault:
        raise ConfigError(f"{path}:{fault.line}", str(fault), fix="Correct the file, or remove it.") from None
    values = document.value
    if not isinstance(values, dict):
        raise ConfigError(f"{path}:1", "the file must hold one object", fix="Begin it with { and end it with }.")
    schema = values.pop("$schema", None)
    if schema is not None and not isinstance(schema, str):
        raise ConfigError(f"{path}:{document.lines[('$schema',)]}", '"$schema" must be a text', fix="Put it in quotes.")
    return [Layer(str(path), values, line_places(path, document), project)]


def line_places(path: Path, document: Document) -> dict[tuple[str | int, ...], str]:
    """File and line of every value."""
    return {where: f"{path}:{line}" for where, line in document.lines.items()}


def pyproject_layers(path: Path) -> list[Layer]:
    """The layer of ``[tool.orchestrator]``; none where the file has no such table."""
    text = text_of(path)
    if text is None or "orchestrator" not in text:
        return []
    try:
        table = tomllib.loads(text).get("tool", {}).get("orchestrator")
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"line (\d+)", str(fault))
        raise ConfigError(
            f"{path}:{line[1] if line else 1}", f"not valid TOML ({fault})", fix="Correct the file."
        ) from None
    if table is None:
        return []
    if not isinstance(table, dict):
        raise ConfigError(str(path), "tool.orchestrator must be a table", fix="Write it as [tool.orchestrator].")
    return [Layer(f"{path} [tool.orchestrator]", table, toml_places(path, text), project=True)]


def toml_places(path: Path, text: str) -> dict[tuple[str | int, ...], str]:
    """File and line of the keys that stand alone on a line; tomllib itself keeps no places."""
    places: dict[tuple[str | int, ...], str] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*tool\.orchestrator((?:\.[\w-]+)*)\s*\]", line):
            table = ("", *header[1].split(".")[1:])
            places.setdefault(table[1:], f"{path}:{number}")
        elif re.match(r"\s*\[", line):
            table = ()
        elif table and (key := re.match(r"\s*([\w-]+(?:\.[\w-]+)*)\s*=", line)):
            places.setdefault((*table[1:], *key[1].split(".")), f"{path}:{number}")
    return places


def text_of(path: Path) -> str | None:
    """The text of a configuration file, None where there is none."""
    try:
        if not path.is_file():
            return None
        data = path.read_bytes()
    except OSError as fault:
        raise ConfigError(
            str(path), f"cannot be read ({fault.strerror})", fix="Make it readable, or remove it."
        ) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(str(path), "is larger than 1 MB", fix="Keep only configuration in it.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise ConfigError(f"{path}:{line}", "is not UTF-8 text", fix="Save it as UTF-8.") from None


def environment_layer(env: Mapping[str, str]) -> Layer:
    """What the ORCHESTRATOR_… variables set: JSON where it reads as such, else the text itself."""
    known = {key.variable: key for key in keys()}
    values: dict[str, Any] = {}
    places: dict[tuple[str | int, ...], str] = {}
    for variable, text in sorted(env.items()):
        if variable not in known:
            refuse_near_miss(variable, [*known, "ORCHESTRATOR_HOME"])
            continue
        if not text.strip():
            continue
        path = known[variable].path
        places[path] = f"the variable {variable}"
        section = values
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = variable_value(text, path)
    return Layer("environment", values, places)


def variable_value(text: str, path: tuple[str, ...]) -> Any:
    """The value of a variable; names stay text even where they read as a number."""
    if path in (("model", "spec"), ("model", "base_url"), ("model", "escalate")) or (
        path[0] == "agents" and path[-1] == "model"
    ):
        return text
    try:
        value = parse(text).value
    except JsoncError:
        value = text
    return [value] if path == ("checks",) and isinstance(value, str) else value


def refuse_near_miss(variable: str, known: list[str]) -> None:
    """A mistyped variable must not be passed over in silence; other programs' variables are none of our business."""
    if variable.startswith("ORCHESTRATOR_") and variable not in known:
        near = difflib.get_close_matches(variable, known, n=1, cutoff=0.88)
        if near:
            raise ConfigError(f"the variable {variable}", "is not known", fix=f"Did you mean {near[0]}?")


def validated(layer: Layer) -> None:
    """Check one layer by itself, so that a fault is reported where it stands."""
    try:
        Settings.model_validate(layer.values)
    except ValidationError as faults:
        raise explained(layer, faults) from None
    if layer.project:
        refuse_loosening(layer)


def explained(layer: Layer, faults: ValidationError) -> ConfigError:
    """The first fault as one sentence with its place and a way on."""
    fault = min(faults.errors(include_url=False), key=lambda f: f["type"] != "extra_forbidden")
    path: tuple[str | int, ...] = tuple(fault["loc"])
    name = ".".join(map(str, path))
    if fault["type"] == "extra_forbidden":
        return unknown_key(layer, path)
    said = (
        fault["msg"]
        .replace("Input should be", "must be")
        .replace("a valid dictionary or instance of", "a section, as in")
    )
    given = repr(fault["input"])
    shown = given if len(given) < 40 else f"{given[:37]}..."
    if fault["type"] == "missing":
        return ConfigError(layer.place(path), f'"{name}" is missing', fix=meaning_of(path))
    return ConfigError(layer.place(path), f'"{name}": {said}, not {shown}', fix=meaning_of(path))


def unknown_key(layer: Layer, path: tuple[str | int, ...]) -> ConfigError:
    """The sentence for a key that does not exist, with the nearest one that does."""
    wrong, known = str(path[-1]), names_in(path[:-1])
    if path in ELSEWHERE:
        return ConfigError(layer.place(path), f'unknown key "{".".join(map(str, path))}"', fix=ELSEWHERE[path])
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    fix = f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(known)}."
    return ConfigError(layer.place(path), f'unknown key "{".".join(map(str, path))}"', fix=fix)


def names_in(path: tuple[str | int, ...]) -> list[str]:
    """The keys of the section at a path."""
    section: type[BaseModel] = Settings
    for part in path:
        field = section.model_fields.get(str(part))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, Section)):
            return ["prompt", "completion"] if path[0] == "prices" else []
        section = inner
    return list(section.model_fields)


def meaning_of(path: tuple[str | int, ...]) -> str:
    """What the key at a path is for, empty where the path names no single key."""
    return next((key.description for key in keys() if key.path == tuple(path)[: len(key.path)]), "")


def refuse_loosening(layer: Layer) -> None:
    """A cloned project must neither switch the sandbox off nor send its user's key to an address of its choice."""
    if layer.values.get("unsafe"):
        raise ConfigError(
            layer.place(("unsafe",)),
            '"unsafe" cannot be set by a project',
            fix="Remove it; whoever runs the project may pass --unsafe.",
        )
    if layer.values.get("checkpoints"):
        raise ConfigError(
            layer.place(("checkpoints",)),
            '"checkpoints" cannot be set by a project',
            fix="Set it in your own file, or in ORCHESTRATOR_CHECKPOINTS.",
        )
    if layer.values.get("fleet"):
        raise ConfigError(
            layer.place(("fleet",)),
            '"fleet" cannot be set by a project',
            fix="Set it in your own file, or in ORCHESTRATOR_FLEET_DATABASE.",
        )
    if layer.values.get("network"):
        raise ConfigError(
            layer.place(("network",)),
            '"network" cannot be set by a project: its code would have a way out',
            fix="Set it in your own file, or in ORCHESTRATOR_NETWORK.",
        )
    url = layer.values.get("model", {}).get("base_url")
    if url and urlsplit(url).hostname not in LOOPBACK:
        raise ConfigError(
            layer.place(("model", "base_url")),
            "a project's file may only name an endpoint on this machine, since your key is sent there",
            fix="Set it in your own file, in OPENAI_BASE_URL, or with --base-url.",
        )


def overlay(
    below: dict[str, Any], above: Mapping[str, Any], origins: dict[str, Layer], layer: Layer, at: str = ""
) -> None:
    """Lay one layer over another: sections are merged key by key, values and lists are replaced."""
    for name, value in above.items():
        path = f"{at}.{name}" if at else name
        if isinstance(value, Mapping) and isinstance(below.setdefault(name, {}), dict):
            overlay(below[name], value, origins, layer, path)
        else:
            below[name] = value
            origins[path] = layer
