"""Which model serves a run: the first that is named, configured, running or fetched, with the reason in one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from models import pins, probe
from models.errors import NoModel, ProviderError
from models.gguf import billions_of
from models.profiles import Profile, profile_of

OPENAI = "https://api.openai.com/v1"
LIST_SECONDS = 5.0
"""How long a named endpoint may take to list its models."""

Kind = Literal["endpoint", "embedded", "replay"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The model of a run. The key is never shown: not in repr, not in events, not in the run's record.

    `name` is the model's name at the endpoint, the size of the embedded model ("0.5b"), or the id of the replayed run.
    `gguf` is the file of an embedded model. `reason` says in one sentence why this one was chosen.
    """

    kind: Kind
    name: str
    base_url: str
    profile: Profile
    reason: str
    api_key: str = field(default="", repr=False)
    gguf: Path | None = None

    @property
    def title(self) -> str:
        """The model's name for people and records: an embedded model goes by its file's name."""
        return self.gguf.stem if self.gguf is not None else self.name


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for, and where the wish comes from."""

    spec: str | None
    base_url: str | None
    api_key: str = field(repr=False)
    origin: str
    settings: Mapping[str, object]


def resolve(
    spec: str | None,
    base_url: str | None,
    config: Mapping[str, object],
    env: Mapping[str, str],
    home: Path,
) -> Resolved:
    """Choose the model: --model and --base-url, then configuration, environment, a local server, the embedded model.

    Raises NoModel when there is none, with the three ways out, and ProviderError when a named endpoint or file cannot
    be used. Only a named endpoint without a model name, and the local servers, are contacted.
    """
    wish = _wish(spec, base_url, config, env)
    if wish.spec is not None and wish.spec.startswith("replay:"):
        return _replay(wish)
    if wish.spec == "local" or (wish.spec or "").startswith("local:"):
        return _embedded(wish, home)
    if wish.spec is not None and wish.spec.endswith(".gguf"):
        return _own_file(wish)
    if wish.base_url is not None or wish.api_key:
        return _endpoint(wish)
    return _local_server(wish) or _fetched(wish, home) or _nothing(wish)


def _wish(spec: str | None, base_url: str | None, config: Mapping[str, object], env: Mapping[str, str]) -> _Wish:
    """Merge the sources: each value comes from the first source that has it; the origin is that of the model name."""
    section = config.get("model")
    settings: Mapping[str, object] = section if isinstance(section, Mapping) else {}
    sources = (
        ("--model", spec, base_url),
        ("the configuration", _text(settings.get("spec")), _text(settings.get("base_url"))),
        ("the environment", _text(env.get("ORCHESTRATOR_MODEL")), _text(env.get("OPENAI_BASE_URL"))),
    )
    named = next(((name, origin) for origin, name, _ in sources if name), (None, ""))
    placed = next(((url, origin) for origin, _, url in sources if url), (None, ""))
    key = _text(settings.get("api_key")) or _text(env.get("OPENAI_API_KEY")) or ""
    origin = named[1] or placed[1].replace("--model", "--base-url") or ("OPENAI_API_KEY" if key else "")
    return _Wish(named[0], placed[0], key, origin, settings)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _replay(wish: _Wish) -> Resolved:
    run = (wish.spec or "").removeprefix("replay:")
    profile = profile_of(run, settings={"profile": "standard", **wish.settings})
    return Resolved("replay", run, "", profile, f"replay of run {run} ({wish.origin}); no model is asked")


def _endpoint(wish: _Wish) -> Resolved:
    base_url = (wish.base_url or OPENAI).rstrip("/")
    if not base_url.startswith(("http://", "https://")):
        raise ProviderError(f"{base_url!r} is no address of an endpoint.", fix="Give --base-url as http://HOST/v1.")
    if wish.spec is not None:
        reason = f"{wish.spec} at {shown(base_url)} (from {wish.origin})"
        return _at(wish, wish.spec, base_url, reason)
    if wish.base_url is None:
        raise NoModel(
            "OPENAI_API_KEY is set, but no model is named.",
            fix="Give --model NAME, or --base-url for another endpoint.",
        )
    offer = probe.models_at(base_url, wish.api_key, timeout=LIST_SECONDS)
    if not offer.models:
        raise _no_list(offer, base_url)
    reason = f"{offer.models[0]}, the first of {len(offer.models)} at {shown(base_url)} (no model was named)"
    return _at(wish, offer.models[0], base_url, reason)


def _at(wish: _Wish, model: str, base_url: str, reason: str) -> Resolved:
    profile = profile_of(model, settings=wish.settings)
    return Resolved("endpoint", model, base_url, profile, reason, wish.api_key)


def _no_list(offer: probe.Offer, base_url: str) -> ProviderError:
    place = shown(base_url)
    if offer.status in (401, 403):
        said, fix = f"refused the key ({offer.status})", "Set OPENAI_API_KEY."
        return ProviderError(f"{place} {said}.", fix=fix, status=offer.status)
    problems = {"unreachable": "does not answer", "refused": f"answered {offer.status}"}
    said = problems.get(offer.problem, "lists no models")
    fix = "Check --base-url (most end in /v1), or name the model with --model."
    return ProviderError(f"{place} {said}.", fix=fix, status=offer.status)


def _local_server(wish: _Wish) -> Resolved | None:
    for maker, base_url in probe.LOCAL_SERVERS:
        offer = probe.models_at(base_url, None, timeout=probe.LOCAL_SECONDS)
        if offer.models and (wish.spec is None or wish.spec in offer.models):
            model = wish.spec or offer.models[0]
            return _at(wish, model, base_url, f"{model} at {shown(base_url)} ({maker} is running here)")
    return None


def _embedded(wish: _Wish, home: Path) -> Resolved:
    folder = home / "models"
    size = (wish.spec or "").partition(":")[2] or _smallest_here(folder) or pins.DEFAULT
    pin = pins.load(size)
    path = folder / pin.file
    if not path.is_file():
        raise NoModel(
            f"The embedded model {pin.model} is not here yet.", fix=f"Run: orchestrator model fetch local:{size}"
        )
    return _file(wish, path, size, f"{pin.model} on this machine (from {wish.origin})")


def _smallest_here(folder: Path) -> str | None:
    return next((pin.size for pin in pins.all_pins() if (folder / pin.file).is_file()), None)


def _own_file(wish: _Wish) -> Resolved:
    path = Path(wish.spec or "").expanduser()
    if not path.is_file():
        raise NoModel(f"There is no file {path}.", fix="Give --model the path of a GGUF, or a model's name.")
    return _file(wish, path.resolve(), path.name, f"your own file {path.name} (from {wish.origin})")


def _fetched(wish: _Wish, home: Path) -> Resolved | None:
    """Return the largest embedded model that was fetched; a model that was named is never replaced by it."""
    if wish.spec is not None:
        return None
    for size in reversed(pins.SIZES):
        pin = pins.load(size)
        if (path := home / "models" / pin.file).is_file():
            return _file(wish, path, size, f"{pin.model} on this machine (no endpoint is configured or running)")
    return None


def _file(wish: _Wish, path: Path, name: str, reason: str) -> Resolved:
    profile = profile_of(path.name, billions=billions_of(path), settings=wish.settings)
    return Resolved("embedded", name, "", profile, reason, gguf=path)


def _nothing(wish: _Wish) -> Resolved:
    named = f"No endpoint is set for the model {wish.spec!r}, and no" if wish.spec else "No"
    raise NoModel(
        f"{named} local model server answers.",
        fix="Set OPENAI_API_KEY (and OPENAI_BASE_URL for another provider), start Ollama, LM Studio or llama-server, "
        "or run: orchestrator model fetch local",
    )


def shown(url: str) -> str:
    """Return an address as it may be shown: without a user name or password in it."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
