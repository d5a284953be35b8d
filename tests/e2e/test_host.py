"""The command as other programs drive it: an order, progress, questions to their user, and an honest result."""

import dataclasses
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from syrupy.assertion import SnapshotAssertion

from nodes.roles import ROLES
from tests.faults.scene import CHECK, SMALL
from tests.host import Hosted, order
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

Serve = Callable[[Scenario], Server]
Order = Callable[..., Hosted]


ACCEPTANCE = "python3 -S -m unittest tests.test_shop.Euros.test_euros tests.test_shop.Net.test_net"
"""The failing tests of the check, as they judge the task."""


@pytest.fixture
def shop(world: World, serve: Serve) -> Server:
    """A shop with two defects, and a model that repairs them."""
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    return serve(SMALL.scenario())


@pytest.fixture
def ordered(world: World) -> Iterator[Callable[..., Hosted]]:
    """Start orders; whatever of them is left is ended."""
    with ExitStack() as stack:
        yield lambda *words, **fields: stack.enter_context(order(world, *words, **fields))


@pytest.fixture
def started(ordered: Order, shop: Server) -> Order:
    """Order the task with the model of the host."""
    return lambda text=SMALL.request, **fields: ordered("auto", text, model="shop", base_url=shop.base_url, **fields)


def test_a_task_is_done_verified_and_told(world: World, started: Order, snapshot: SnapshotAssertion) -> None:
    """The host asks its user before each command and before the edit, and shows plan and team meanwhile."""
    hosted = started()
    result = hosted.result()

    questions = [(message["action"], message["targets"]) for message in hosted.of("ask")]
    assert result["exit"] == 0 and result["title"] == "verified", result["text"]
    assert questions == [("execute", [CHECK]), ("execute", [ACCEPTANCE]), ("edit", ["money.py", "price.py"])]
    assert "+    return gross / rate" in hosted.of("ask")[-1]["detail"]
    pictures = [message["text"] for message in hosted.of("progress")]
    assert all(name in pictures[-1] for name in ROLES) and any(
        f"**{name}**" in text for text in pictures for name in ROLES
    )
    assert [message["text"] for message in hosted.of("notice")] == snapshot
    report = world.runs()[-1] / "report.html"
    assert str(report) in result["text"] and "gross / rate" in report.read_text()


@pytest.mark.parametrize(("action", "outcome", "code"), [("execute", "unverified", 6), ("edit", "verified", 0)])
def test_what_is_not_allowed_is_not_done_and_said(
    world: World, started: Order, action: str, outcome: str, code: int
) -> None:
    """Without the command nothing is verified; without the edit the verified change waits to be applied."""
    before = tree(world.project)
    hosted = started()
    result = hosted.result(lambda question: question["action"] != action)

    assert (result["title"], result["exit"]) == (outcome, code)
    assert "you did not allow" in result["text"] and "Blocked" in result["text"]
    assert tree(world.project) == before
    assert len(hosted.of("ask")) == (1 if action == "execute" else 3)


def test_a_task_whose_own_check_is_not_allowed_is_not_verified(world: World, started: Order) -> None:
    """The project's check alone says what was red; without the task's nothing is written anywhere."""
    before = tree(world.project)

    result = started().result(lambda question: question["targets"] != [ACCEPTANCE])

    assert (result["title"], result["exit"]) == ("unverified", 6) and "you did not allow" in result["text"]
    assert tree(world.project) == before


def test_a_check_has_a_network_where_the_user_gives_it_one(world: World, serve: Serve, ordered: Order) -> None:
    """By pattern, in the user's own file; the question says so, and any other check has none."""
    SMALL.write(world.project)
    server = serve(SMALL.scenario())
    reach = f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {server.port}), 3)\""
    (world.project / "orchestrator.jsonc").write_text(json.dumps({"checks": [f"{reach}  # a", f"{reach}  # b", CHECK]}))
    world.env["ORCHESTRATOR_NETWORK"] = json.dumps(["*# a"])

    hosted = ordered("auto", SMALL.request, model="shop", base_url=server.base_url)
    hosted.result()

    details = {message["targets"][0][-1]: message["detail"] for message in hosted.of("ask")}
    assert details["a"] == "It may use the network." and details["b"] == ""
    seen = {e["command"][-1]: e["passed"] for e in world.events() if e["type"] == "baseline.checked"}
    assert seen["a"] and not seen["b"]


def test_a_change_that_was_not_allowed_can_be_applied_later(world: World, started: Order) -> None:
    """The work is not lost."""
    result = started().result(lambda question: question["action"] != "edit")

    assert "orchestrator apply" in result["text"]
    assert world.run("apply", "last").code == 0
    assert "gross / rate" in (world.project / "price.py").read_text()


def test_a_false_done_of_the_model_is_no_success(world: World, serve: Serve, ordered: Order) -> None:
    """A model that only says that it is done gets an honest end."""
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "budget": {{"calls": 12}}}}')
    boasts = [Rule("Done. All tests pass.", role=role) for role in ("coder", "fixer", "reviewer", "searcher")]
    server = serve(dataclasses.replace(SMALL, rules=(*boasts, *SMALL.rules)).scenario())
    before = tree(world.project)

    result = ordered("auto", SMALL.request, model="shop", base_url=server.base_url).result()

    assert result["exit"] in (3, 4) and result["title"] in ("budget", "stuck")
    assert tree(world.project) == before


def test_a_host_that_dies_leaves_no_process(world: World, started: Order) -> None:
    """The end of input ends the run at once, and it can go on later."""
    hosted = started(events=True)
    hosted.read(lambda message: message["type"] == "ask")
    start = time.monotonic()

    hosted.hang_up()

    assert hosted.process.wait(10) == 130 and time.monotonic() - start < 2
    assert processes_in(hosted.process.pid) == []
    assert world.run("resume", "last", "--json").result["outcome"] == "verified"


def test_a_host_may_hang_up_once_it_has_the_result(ordered: Order) -> None:
    """The exit code is that of the result all the same."""
    hosted = ordered("runs")
    hosted.read(lambda message: message["type"] == "result")

    hosted.hang_up()

    assert hosted.process.wait(10) == 0


def test_a_plan_is_carried_out_by_an_empty_task(world: World, shop: Server, ordered: Order, started: Order) -> None:
    """The plan of this folder that waits, with the model that the host lends now."""
    planned = ordered("plan", SMALL.request, model="shop", base_url="http://127.0.0.1:9/v1")
    assert planned.result()["exit"] == 5  # a bridge that has gone

    assert ordered("plan", SMALL.request, model="shop", base_url=shop.base_url).result()["title"] == "planned"
    assert started(text="  ").result()["title"] == "verified"


def test_undo_asks_before_it_edits(world: World, ordered: Order, started: Order) -> None:
    """Denied, the change stays; allowed, every byte is as before."""
    before = tree(world.project)
    started().result()
    after = tree(world.project)

    denied = ordered("undo").result(lambda question: False)
    assert denied["exit"] == 6 and tree(world.project) == after
    assert ordered("undo").result()["exit"] == 0
    assert tree(world.project) == before
    assert "No run has applied anything here" in ordered("undo").result()["text"]


def test_cancel_ends_the_run_of_this_folder(ordered: Order, started: Order) -> None:
    """From another process, as from another session."""
    hosted = started()
    hosted.read(lambda message: message["type"] == "ask")

    assert "Interrupted" in ordered("cancel").result()["text"]
    assert hosted.process.wait(10) == 130


@pytest.mark.parametrize("command", ["agents", "runs"])
def test_what_only_looks_asks_nothing(shop: Server, ordered: Order, command: str) -> None:
    """The team and the runs are a block of text."""
    hosted = ordered(command, model="shop", base_url=shop.base_url)
    result = hosted.result()

    assert result["exit"] == 0 and result["text"].startswith("```text\n") and not hosted.of("ask")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"v": 2, "command": "auto"}, "Update both"),
        ({"v": 1, "command": "dance"}, "There is no command 'dance'"),
        ({"v": 1, "command": "auto", "text": 7}, '"text" of the order must be a text'),
        ({"v": 1, "command": "auto", "text": " ", "root": "."}, "No run is a plan that waits here"),
        ({"v": 1, "command": "fix", "text": ""}, "The request is empty"),
        ([], "no order"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused_in_one_sentence(
    ordered: Order, line: object, said: str
) -> None:
    """As a result like any other, with the exit code for a wrong use."""
    hosted = ordered(line)
    result = hosted.result()

    assert hosted.process.returncode == result["exit"] == 2 and said in result["text"]
    assert hosted.told == [result]


def processes_in(group: int) -> list[str]:
    """The processes of a process group that are alive."""
    said = subprocess.run(["ps", "-o", "pid=,stat=", "-g", str(group)], capture_output=True, text=True).stdout
    return [line for line in said.splitlines() if " Z" not in line and line.split()[0] != str(os.getpid())]
