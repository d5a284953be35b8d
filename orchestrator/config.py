"""Every configuration key, once: its type, range, default and meaning. Help, example and reference come from here."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticUndefined

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Temperature = Annotated[float, Field(ge=0, le=2)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1, le=100_000_000)]
Dollars = Annotated[float, Field(gt=0, le=1_000_000)]


class Section(BaseModel):
    """A group of keys; an unknown key is an error, a value is never bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Retry(Section):
    """How long passing faults of the endpoint (429, 5xx, resets) are waited out."""

    base: Annotated[float, Field(gt=0, le=60)] = Field(
        default=0.5, description="Seconds before the first retry; doubled each time."
    )
    cap: Annotated[float, Field(gt=0, le=600)] = Field(
        default=30.0, description="Longest wait between two requests, in seconds."
    )
    tries: Annotated[int, Field(ge=1, le=50)] = Field(default=6, description="Most requests for one call.")
    window: Seconds = Field(
        default=180.0, description="Seconds after the first request in which a retry may still start."
    )


class Model(Section):
    """The model that all agents use, unless `agents` says otherwise."""

    spec: Text | None = Field(
        default=None,
        description="Name at the endpoint, `local`, `local:1.5b`, the path of a GGUF file, or `replay:RUN`.",
        examples=["qwen2.5-coder:7b"],
    )
    base_url: Text | None = Field(
        default=None,
        description="Address of an OpenAI-compatible endpoint; a project's file may only name one on this machine.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    profile: Literal["small", "standard"] | None = Field(
        default=None,
        description="How the process treats the model; without it the model's size decides (up to 3.5B: small).",
        examples=["standard"],
    )
    answer_format: Literal["blocks", "whole"] | None = Field(
        default=None,
        description="How code is answered: SEARCH/REPLACE blocks or whole files; without it the profile decides.",
        examples=["blocks"],
    )
    context_tokens: Annotated[int, Field(ge=1024, le=10_000_000)] | None = Field(
        default=None,
        description="Tokens of prompt and answer that fit; without it the profile decides.",
        examples=[32768],
    )
    max_tokens: Annotated[int, Field(ge=64, le=1_000_000)] | None = Field(
        default=None, description="Most tokens of one answer; without it the profile decides.", examples=[8192]
    )
    temperature: Temperature | None = Field(
        default=None, description="Sampling temperature of all agents; without it the profile decides.", examples=[0.2]
    )
    attempts: Annotated[int, Field(ge=1, le=12)] | None = Field(
        default=None,
        description="Most attempts at one task before it counts as stuck; without it the profile decides (6; of a "
        "small model, 3).",
        examples=[4],
    )
    escalate: Text | None = Field(
        default=None,
        description="Model at the same endpoint that takes a task over when this one is stuck with it.",
        examples=["qwen2.5-coder:32b"],
    )
    connect_timeout: Seconds = Field(default=5.0, description="Seconds to reach the endpoint.")
    answer_timeout: Seconds = Field(
        default=600.0,
        description="Seconds to the first word of a streamed answer, or to the end of one that is not streamed.",
    )
    idle_timeout: Seconds = Field(default=120.0, description="Seconds of silence that end a streamed answer.")
    stream: bool = Field(
        default=True, description="Ask for answers as streams; a server that does not stream is noticed by itself."
    )
    fallbacks: list[Text] = Field(
        default=[],
        description="Models at the same endpoint that take over, in this order, where the first cannot serve.",
        examples=[["qwen2.5-coder:14b"]],
    )
    retry: Retry = Field(default=Retry(), description="How long passing faults of the endpoint are waited out.")


class Agent(Section):
    """What differs for one agent."""

    model: Text | None = Field(
        default=None, description="Model of this agent at the same endpoint.", examples=["qwen2.5-coder:32b"]
    )
    temperature: Temperature | None = Field(
        default=None, description="Sampling temperature of this agent.", examples=[0.1]
    )
    fallbacks: list[Text] | None = Field(
        default=None,
        description="Models that take over for this agent; without it those of `model`.",
        examples=[["qwen2.5-coder:14b"]],
    )


class Agents(Section):
    """Models and temperatures of single agents."""

    orchestrator: Agent = Field(default=Agent(), description="Schedules, merges, decides about stuck tasks.")
    planner: Agent = Field(default=Agent(), description="Cuts the request into tasks.")
    searcher: Agent = Field(default=Agent(), description="Finds the lines that a task needs.")
    coder: Agent = Field(default=Agent(), description="Writes the code of a task.")
    reviewer: Agent = Field(default=Agent(), description="Writes the test first, judges later.")
    fixer: Agent = Field(default=Agent(), description="Repairs what the checks found.")


class Budget(Section):
    """What a run may use; checked before every call. `null` means no limit."""

    calls: Count | None = Field(default=300, description="Most model calls of a run.")
    tokens: Count | None = Field(
        default=None, description="Most tokens of a run, prompts and answers together.", examples=[500_000]
    )
    cost: Dollars | None = Field(default=None, description="Most US dollars of a run; needs `prices`.", examples=[2.5])
    seconds: Seconds | None = Field(default=None, description="Most wall seconds of a run.", examples=[3600])
    task_calls: Count | None = Field(default=120, description="Most model calls of one task.")
    task_tokens: Count | None = Field(
        default=None, description="Most tokens of one task, prompts and answers together.", examples=[100_000]
    )
    task_cost: Dollars | None = Field(
        default=None, description="Most US dollars of one task; needs `prices`.", examples=[0.5]
    )


class Price(Section):
    """US dollars for a million tokens."""

    prompt: Annotated[float, Field(ge=0, le=10_000)] = Field(description="US dollars for a million prompt tokens.")
    completion: Annotated[float, Field(ge=0, le=10_000)] = Field(description="US dollars for a million answer tokens.")


class FleetLimit(Section):
    """Limits that hold for all workers together."""

    runs: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(default=None, description="Most runs at a time.")
    requests: Annotated[int, Field(ge=1, le=100_000_000)] | None = Field(
        default=None, description="Most requests in any minute."
    )
    tokens: Annotated[int, Field(ge=1, le=100_000_000_000)] | None = Field(
        default=None, description="Most tokens of prompts in any minute."
    )


class FleetEndpoint(Section):
    """An endpoint that lines of a batch may name."""

    base_url: Text = Field(description="OpenAI-compatible address.")
    key_variable: Text = Field(default="OPENAI_API_KEY", description="Variable that holds its key.")


PostgresUrl = Annotated[str, StringConstraints(pattern=r"^postgres(ql)?://[^:@/]*(@|/|$)")]


class Fleet(Section):
    """Many runs on many machines; never accepted from a project's file."""

    database: PostgresUrl | None = Field(
        default=None,
        description="URL of the PostgreSQL database that all workers share, without a password (PGPASSWORD or "
        "PGPASSFILE hold it); without it the fleet is this machine.",
        examples=["postgresql://worker@db.example/fleet"],
    )
    store: Text | None = Field(
        default=None,
        description="Where runs keep what other hosts need: a folder that all share, a URL of fsspec, or `database`.",
        examples=["s3://bucket/fleet"],
    )
    lease: Annotated[float, Field(ge=2, le=3_600)] = Field(
        default=30.0, description="Seconds of silence after which other workers take a worker's runs."
    )
    repositories: list[Text] = Field(
        default=[],
        description="Folders and URL patterns that a line of a batch may name; without any, `https://` and `ssh://` "
        "addresses, and of folders those below the batch file's.",
        examples=[["https://git.example/team/*", "/srv/repositories"]],
    )
    endpoints: dict[Text, FleetEndpoint] = Field(
        default={},
        description="Endpoints that a line may name; `default` is the one that is configured as ever.",
        examples=[{"big": {"base_url": "https://llm.example/v1", "key_variable": "BIG_KEY"}}],
    )
    limits: dict[Text, FleetLimit] = Field(
        default={},
        description="Limits by endpoint, by `endpoint/model`, and `*` for the whole fleet.",
        examples=[{"*": {"runs": 40}, "default": {"runs": 8, "requests": 600, "tokens": 400000}}],
    )


class Settings(Section):
    """All settings of a run."""

    model: Model = Field(default=Model(), description="The model that all agents use.")
    agents: Agents = Field(default=Agents(), description="Models and temperatures of single agents.")
    checks: list[Text] = Field(
        default=[],
        description="Commands that must pass in the end; without any, those that the project shows are used.",
        examples=[["python -m pytest -q"]],
    )
    timeout_check: Seconds = Field(default=600.0, description="Seconds that one check may take.")
    budget: Budget = Field(default=Budget(), description="What a run may use.")
    prices: dict[Text, Price] = Field(
        default={},
        description="Prices by model name; needed for a limit in money.",
        examples=[{"gpt-4o-mini": {"prompt": 0.15, "completion": 0.6}}],
    )
    parallel: Annotated[int, Field(ge=1, le=32)] = Field(
        default=2, description="Most tasks that are worked on at a time."
    )
    candidates: Annotated[int, Field(ge=1, le=8)] | None = Field(
        default=None,
        description="Answers that a rewrite asks for, of which executed tests choose one; without it the profile "
        "decides (2; of a small model, 6).",
        examples=[3],
    )
    review: bool = Field(
        default=True,
        description="Let the reviewer read each change whose acceptance is green; it may send one back once. A change "
        "that no check judges is always read.",
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=0, description="Seed of rewrites and of the samples of a small model: the same seed, the same run."
    )
    apply: bool = Field(default=True, description="Apply what was verified to your files at the end.")
    approve_plan: bool = Field(default=False, description="Ask before a plan is carried out.")
    approve_apply: bool = Field(default=False, description="Ask before a change is applied to your files.")
    checkpoints: PostgresUrl | None = Field(
        default=None,
        description="URL of a PostgreSQL database that keeps the checkpoints of a team's runs, without a password "
        "(PGPASSWORD or ~/.pgpass hold it); never accepted from a project's file.",
        examples=["postgresql://team@db.example/orchestrator"],
    )
    headless: bool = Field(default=False, description="Never ask, and print plain lines even in a terminal.")
    network: list[Text] = Field(
        default=[],
        description="Checks that may use the network, as commands or patterns with `*`; all others have none. Never "
        "accepted from a project's file.",
        examples=[["npm ci && npm test", "uv run *"]],
    )
    unsafe: bool = Field(
        default=False,
        description="Run checks without a sandbox where there is none; never accepted from a project's file.",
    )
    fleet: Fleet = Field(default=Fleet(), description="Many runs on many machines.")


def stored(settings: Settings) -> dict[str, Any]:
    """The form that a run's record keeps: JSON-plain, without what is not set."""
    return settings.model_dump(mode="json", exclude_none=True, exclude={"fleet"})


class Key:
    """One key of the configuration as help and reference show it."""

    def __init__(self, path: tuple[str, ...], field: Any) -> None:
        self.path = path
        self.name = ".".join(path)
        self.variable = "ORCHESTRATOR_MODEL" if path == ("model", "spec") else f"ORCHESTRATOR_{'_'.join(path).upper()}"
        self.description: str = field.description or ""
        self.annotation: Any = field.annotation
        self.metadata: tuple[Any, ...] = tuple(field.metadata)
        self.required = field.default is PydanticUndefined
        self.default: Any = None if self.required else field.default
        self.example: Any = field.examples[0] if field.examples else self.default


def keys(section: type[Section] = Settings, above: tuple[str, ...] = ()) -> list[Key]:
    """Every key that holds a value, in the order of the reference; sections are entered, not listed."""
    found: list[Key] = []
    for name, field in section.model_fields.items():
        path = (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found += keys(field.annotation, path)
        else:
            found.append(Key(path, field))
    return found
