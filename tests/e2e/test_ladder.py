"""The ladder: what a failed attempt is followed by, what the next prompt holds, and that no rung is the same again."""

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import write
from tests.e2e.small import ACCEPT, PYTHON, REQUEST, small
from tests.modelserver.request import Request
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

STOP = json.dumps({"choice": "stop", "reason": "it cannot be done"})
WHERE = '{"files": ["shop/price.py"], "words": ["net"]}'
WHOLE = "Answer with whole files"


def whole(body: str) -> str:
    """The whole file with this body of the function."""
    return f'shop/price.py\n```python\ndef net(gross, rate):\n    """Price without tax."""\n{body}```\n'


def in_its_format(request: Request, body: str) -> str:
    """The same answer in the format that the prompt asks for."""
    return whole(body) if WHOLE in request.text else PYTHON.block(body)


def model(*rules: Rule, name: str = "ladder") -> Scenario:
    """A model with these rules, which classifies, searches, accepts, and stops when a task is stuck."""
    return Scenario(
        name,
        [
            *rules,
            Rule(STOP, role="orchestrator", when=contains("is stuck")),
            Rule(small(PYTHON.path), role="orchestrator"),
            Rule(WHERE, role="searcher"),
            Rule(ACCEPT, role="reviewer"),
        ],
    )


def counting(start: int = 0) -> Callable[[Request], str]:
    """A model that is wrong in another way each time, always in the format that it is asked for."""
    asked: list[str] = []

    def answer(request: Request) -> str:
        if request.digest not in asked:
            asked.append(request.digest)
        number = start + asked.index(request.digest) + 2
        return whole(f"    return gross - {number} * rate\n") if WHOLE in request.text else edit_of_net(number)

    return answer


def edit_of_net(number: int) -> str:
    """A block that replaces the head of the function, which no attempt changes, and adds a wrong return."""
    head = 'def net(gross, rate):\n    """Price without tax."""\n'
    return (
        f"shop/price.py\n```\n<<<<<<< SEARCH\n{head}=======\n{head}    if rate > {number}:\n"
        f"        return gross - rate\n>>>>>>> REPLACE\n```\n"
    )


def verdicts(world: World) -> list[dict[str, Any]]:
    """The newest run's verdicts."""
    return [e for e in world.events() if e["type"] == "verdict"]


def test_every_rung_is_climbed_and_recorded(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Fix twice, search again, rewrite from the clean tree, fix once more, then stuck; the result lists the rungs."""
    write(world.project, PYTHON.files)
    server = serve(model(Rule(counting(), role="coder"), Rule(counting(50), role="fixer")))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert (done.code, done.result["outcome"]) == (4, "stuck")
    rungs = ["code", "fix", "fix", "reground", "rewrite", "fix"]
    assert [v["strategy"] for v in verdicts(world)] == rungs
    (task,) = done.result["tasks"]
    assert [a["strategy"] for a in task["attempts"]] == rungs
    assert [a["candidates"] for a in task["attempts"]] == [1, 1, 1, 1, 2, 1]
    assert all(a["problem"] for a in task["attempts"])
    assert server.counters["identical"] <= 2
    assert tree(world.project) == before
    assert "tried: code, fix, fix, reground, rewrite (best of 2), fix" in world.run("show", "last").out


def test_a_state_that_comes_back_is_noted_and_never_asked_three_times(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """A model that is deaf to every finding: the repeated state is on record, and no question is put a third time."""
    write(world.project, PYTHON.files)
    deaf = "    return gross - rate\n"
    server = serve(
        model(
            Rule(lambda request: in_its_format(request, deaf), role="coder"),
            Rule(lambda request: in_its_format(request, deaf), role="fixer"),
        )
    )

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 4
    assert any(v["repeated"] for v in verdicts(world))
    assert server.counters["identical"] <= 2


def test_a_rewrite_starts_from_the_clean_tree_in_another_format_and_warmer(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """Candidates are asked from the file as it was, in both formats, each warmer and from a seed of its own."""
    write(world.project, PYTHON.files)
    server = serve(model(Rule(counting(), role="coder"), Rule(counting(50), role="fixer")))

    world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    first, *_, one, other = server.bodies("coder")
    assert len({body["temperature"] for body in (first, one, other)}) == 3
    assert first["temperature"] < min(one["temperature"], other["temperature"])
    assert one["seed"] != other["seed"]
    system = {WHOLE in body["messages"][0]["content"] for body in (one, other)}
    assert system == {True, False}
    for body in (one, other):
        prompt = body["messages"][1]["content"]
        assert f"```python\n{PYTHON.files['shop/price.py']}```" in prompt
        assert "attempt 4 (reground" in prompt


def test_executed_tests_choose_among_the_candidates(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Of several answers to a rewrite the one that turns the check green is taken, whichever number it has."""
    write(world.project, PYTHON.files)

    def lucky(request: Request) -> str:
        right = "What the last attempts wrote" in request.text and WHOLE not in request.text
        return PYTHON.block(PYTHON.repair) if right else counting()(request)

    serve(model(Rule(lucky, role="coder"), Rule(counting(50), role="fixer")))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err + done.out
    (judged,) = [e for e in world.events() if e["type"] == "candidates.judged"]
    by_number = {c["number"]: c["findings"] for c in judged["candidates"]}
    assert by_number[judged["chosen"]] == 0
    assert max(by_number.values()) > 0
    assert PYTHON.repair in (world.project / PYTHON.path).read_text()


def test_the_number_of_candidates_is_a_setting(world: World, serve: Callable[[Scenario], Server]) -> None:
    """With `candidates` at 1 a rewrite is one question."""
    write(world.project, PYTHON.files)
    server = serve(model(Rule(counting(), role="coder"), Rule(counting(50), role="fixer")))
    world.env["ORCHESTRATOR_CANDIDATES"] = "1"

    world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert len(server.bodies("coder")) == 3


def test_an_answer_that_cannot_be_used_changes_the_format(world: World, serve: Callable[[Scenario], Server]) -> None:
    """After two answers without a usable block the next attempt asks for whole files, and its fix is verified."""
    write(world.project, PYTHON.files)
    prose = Rule("I would divide by the rate instead.", role="coder")
    repair = Rule(lambda request: in_its_format(request, PYTHON.repair), role="fixer")
    server = serve(model(prose, repair))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err + done.out
    (fix,) = server.bodies("fixer")
    assert WHOLE in fix["messages"][0]["content"]
    assert [a["format"] for a in done.result["tasks"][0]["attempts"]] == ["blocks", "whole"]


CRASH = {
    **PYTHON.files,
    "shop/price.py": 'from shop.rates import rate_of\n\n\ndef net(gross, rate):\n    """Price without tax."""\n'
    "    return gross / rate_of(rate)\n",
    "shop/rates.py": "".join(f"# rate {n}\n" for n in range(400)) + "\n\ndef rate_of(rate):\n    return [rate][1]\n",
}


def test_a_retry_quotes_the_innermost_line_of_the_project(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The fixer sees the failing line of a file that the task did not name, marked, and what was tried."""
    write(world.project, CRASH)
    line = "from shop.rates import rate_of\n"
    add = f"shop/price.py\n```\n<<<<<<< SEARCH\n{line}=======\n{line}RATES = 1\n>>>>>>> REPLACE\n```\n"
    server = serve(model(Rule(add, role="coder"), Rule(counting(50), role="fixer")))

    world.run("auto", REQUEST, "--check", PYTHON.check, "--max-calls", "5", "--json")

    prompt = server.bodies("fixer")[0]["messages"][1]["content"]
    assert "shop/rates.py, line 404\n" in prompt
    assert "> 404 |     return [rate][1]" in prompt
    assert "IndexError: list index out of range" in prompt
    assert "attempt 1 (code, blocks, ladder)" in prompt


def test_escalation_hands_a_stuck_task_to_the_stronger_model(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A task that the first model cannot do is done by the one that is named for it; the attempts say by whom."""
    write(world.project, PYTHON.files)
    weak = model(Rule(counting(), role="coder"), Rule(counting(50), role="fixer"))
    server = serve(weak)
    strong = Scenario("strong", [Rule(lambda request: in_its_format(request, PYTHON.repair), role="coder")])
    server.scenarios["strong"] = strong
    world.env["ORCHESTRATOR_MODEL_ESCALATE"] = "strong"

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err + done.out
    (task,) = done.result["tasks"]
    assert [a["model"] for a in task["attempts"]] == ["strong"]
    assert [e["choice"] for e in world.events() if e["type"] == "decision"] == ["escalate"]
    assert not [b for b in server.bodies("orchestrator") if "is stuck" in b["messages"][1]["content"]]
