"""A stuck task: the orchestrator splits it, plans anew, or stops honestly."""

import json
from collections.abc import Callable

from tests.e2e.conftest import write
from tests.e2e.small import ACCEPT, PYTHON, REQUEST, small
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

WRONG = PYTHON.block("    return gross - rate\n")
DIVIDE = "In shop/price.py, net divides gross by rate."
REFUSE = "In shop/price.py, net raises ValueError for a rate of zero."
SPLIT = {
    "choice": "split",
    "reason": "two things at once",
    "parts": [
        {"title": "Divide", "goal": DIVIDE, "files": ["shop/price.py"]},
        {"title": "Refuse zero", "goal": REFUSE, "files": ["shop/price.py"]},
    ],
}
TEST = (
    "tests/test_x.py\n```python\nimport pytest\n\nfrom shop.price import net\n\n\ndef test_zero():\n"
    "    with pytest.raises(ValueError):\n        net(1, 0)\n```\n"
)
REPAIR = PYTHON.block(PYTHON.repair)
GUARD = REPAIR.replace(PYTHON.fault, PYTHON.repair, 1).replace(
    f"=======\n{PYTHON.repair}",
    f'=======\n    if not rate:\n        raise ValueError("a rate of zero")\n{PYTHON.repair}',
)


def stubborn(decision: dict[str, object], *more: Rule) -> Scenario:
    """A model that is always wrong about the whole task, decides as given, and is right about its parts."""
    return Scenario(
        "stubborn",
        [
            Rule(json.dumps(decision), role="orchestrator", when=contains("is stuck")),
            Rule(small(PYTHON.path), role="orchestrator"),
            Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
            *more,
            Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
            Rule(TEST, role="reviewer"),
            Rule(WRONG, role="coder"),
            Rule(WRONG, role="fixer"),
        ],
    )


def test_a_stuck_task_is_split_and_its_parts_are_verified(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The parts take the task's place, one after the other; each has evidence of its own."""
    write(world.project, PYTHON.files)
    serve(
        stubborn(
            SPLIT,
            Rule(REPAIR, role="coder", when=contains(DIVIDE)),
            Rule(GUARD, role="coder", when=contains(REFUSE)),
        )
    )

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert [(t["id"], t["outcome"]) for t in done.result["tasks"]] == [("t1-1", "verified"), ("t1-2", "verified")]
    assert all([e["passed"] for e in t["evidence"]] == [False, True] for t in done.result["tasks"])
    strategies = [e["strategy"] for e in world.events() if e["type"] == "verdict" and e["lane"] == "t1"]
    assert strategies[0] == "code"
    assert set(strategies) <= {"code", "fix", "reground", "rewrite"}


def test_a_task_that_nothing_helps_ends_as_stuck(world: World, serve: Callable[[Scenario], Server]) -> None:
    """When the orchestrator stops, the exit code says so, the folder is what it was, and the decision is told once."""
    write(world.project, PYTHON.files)
    server = serve(stubborn({"choice": "stop", "reason": "it cannot be done"}))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert (done.code, done.result["outcome"]) == (4, "stuck")
    assert tree(world.project) == before
    assert server.counters["identical"] <= 2
    events = (world.runs()[0] / "events.jsonl").read_text()
    assert events.count('"type":"decision"') == events.count("it cannot be done") == 1


def plan_of(id: str, goal: str) -> str:
    """A plan with one task."""
    task = {"id": id, "title": "Repair the net price", "goal": goal, "files": [PYTHON.path], "depends_on": []}
    return json.dumps({"tasks": [{**task, "covers": ["R1"], "tests": ["tests/test_price.py::test_net"]}]})


def test_a_plan_that_leads_nowhere_is_made_anew(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The planner is told what was stuck; the task of its second plan is verified."""
    write(world.project, PYTHON.files)
    server = serve(
        Scenario(
            "replanned",
            [
                Rule('{"choice": "replan", "reason": "wrong idea"}', role="orchestrator", when=contains("is stuck")),
                Rule('{"kind": "project", "title": "Repair the net price"}', role="orchestrator"),
                Rule(plan_of("again", DIVIDE), role="planner", when=contains("An earlier plan did not work")),
                Rule(plan_of("first", "net subtracts the rate from gross"), role="planner"),
                Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
                Rule(ACCEPT, role="reviewer"),
                Rule(REPAIR, role="coder", when=contains(DIVIDE)),
                Rule(WRONG, role="coder"),
                Rule(WRONG, role="fixer"),
            ],
        )
    )

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert [(t["id"], t["outcome"]) for t in done.result["tasks"]] == [("again", "verified")]
    assert "wrong idea" in server.bodies("planner")[-1]["messages"][-1]["content"]


def gross_test(*values: str) -> str:
    """A test file of the reviewer's for the price with tax."""
    asserted = "".join(f"    assert gross({value}\n" for value in values)
    return f"tests/x.py\n```python\nfrom shop.price import gross\n\n\ndef test_gross():\n{asserted}```\n"


def test_a_test_that_a_new_plan_leaves_behind_still_has_a_say(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """A thinner test under a second plan accepts what the first one's refuses: the goal is judged two ways, so no
    success is claimed.
    """
    write(world.project, {PYTHON.path: PYTHON.files[PYTHON.path], "tests/test_it.py": "def test_it():\n    pass\n"})
    sums = PYTHON.block(f"{PYTHON.fault}\n\ndef gross(net, rate):\n    return net + rate\n")
    goals = ("Add gross(net, rate) to shop/price.py.", "Write gross(net, rate) into shop/price.py.")
    first, second = (plan_of("it", goal).replace('"tests/test_price.py::test_net"', "") for goal in goals)
    serve(
        Scenario(
            "shopping",
            [
                Rule('{"choice": "replan", "reason": "wrong idea"}', role="orchestrator", when=contains("is stuck")),
                Rule('{"kind": "project", "title": "The price with tax"}', role="orchestrator"),
                Rule(second, role="planner", when=contains("An earlier plan did not work")),
                Rule(first, role="planner"),
                Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
                Rule("THE TEST STANDS.", role="reviewer", when=contains("You wrote this test")),
                Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
                Rule(gross_test("2, 2) == 4"), role="reviewer", when=contains(goals[1])),
                Rule(gross_test("2, 2) == 4", "100, 1.2) == 120"), role="reviewer"),
                Rule(sums, role="coder"),
                Rule("There is nothing to change.", role="fixer"),
            ],
        )
    )

    done = world.run("auto", "Add the price with tax.", "--json")

    assert (done.code, done.result["outcome"]) == (6, "unverified"), done.err + done.out
    assert "an earlier plan" in done.result["reason"]
