"""Which model serves a run: the order of the sources, the reason in words, and what happens when there is none."""

import struct
from pathlib import Path
from typing import Any

import pytest

from models import probe
from models.errors import NoModel, ProviderError
from models.gguf import billions_of
from models.pins import SIZES, load
from models.profiles import profile_of, size_in_name
from models.resolve import resolve
from tests.modelserver import Rule, Scenario, Server
from tests.unit.models.bench import KEY, Serve


@pytest.fixture(autouse=True)
def _no_local_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs on this machine is not found by these tests."""
    monkeypatch.setattr(probe, "LOCAL_SERVERS", ())


def named(home: Path, spec: str | None = None, base_url: str | None = None, **sources: Any) -> Any:
    """Resolve with the given sources and nothing else."""
    return resolve(spec, base_url, sources.get("config", {}), sources.get("env", {}), home)


ENV = {"ORCHESTRATOR_MODEL": "from-env", "OPENAI_BASE_URL": "http://env/v1", "OPENAI_API_KEY": KEY}
CONFIG = {"model": {"spec": "from-config", "base_url": "http://config/v1"}}


def test_a_flag_wins_over_configuration_and_that_over_the_environment(tmp_path: Path) -> None:
    """Each value is taken from the first source that has it, and the reason names it."""
    flag = named(tmp_path, "from-flag", "http://flag/v1/", config=CONFIG, env=ENV)
    assert (flag.name, flag.base_url, flag.api_key) == ("from-flag", "http://flag/v1", KEY)
    assert "--model" in flag.reason
    configured = named(tmp_path, config=CONFIG, env=ENV)
    assert (configured.name, configured.base_url) == ("from-config", "http://config/v1")
    assert "configuration" in configured.reason
    environment = named(tmp_path, env=ENV)
    assert (environment.name, environment.base_url) == ("from-env", "http://env/v1")
    assert "environment" in environment.reason


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    """Neither the key nor a password in the address is in anything that is printed."""
    resolved = named(tmp_path, "m", f"http://user:{KEY}@host/v1", env={"OPENAI_API_KEY": KEY})
    assert KEY not in resolved.reason and KEY not in repr(resolved).replace(resolved.base_url, "")


def test_an_endpoint_without_a_model_name_is_asked(tmp_path: Path, serve: Serve) -> None:
    """The first listed model is taken and the reason says so."""
    server = serve(Scenario("alpha", [Rule("x")]), Scenario("beta", [Rule("x")]))
    resolved = named(tmp_path, base_url=server.base_url)
    assert resolved.name == "alpha" and "first of 2" in resolved.reason


def test_an_endpoint_that_lists_nothing_is_told_with_the_fix(tmp_path: Path, serve: Serve) -> None:
    """A dead address and a wrong path each name the setting."""
    server = serve(Scenario("alpha", [Rule("x")]))
    with pytest.raises(ProviderError, match=r"answered 404.*--base-url"):
        named(tmp_path, base_url=server.root_url + "/v2")
    server.stop()
    with pytest.raises(ProviderError, match="does not answer"):
        named(tmp_path, base_url=server.base_url)
    with pytest.raises(ProviderError, match="no address"):
        named(tmp_path, "m", "localhost:8000")


def test_a_key_alone_needs_a_model_name(tmp_path: Path) -> None:
    """The first of OpenAI's many models is nobody's choice."""
    with pytest.raises(NoModel, match="--model"):
        named(tmp_path, env={"OPENAI_API_KEY": KEY})
    assert named(tmp_path, "gpt-x", env={"OPENAI_API_KEY": KEY}).base_url == "https://api.openai.com/v1"


def test_a_running_local_server_is_found(tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first local server that answers is taken; a named model only where it is offered."""
    server: Server = serve(Scenario("qwen2.5-coder:1.5b", [Rule("x")]))
    monkeypatch.setattr(probe, "LOCAL_SERVERS", (("Nobody", "http://127.0.0.1:9/v1"), ("Ollama", server.base_url)))
    resolved = named(tmp_path)
    assert (resolved.name, resolved.profile.name) == ("qwen2.5-coder:1.5b", "small")
    assert "Ollama is running here" in resolved.reason
    with pytest.raises(NoModel, match="'other'"):
        named(tmp_path, "other")


def test_nothing_at_all_is_told_with_the_three_ways_out(tmp_path: Path) -> None:
    """One sentence: a key, a local server, or the embedded model."""
    with pytest.raises(NoModel) as caught:
        named(tmp_path)
    assert all(way in str(caught.value) for way in ("OPENAI_API_KEY", "Ollama", "orchestrator model fetch local"))


def test_a_fetched_model_is_the_last_resort_and_the_largest_is_taken(tmp_path: Path) -> None:
    """Embedded models are found by their pinned file names in the state directory."""
    (tmp_path / "models").mkdir()
    for size in SIZES:
        (tmp_path / "models" / load(size).file).write_bytes(b"x")
        resolved = named(tmp_path)
        assert (resolved.kind, resolved.name, resolved.profile.name) == ("embedded", size, "small")
    assert named(tmp_path, "local:0.5b").name == "0.5b"
    assert named(tmp_path, env=ENV).kind == "endpoint"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("local", "model fetch local:0.5b"),
        ("local:7b", "0.5b and 1.5b"),
        ("/nowhere/x.gguf", "no file /nowhere/x.gguf"),
    ],
)
def test_a_local_model_that_is_not_there_names_the_command(tmp_path: Path, spec: str, told: str) -> None:
    """A named local model is never replaced by another one."""
    with pytest.raises(NoModel, match=told):
        named(tmp_path, spec, env=ENV)


def test_a_replay_is_labelled(tmp_path: Path) -> None:
    """Nothing is contacted for a replay, and the reason says that it is one."""
    resolved = named(tmp_path, "replay:last", env=ENV)
    assert (resolved.kind, resolved.name, resolved.base_url) == ("replay", "last", "")
    assert "replay of run last" in resolved.reason


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Qwen2.5-Coder-0.5B-Instruct", 0.5),
        ("qwen2.5-coder:1.5b", 1.5),
        ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", 0.5),
        ("gemma3:270m", 0.27),
        ("SmolLM2-135M-Instruct", 0.135),
        ("Qwen3-Coder-30B-A3B", 30),
        ("mixtral-8x7b", 56),
        ("llama-3.2-3b-instruct", 3),
        ("gpt-4o-mini", None),
        ("deepseek-v3", None),
        ("claude-opus-4-5", None),
        ("m2b2", None),
    ],
)
def test_a_model_name_tells_its_size(name: str, size: float | None) -> None:
    """Sizes are read as people write them; a name without one is not small."""
    assert size_in_name(name) == (None if size is None else pytest.approx(size))
    assert profile_of(name).name == ("small" if size is not None and size <= 3.5 else "standard")


def test_settings_override_the_profile() -> None:
    """The user may choose the profile and any part of it."""
    profile = profile_of(
        "gpt", settings={"profile": "small", "context_tokens": 4096, "ladder": ["rewrite"], "spec": "x"}
    )
    assert (profile.name, profile.context_tokens, profile.ladder) == ("small", 4096, ("rewrite",))


@pytest.mark.parametrize(("attempts", "rungs"), [(1, ""), (2, "r"), (3, "rf"), (6, "rfrfr")])
def test_attempts_cut_or_lengthen_the_ladder(attempts: int, rungs: str) -> None:
    """The first attempt stands on no rung; a ladder that is too short begins again."""
    profile = profile_of("gpt", settings={"profile": "small", "attempts": attempts})
    assert "".join(rung[0] for rung in profile.ladder) == rungs


def gguf(*entries: tuple[str, int, bytes]) -> bytes:
    """The start of a GGUF file with these metadata entries."""
    packed = b"".join(
        struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind) + value for key, kind, value in entries
    )
    return struct.pack("<4sIQQ", b"GGUF", 3, 0, len(entries)) + packed


def string(text: str) -> bytes:
    """A GGUF string."""
    return struct.pack("<Q", len(text)) + text.encode()


ARRAY = struct.pack("<IQ", 8, 1) + string("x")


@pytest.mark.parametrize(
    ("data", "billions"),
    [
        (gguf(("a", 4, b"1234"), ("b", 9, ARRAY), ("general.size_label", 8, string("1.5B"))), 1.5),
        (gguf(("general.size_label", 8, string("494M"))), 0.494),
        (gguf(("general.size_label", 8, string("8x7B"))), 56),
        (gguf(("other", 8, string("x"))), 0.0),
        (gguf(("broken", 77, b"")), 0.0),
        (b"GGUF", 0.0),
        (b"no gguf at all, but long enough to be read", 0.0),
        (gguf(("general.size_label", 8, struct.pack("<Q", 1 << 60))), 0.0),
    ],
)  # fmt: skip
def test_a_gguf_tells_its_size(tmp_path: Path, data: bytes, billions: float) -> None:
    """The size label is read from the file itself; a file without one is judged by its length, and none breaks it."""
    path = tmp_path / "m.gguf"
    path.write_bytes(data)
    assert billions_of(path) == pytest.approx(billions, abs=1e-6)


def test_every_pinned_list_is_whole() -> None:
    """Each embedded model has its source, its digest, and one exact version and hash per wheel, in numeric order."""
    for size in SIZES:
        pin = load(size)
        assert len(pin.sha256) == 64 and pin.bytes > 400_000_000 and pin.revision in pin.official_url
        parts = [line.split("==")[0].rpartition("part")[2] for line in pin.requirements]
        assert parts == [str(number) for number in range(1, len(parts) + 1)]
        assert all("==" in line and line.count("--hash=sha256:") == 1 for line in pin.requirements)
