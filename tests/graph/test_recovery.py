"""What a run that is started over does: nothing is asked again, and a person's answer makes a new plan."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from graph.build import build
from nodes.session import close_session, open_session
from tests.graph.harness import Driven
from tests.graph.test_machine import CHECK, FILES, RIGHT, SOURCE, in_turn
from tests.modelserver.request import Request
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server

SMALL = json.dumps({"kind": "small", "title": "Repair the net price", "files": ["price.py"], "tests": []})
WHERE = '{"files": ["price.py"], "words": ["net"]}'
ACCEPT = json.dumps({"accept": True, "findings": []})
REQUEST = "The net price is wrong: repair it."


def scenario(*rules: Rule) -> Scenario:
    """A model that is always wrong, apart from these rules."""
    return Scenario(
        "wrong",
        [
            *rules,
            Rule(SMALL, role="orchestrator"),
            Rule(WHERE, role="searcher"),
            Rule(ACCEPT, role="reviewer"),
            *in_turn("coder", ["wrong", "other", "wrong", "broken"]),
            *in_turn("fixer", ["other", "prose", "same"]),
        ],
    )


@pytest.fixture
def serve() -> Iterator[list[Server]]:
    """Servers that are stopped in the end."""
    servers: list[Server] = []
    yield servers
    for server in servers:
        server.stop()


def started(servers: list[Server], *scenarios: Scenario) -> Server:
    """A running server."""
    server = Server(scenarios)
    servers.append(server)
    server.start()
    return server


def test_a_run_without_its_checkpoints_asks_nothing_again(tmp_path: Path, serve: list[Server]) -> None:
    """Every call has its address, also those of candidates made side by side: all of them are on record."""
    stop = Rule('{"choice": "stop", "reason": "no"}', role="orchestrator", when=contains("is stuck"))
    server = started(serve, scenario(stop))
    driven = Driven.of(tmp_path, server, FILES, REQUEST, checks=[CHECK], candidates=3)
    end = driven.drive()
    calls = server.counters["calls"]
    (judged,) = driven.events("candidates.judged")

    again = Driven(server, driven.run, InMemorySaver()).drive()

    assert len(judged["candidates"]) == 3
    assert server.counters["calls"] == calls
    assert end is not None and again is not None
    assert (again["outcome"], again["results"]) == (end["outcome"], end["results"])


def test_a_fallback_model_gives_the_second_candidate(tmp_path: Path, serve: list[Server]) -> None:
    """Where another model may take over, a rewrite asks it as well, and its right answer is chosen."""

    def right(request: Request) -> str:
        whole = SOURCE.replace("    return gross * rate\n", RIGHT)
        block = f"price.py\n```\n<<<<<<< SEARCH\n    return gross * rate\n=======\n{RIGHT}>>>>>>> REPLACE\n```\n"
        return f"price.py\n```python\n{whole}```\n" if "Answer with whole files" in request.text else block

    server = started(serve, scenario(), Scenario("second", [Rule(right, role="coder")]))
    agents = {"coder": {"fallbacks": ["second"]}}
    driven = Driven.of(tmp_path, server, FILES, REQUEST, checks=[CHECK], agents=agents)

    end = driven.drive()

    assert end is not None and end["outcome"] == "verified"
    (judged,) = driven.events("candidates.judged")
    assert judged["chosen"] == 2
    assert [v["model"] for v in driven.events("verdict")][-1] == "second"


def test_a_persons_answer_makes_a_new_plan(tmp_path: Path, serve: list[Server]) -> None:
    """A stuck task may be asked about where a person is there; the planner is told question and answer."""
    task = {"id": "divide", "title": "Divide", "goal": "net() divides the gross price by the rate", "covers": ["R1"]}
    plan = json.dumps({"tasks": [{**task, "files": ["price.py"], "depends_on": []}]})
    ask = '{"choice": "ask", "reason": "unclear", "question": "Divide or subtract?"}'
    server = started(
        serve,
        scenario(
            Rule(ask, role="orchestrator", when=contains("is stuck"), times=1),
            Rule('{"choice": "stop", "reason": "no"}', role="orchestrator", when=contains("is stuck")),
            Rule(plan, role="planner"),
        ),
    )
    driven = Driven.of(tmp_path, server, FILES, REQUEST, checks=[CHECK], attended=True)
    compiled = build().compile(checkpointer=driven.saver)
    config: Any = {"configurable": {"thread_id": driven.run.id}, "recursion_limit": 200}

    assert driven.drive() is None
    (waiting,) = compiled.get_state(config).interrupts
    assert waiting.value == {"kind": "answer", "question": "Divide or subtract?"}
    try:
        compiled.invoke(Command(resume={"text": "Divide."}), config, context=driven.context)
    finally:
        close_session(open_session(driven.run.id, driven.context))

    assert compiled.get_state(config).values["answers"] == ["Divide."]
    asked = server.bodies("planner")[0]["messages"][-1]["content"]
    assert "Divide or subtract?" in asked and "answered: Divide." in asked
