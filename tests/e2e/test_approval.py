"""Approval: nothing is worked on, or applied, before a person has seen it and said so."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.faults.scene import CHECK, PROJECT, SMALL
from tests.host import order
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World, hear_signals

Serve = Callable[[Scenario], Server]


@pytest.fixture
def shop(world: World, serve: Serve) -> Server:
    """A shop with two defects, and a model that repairs them."""
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    return serve(SMALL.scenario())


def test_a_plan_waits_for_its_approval(world: World, shop: Server) -> None:
    """Nobody is there: the run ends at once, says what it waits for, and goes on with the answer."""
    before = tree(world.project)
    waiting = world.run("auto", SMALL.request, "--approve-plan", "--json")
    assert waiting.code == 4 and waiting.result["reason"] == "it waits for an answer: Carry out this plan?"
    assert "coder" not in {entry["role"] for entry in shop.requests} and tree(world.project) == before
    assert "orchestrator resume" in waiting.err and "--answer yes" in waiting.err

    done = world.run("resume", "last", "--answer", "yes", "--json")
    assert done.code == 0 and done.result["applied"] and done.result["outcome"] == "verified"
    assert shop.counters["identical"] == 1


def test_a_plan_that_is_refused_ends_the_run(world: World, shop: Server) -> None:
    """Nothing is done, and the record says who said so."""
    world.run("auto", SMALL.request, "--approve-plan")
    refused = world.run("resume", "last", "--answer", "No.", "--json")
    assert refused.code == 4 and refused.result["reason"] == "you did not approve the plan"
    (said,) = [event for event in world.events() if event["type"] == "approval"]
    assert (said["about"], said["approved"], said["text"]) == ("plan", False, "")
    assert "coder" not in {entry["role"] for entry in shop.requests}


def test_words_make_another_plan(world: World, serve: Serve) -> None:
    """The planner is told what the person wants different, and the new plan is shown again."""
    PROJECT.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    server = serve(PROJECT.scenario())
    world.run("auto", PROJECT.request, "--approve-plan")

    again = world.run("resume", "last", "--answer", "Begin with the prices", "--json")

    assert again.result["reason"] == "it waits for an answer: Carry out this plan?"
    asked = [body["messages"][-1]["content"] for body in server.bodies("planner")]
    assert len(asked) == 2 and "Begin with the prices" in asked[1] and "Begin" not in asked[0]
    assert world.run("resume", "last", "--answer", "yes").code == 0


def test_a_change_waits_for_its_approval(world: World, shop: Server) -> None:
    """It is verified, and called so; the files are as they were until the person agrees."""
    before = tree(world.project)
    waiting = world.run("auto", SMALL.request, "--approve-apply", "--json")
    assert waiting.code == 0 and waiting.result["outcome"] == "verified" and not waiting.result["applied"]
    assert waiting.result["files"] == ["money.py", "price.py"] and tree(world.project) == before

    calls = shop.counters["calls"]
    done = world.run("resume", "last", "--answer", "yes", "--json")
    assert done.code == 0 and done.result["applied"] and shop.counters["calls"] == calls
    assert "gross / rate" in (world.project / "price.py").read_text()
    assert world.run("undo", "last").code == 0 and tree(world.project) == before


def test_a_change_that_is_refused_stays_in_the_run(world: World, shop: Server) -> None:
    """It can still be looked at and applied by hand."""
    world.run("auto", SMALL.request, "--approve-apply")
    refused = world.run("resume", "last", "--answer", "no", "--json")
    assert refused.code == 0 and not refused.result["applied"]
    assert refused.result["reason"].endswith("not applied, because you did not approve it")
    assert world.run("apply", "last").code == 0 and "gross / rate" in (world.project / "price.py").read_text()


def test_a_change_that_was_applied_by_hand_meanwhile_is_not_applied_twice(world: World, shop: Server) -> None:
    """Whoever applies the waiting change has answered."""
    world.run("auto", SMALL.request, "--approve-apply")
    assert world.run("apply", "last").code == 0
    after = tree(world.project)
    world.run("resume", "last", "--answer", "yes")
    assert tree(world.project) == after


def test_an_answer_without_a_question_is_refused(world: World, shop: Server) -> None:
    """With one sentence."""
    assert world.run("plan", SMALL.request).code == 0
    wrong = world.run("resume", "last", "--answer", "yes")
    assert wrong.code == 2 and "has asked nothing" in wrong.err


def test_a_person_at_the_terminal_sees_the_change_before_they_agree(world: World, shop: Server) -> None:
    """The plan by name, the patch on `d`, then yes: all in one sitting."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "orchestrator", "auto", SMALL.request, "--approve-plan", "--approve-apply"]
    process = subprocess.Popen(
        command,
        cwd=world.project,
        env=world.environment() | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=hear_signals,
    )
    os.close(theirs)
    screen, answers = (
        "",
        [("Carry out this plan?", "yes"), ("Bring this change", "d"), ("+    return gross / rate", "y")],
    )
    try:
        while True:
            screen += os.read(ours, 65536).decode(errors="replace")
            if answers and answers[0][0] in screen:
                os.write(ours, f"{answers.pop(0)[1]}\n".encode())
    except OSError:
        pass  # the other side has gone
    finally:
        os.close(ours)
    assert process.wait(60) == 0 and not answers, screen[-2000:]
    assert "gross / rate" in (world.project / "price.py").read_text()


def test_a_host_asks_its_user_for_plan_and_change(world: World, shop: Server) -> None:
    """As questions of their own kinds; what was approved is not asked again as an edit."""
    world.env |= {"ORCHESTRATOR_APPROVE_PLAN": "true", "ORCHESTRATOR_APPROVE_APPLY": "true"}
    with order(world, "auto", SMALL.request, model="shop", base_url=shop.base_url) as hosted:
        assert hosted.result()["title"] == "verified"
    asked = [message["action"] for message in hosted.of("ask")]
    assert asked == ["execute", "plan", "execute", "apply"]
    assert "gross / rate" in hosted.of("ask")[-1]["detail"]


def test_what_a_host_does_not_approve_waits_for_an_answer_in_words(world: World, shop: Server) -> None:
    """The command `answer` goes on with the run of the folder that waits."""
    world.env["ORCHESTRATOR_APPROVE_PLAN"] = "true"
    model = {"model": "shop", "base_url": shop.base_url}
    with order(world, "auto", SMALL.request, **model) as hosted:
        result = hosted.result(lambda question: question["action"] != "plan")
    assert result["exit"] == 4 and "/answer-auto" in result["text"]
    with order(world, "answer", "yes", **model) as hosted:
        assert hosted.result()["title"] == "verified"
    with order(world, "answer", "yes", **model) as hosted:
        assert "No run waits for an answer here" in hosted.result()["text"]


def test_a_host_whose_user_answers_later_is_asked_what_only_a_person_knows(world: World, serve: Serve) -> None:
    """A stuck task ends with the question; its answer becomes part of a new plan."""
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    ask = json.dumps({"choice": "ask", "reason": "unclear", "question": "Divide or subtract?"})
    stop = json.dumps({"choice": "stop", "reason": "no"})
    right = SMALL.scenario()
    stuck = [Rule("nothing", role=role) for role in ("coder", "fixer")]
    decide = [
        Rule(ask, role="orchestrator", when=contains("is stuck"), times=1),
        Rule(stop, role="orchestrator", when=contains("is stuck")),
    ]
    server = serve(Scenario(right.name, [*decide, *stuck, *right.rules]))
    model = {"model": right.name, "base_url": server.base_url, "attended": True}
    with order(world, "auto", SMALL.request, **model) as hosted:
        assert "Divide or subtract?" in hosted.result()["text"]
    with order(world, "answer", "Divide.", **model) as hosted:
        hosted.result()
    assert "answered: Divide." in server.bodies("planner")[0]["messages"][-1]["content"]
