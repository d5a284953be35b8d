"""The judge's own files: tests that a request changes on purpose, tests that are delivered, and what may not change."""

import json
from collections.abc import Callable

import pytest

from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.e2e.small import ACCEPT, PYTHON, REQUEST, scenario, small
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

ROUND = "net() is to be rounded down to whole units."
SHOP = {
    **PYTHON.files,
    "shop/price.py": 'def net(gross, rate):\n    """Price without tax."""\n    return gross / rate\n',
    "tests/test_price.py": "from shop.price import net\n\n\ndef test_net():\n    assert net(121, 2) == 60.5\n",
}
CLASSIFIED = {
    "kind": "small",
    "title": "Round the net price down",
    "files": ["shop/price.py"],
    "may_edit_tests": ["tests/test_price.py"],
    "may_edit_reason": "the old test expects a fraction",
}
NEW_TEST = ledger.file(
    "tests/x.py", "from shop.price import net\n\n\ndef test_rounds_down():\n    assert net(121, 2) == 60\n"
)
CODE = ledger.block("shop/price.py", "    return gross / rate\n", "    return gross // rate\n")
TEST_TOO = CODE + ledger.block(
    "tests/test_price.py", "    assert net(121, 2) == 60.5\n", "    assert net(121, 2) == 60\n"
)


def rounding(agrees: bool) -> Scenario:
    """A model that changes the old test with the code, and a reviewer that agrees to it or not."""
    consent = json.dumps({"agree": agrees, "reason": "the request asks for it" if agrees else "it does not"})
    return Scenario(
        "rounding",
        [
            Rule(json.dumps({"choice": "stop", "reason": "no"}), role="orchestrator", when=contains("is stuck")),
            Rule(json.dumps(CLASSIFIED), role="orchestrator"),
            Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
            Rule(consent, role="reviewer", when=contains("was allowed to change existing tests")),
            Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
            Rule(NEW_TEST, role="reviewer"),
            Rule(TEST_TOO, role="coder"),
            Rule(CODE, role="fixer"),
        ],
    )


def test_a_test_that_the_request_contradicts_may_change(world: World, serve: Callable[[Scenario], Server]) -> None:
    """With a reason and the reviewer's consent the old test changes; the result lists what it no longer asserts."""
    write(world.project, SHOP)
    serve(rounding(agrees=True))

    done = world.run("auto", ROUND, "--json")

    assert done.code == 0, done.err
    (task,) = done.result["tasks"]
    assert task["tests_changed"] == {
        "files": ["tests/test_price.py"],
        "reason": "the old test expects a fraction",
        "removed": ["tests/test_price.py: assert net(121, 2) == 60.5"],
    }
    assert "== 60\n" in (world.project / "tests/test_price.py").read_text()
    (planned,) = [e for e in world.events() if e["type"] == "plan.made"]
    assert planned["tasks"][0]["may_edit_reason"] == "the old test expects a fraction"
    assert "existing tests were changed: tests/test_price.py" in world.run("show", "last").out


def test_without_consent_a_test_stays_as_it_was(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A reviewer that does not agree sends the attempt back, whatever the plan allowed."""
    write(world.project, SHOP)
    before = tree(world.project)
    serve(rounding(agrees=False))

    done = world.run("auto", ROUND, "--json")

    assert done.code == 4
    assert tree(world.project) == before
    refused = [f for e in world.events() if e["type"] == "verdict" for f in e["findings"]]
    assert any("does not agree that this test may change" in f for f in refused)


def test_the_reviewers_tests_are_delivered_beside_the_others(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A project with tests gets those that judged the work, called after what they are about."""
    write(world.project, ledger.FILES)
    serve(ledger.scenario())

    done = world.run("auto", ledger.REQUEST, "--json")

    assert done.code == 0, done.err
    delivered = sorted(path for path in done.result["files"] if path.startswith("tests/"))
    assert delivered == [f"tests/test_{name}.py" for name in ("monthly", "split", "summary", "transfer")]


def test_a_project_without_tests_gets_none(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Where there is no place for a test it judges, is kept in the run, and is not delivered."""
    write(world.project, {"shop.py": "def net(gross, rate):\n    return gross\n"})
    answer = "shop.py\n```\n<<<<<<< SEARCH\n    return gross\n=======\n    return gross / rate\n>>>>>>> REPLACE\n```\n"
    test = "x.py\n```python\nfrom shop import net\n\n\ndef test_net():\n    assert net(120, 1.2) == 100\n```\n"
    serve(
        Scenario(
            "untested",
            [
                Rule('{"kind": "small", "title": "Divide by the rate", "files": ["shop.py"]}', role="orchestrator"),
                Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
                Rule(test, role="reviewer"),
                Rule(answer, role="coder"),
            ],
        )
    )

    done = world.run("auto", "net() is to divide by the rate.", "--json")

    assert (done.code, done.result["files"]) == (0, ["shop.py"]), done.err
    assert not (world.project / "tests").exists()
    (left_out,) = [e for e in world.events() if e["type"] == "tests.left_out"]
    assert left_out["files"] == ["tests/test_divide_by_the_rate.py"]


def test_a_weakened_configuration_is_refused(world: World, serve: Callable[[Scenario], Server]) -> None:
    """An edit of pyproject.toml that takes the failing test out of the run is refused like an edited test."""
    write(world.project, PYTHON.files)
    before = tree(world.project)
    ignore = (
        'pyproject.toml\n```\n<<<<<<< SEARCH\npythonpath = ["."]\n=======\npythonpath = ["."]\n'
        'addopts = "--deselect tests/test_price.py::test_net"\n>>>>>>> REPLACE\n```\n'
    )
    serve(scenario(PYTHON, ignore))

    done = world.run("auto", "The net price is wrong: repair it.", "--check", PYTHON.check, "--json")

    assert done.code == 4
    assert tree(world.project) == before
    refused = [f["message"] for e in world.events() if e["type"] == "edit.refused" for f in e["findings"]]
    assert any("what it says about running tests is protected" in message for message in refused)


@pytest.mark.parametrize(("given", "readings"), [(True, 0), (False, 1)])
def test_the_reading_of_green_changes_is_a_setting(
    world: World, serve: Callable[[Scenario], Server], given: bool, readings: int
) -> None:
    """With `review` off a change that its checks accept is not read; one that no check judges is read all the same."""
    write(world.project, PYTHON.files if given else {PYTHON.path: PYTHON.files[PYTHON.path]})
    untestable = Rule("NOT TESTABLE: no way", role="reviewer", when=contains("Write the test file"))
    model = scenario(PYTHON, PYTHON.block(PYTHON.repair))
    server = serve(Scenario("m", [untestable, *model.rules]))
    world.env["ORCHESTRATOR_REVIEW"] = "false"

    done = world.run("auto", REQUEST, *(["--check", PYTHON.check] if given else []), "--json")

    assert done.code == (0 if given else 6), done.err + done.out
    assert len([body for body in server.bodies("reviewer") if "Checks that passed" in str(body)]) == readings


TWO_THINGS = "Two things for the prices:\n- net() is wrong: repair it.\n- Add gross(net, rate), the price with tax."
BOTH = PYTHON.repair + '\n\ndef gross(net, rate):\n    """Price with tax."""\n    return net * rate\n'
GROSS_TEST = ledger.file(
    "tests/x.py", "from shop.price import gross\n\n\ndef test_gross():\n    assert gross(100, 1.2) == 120\n"
)


@pytest.mark.parametrize(("work", "code"), [(PYTHON.repair, 4), (BOTH, 0)], ids=["half", "all"])
def test_a_test_of_one_thing_does_not_vouch_for_the_others(
    world: World, serve: Callable[[Scenario], Server], work: str, code: int
) -> None:
    """A request that lists two things, taken as one task: its failing test and one of the reviewer's must both pass."""
    write(world.project, PYTHON.files)
    serve(
        Scenario(
            "two",
            [
                Rule(json.dumps({"choice": "stop", "reason": "no"}), role="orchestrator", when=contains("is stuck")),
                Rule(small(PYTHON.path, ["tests/test_price.py::test_net"]), role="orchestrator"),
                Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
                Rule(GROSS_TEST, role="reviewer", when=contains("Write the test file")),
                Rule("THE TEST STANDS.", role="reviewer", when=contains("You wrote this test")),
                Rule(ACCEPT, role="reviewer"),
                Rule(PYTHON.block(work), role="coder"),
                Rule("There is nothing to change.", role="fixer"),
            ],
        )
    )
    before = tree(world.project)

    done = world.run("auto", TWO_THINGS, "--json")

    assert done.code == code, done.err + done.out
    commands = {each["command"] for each in done.result["tasks"][0]["evidence"]}
    assert len(commands) == 2
    assert (tree(world.project) == before) == (code != 0)


OBJECTION = json.dumps({"accept": False, "findings": [{"file": PYTHON.path, "line": 3, "problem": "It divides by 0."}]})
WORSE = ledger.block(PYTHON.path, PYTHON.repair, "    return gross - rate\n")
NET_TEST = ledger.file(
    "tests/x.py", "from shop.price import net\n\n\ndef test_net():\n    assert net(120, 1.2) == 100\n"
)


def objecting(fix: str, later: str) -> Scenario:
    """A model that does the work at once, and reviews it with an objection; then come these fixes and this code."""
    return Scenario(
        "objecting",
        [
            Rule(json.dumps({"choice": "stop", "reason": "no"}), role="orchestrator", when=contains("is stuck")),
            Rule(small(PYTHON.path), role="orchestrator"),
            Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
            Rule("THE TEST STANDS.", role="reviewer", when=contains("You wrote this test")),
            Rule(OBJECTION, role="reviewer", when=contains("Checks that passed")),
            Rule(NET_TEST, role="reviewer"),
            Rule(PYTHON.block(PYTHON.repair), role="coder", nth=1),
            Rule(later, role="coder"),
            Rule(fix, role="fixer"),
        ],
    )


def test_a_green_change_stands_where_the_fixer_finds_nothing_to_change(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """The reviewer sends a right change back, the fixer answers without an edit: what its checks accept is verified."""
    write(world.project, PYTHON.files)
    server = serve(objecting("It is right as it is.", WORSE))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err + done.out
    assert PYTHON.repair in (world.project / PYTHON.path).read_text()
    assert len(server.bodies("coder")) == 1 and len(server.bodies("fixer")) <= 2
    assert any("objection" in e.get("text", "") for e in world.events() if e["type"] == "warning")


@pytest.mark.parametrize("given", [True, False], ids=["by the user's test", "by the reviewer's own"])
def test_a_green_change_stands_where_nothing_better_comes_of_an_objection(
    world: World, serve: Callable[[Scenario], Server], given: bool
) -> None:
    """Every later attempt fails: the change is delivered; a test that its own author finds wanting verifies nothing."""
    write(world.project, PYTHON.files if given else {PYTHON.path: PYTHON.files[PYTHON.path]})
    serve(objecting(WORSE, PYTHON.block("    return gross - rate\n")))

    done = world.run("auto", REQUEST, *(["--check", PYTHON.check] if given else []), "--json")

    assert done.code == (0 if given else 6), done.err + done.out
    assert PYTHON.repair in (world.project / PYTHON.path).read_text()
