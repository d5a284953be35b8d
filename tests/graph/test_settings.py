"""Settings and formats in whole runs: what is set has its effect, and what is told is what the schemas say."""

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from orchestrator.drive import finished
from orchestrator.formats import event_schema, result_schema
from orchestrator.result import result_of
from tests.faults.scene import CHECK, FIX, GOALS, PROJECT, PROSE, REPAIR, WRONG, Scene, edits
from tests.graph.harness import Driven
from tests.modelserver.request import ROLES
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server

QUICK = {"base": 0.001, "cap": 0.002, "tries": 4, "window": 5.0}


def driven(folder: Path, server: Server, scene: Scene, model: dict[str, Any], **settings: Any) -> Driven:
    """A run over a scene with these settings of its model."""
    named = {
        "spec": next(iter(server.scenarios)),
        "base_url": server.base_url,
        "profile": "standard",
        "retry": QUICK,
        **model,
    }
    return Driven.of(folder, server, scene.project(), scene.request, **{"checks": [CHECK], "model": named, **settings})


def strategies(run: Driven) -> list[str]:
    """How each attempt was made."""
    return [event["strategy"] for event in run.events("verdict")]


def are_as_described(run: Driven, end: dict[str, Any]) -> None:
    """The events and the result of a run are what their schemas say, which let nothing else through."""
    events, result = Draft202012Validator(event_schema()), Draft202012Validator(result_schema())
    told = list(run.run.events.read())
    assert len({event["type"] for event in told}) > 15
    for event in told:
        assert not [fault.message for fault in events.iter_errors(event)], event
    frame = {"v": 1, "seq": 1, "time": "", "run": ""}
    assert list(events.iter_errors({**told[0], "seq": "1"})) and list(events.iter_errors({**frame, "type": "warning"}))
    assert not list(events.iter_errors({**frame, "type": "of.tomorrow"}))
    ending = result_of({**finished(end, run.run), "run": run.run.id})
    assert ending["tasks"][0]["evidence"] and not list(result.iter_errors(ending))


def test_each_agent_has_its_own_model_and_temperature(tmp_path: Path) -> None:
    """All six are asked in one run, each by the name and as warm as it was set; none as a stream.

    Every event of the run, and the object at its end, is what its schema says.
    """
    net = contains(GOALS["net"])
    rules = [
        Rule(PROSE, role="coder", when=net, nth=1),
        Rule(edits(WRONG), role="coder", when=net),
        *PROJECT.rules,
    ]
    agents = {role: {"model": f"model-{role}", "temperature": n / 10} for n, role in enumerate(ROLES, 1)}
    model = {"ladder": ["reground", "fix"], "max_tokens": 777, "stream": False}
    with Server(Scenario("shop", rules)) as server:
        server.scenarios |= {f"model-{role}": server.scenarios["shop"] for role in ROLES}
        run = driven(tmp_path, server, PROJECT, model, agents=agents, parallel=1)
        end = run.drive()

    assert end is not None and end["outcome"] == "verified"
    are_as_described(run, end)
    for n, role in enumerate(ROLES, 1):
        bodies = server.bodies(role)
        assert {(body["model"], body["temperature"]) for body in bodies} == {(f"model-{role}", n / 10)}, role
    assert {body["max_tokens"] for body in server.bodies()} == {777}
    assert not any(body.get("stream") for body in server.bodies())


def test_a_task_has_as_many_attempts_as_are_set(tmp_path: Path) -> None:
    """The ladder ends after two; the temperature of all agents is the one that is set."""
    other = {"price.py": WRONG["price.py"].replace("gross - rate", "gross + rate")}
    rules = [Rule(edits(WRONG), role="coder"), Rule(edits(other), role="fixer"), *REPAIR.rules]
    with Server(Scenario("shop", rules)) as server:
        run = driven(tmp_path, server, REPAIR, {"attempts": 2, "temperature": 0.7})
        end = run.drive()

    assert end is not None and end["outcome"] == "stuck"
    assert strategies(run) == ["code", "fix"]
    assert {body["temperature"] for body in server.bodies()} == {0.7}


def test_without_the_reviewers_opinion_checks_decide(tmp_path: Path) -> None:
    """`review` switched off: nobody is asked about a green change, and it is verified all the same."""
    with Server(REPAIR.scenario()) as server:
        end = driven(tmp_path, server, REPAIR, {}, review=False).drive()

    assert end is not None and end["outcome"] == "verified"
    assert not server.bodies("reviewer")


def test_a_rewrite_takes_its_seeds_and_its_formats_from_the_settings(tmp_path: Path) -> None:
    """Another seed, other samples; and the answer format that is set is the one that is asked for first."""
    rules = [Rule(edits(WRONG), role="coder", nth=1), Rule(edits({}), role="coder"), FIX, *REPAIR.rules]
    seen = []
    for seed in (7, 8):
        with Server(Scenario("shop", rules)) as server:
            model = {"ladder": ["rewrite"], "answer_format": "whole"}
            driven(tmp_path / str(seed), server, REPAIR, model, seed=seed, candidates=2).drive()
        first, *rewrites = server.bodies("coder")
        assert "Answer with whole files" in first["messages"][0]["content"]
        seen.append({body["seed"] for body in rewrites})

    assert len(seen[0]) >= 2 and not seen[0] & seen[1]


def test_a_check_that_takes_too_long_is_cut(tmp_path: Path) -> None:
    """Its time is a setting; what it would have said later counts for nothing."""
    with Server(REPAIR.scenario()) as server:
        run = driven(tmp_path, server, REPAIR, {}, timeout_check=0.3, checks=["sleep 20"])
        run.drive(1)

    (baseline,) = run.events("baseline.checked")
    assert not baseline["passed"] and baseline["seconds"] < 5


def test_tokens_of_one_task_end_that_task(tmp_path: Path) -> None:
    """The limit is the task's, and so it says."""
    rules = [Rule(PROSE, role=role) for role in ("coder", "fixer")]
    with Server(Scenario("shop", [*rules, *REPAIR.rules])) as server:
        end = driven(tmp_path, server, REPAIR, {}, budget={"calls": 60, "task_tokens": 3_000}).drive()

    assert end is not None and end["outcome"] == "budget"
    assert "the budget of task" in end["reason"] and "tokens" in end["reason"]
