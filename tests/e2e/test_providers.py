"""Whole runs against endpoints that fail: the exit code follows the verdict, and what is to be changed is named."""

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver import FaultRule, Request, Rule, Scenario, Server, contains
from tests.tree import tree
from tests.world import World

RIGHT = PYTHON.block(PYTHON.repair)
QUICK = {"retry": {"base": 0.01, "cap": 0.05, "tries": 4, "window": 5.0}, "answer_timeout": 5.0, "idle_timeout": 0.5}

Serve = Callable[[Scenario], Server]


def faulty(*faults: FaultRule, name: str = "small", **options: Any) -> Scenario:
    """The model that repairs the project, under faults."""
    right = scenario(PYTHON, RIGHT, name=name)
    return Scenario(name, right.rules, faults=faults, **options)


def configured(world: World, **settings: Any) -> None:
    """The project, and the user's own configuration."""
    write(world.project, PYTHON.files)
    file = world.folder / "config" / "opencode-orchestrator" / "orchestrator.jsonc"
    file.parent.mkdir(parents=True)
    settings["model"] = {**QUICK, **settings.get("model", {})}
    file.write_text(json.dumps(settings))


def everything_written(folder: Path) -> str:
    """All that a run has left in its state directory."""
    return "".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "fault",
    [
        FaultRule("e503", role="coder"),
        FaultRule("html", role="coder"),
        FaultRule("truncedit", role="coder"),
        FaultRule("stall", role="coder"),
        FaultRule("sse_error", role="coder"),
        FaultRule("length", role="coder"),
        FaultRule("empty", role="orchestrator"),
        FaultRule("e400_ctx", role="coder", options={"limit": 500}, times=None),
        FaultRule("e500_toolparse", role="orchestrator"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.role}",
)
def test_a_fault_on_the_way_does_not_change_the_verdict(world: World, serve: Serve, fault: FaultRule) -> None:
    """One fault in one agent's way: the bug is repaired and verified, with one request more at most."""
    configured(world)
    server = serve(faulty(fault))
    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    assert (done.code, done.result["outcome"]) == (0, "verified"), done.err
    clean = len({json.dumps(body["messages"], sort_keys=True) for body in server.bodies()})
    assert done.result["usage"]["calls"] == len(server.bodies()) <= clean + 1
    assert "key-for-tests" not in everything_written(world.home) + done.out + done.err


@pytest.mark.parametrize(
    ("kind", "names"), [("e401", "OPENAI_API_KEY"), ("e404_model", "--model"), ("redirect", "--base-url")]
)
def test_an_endpoint_that_refuses_ends_the_run_with_the_fix(world: World, serve: Serve, kind: str, names: str) -> None:
    """Exit 5 after one request, the setting to change in the message, the folder as it was."""
    configured(world)
    server = serve(faulty(FaultRule(kind, times=None)))
    before = tree(world.project)
    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    assert (done.code, done.result["outcome"]) == (5, "provider")
    assert names in done.out + done.err and len(server.bodies()) == 1
    assert tree(world.project) == before
    assert "key-for-tests" not in everything_written(world.home) + done.out + done.err


def test_another_model_takes_over_in_the_middle_of_a_run(world: World, serve: Serve) -> None:
    """The coder's own model is gone: its fallback writes the code, and the events say who did."""
    configured(world, agents={"coder": {"model": "gone", "fallbacks": ["small"]}})
    server = serve(faulty())
    server.scenarios["gone"] = Scenario("gone", [Rule("-")], faults=[FaultRule("e404_model", times=None)])
    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    assert done.code == 0, done.err
    (event,) = [event for event in world.events() if event["type"] == "model.fallback"]
    assert (event["agent"], event["model"], event["to"]) == ("coder", "gone", "small")
    assert [body["model"] for body in server.bodies("coder")] == ["gone", "small"]


def test_a_shrunk_prompt_is_in_the_events(world: World, serve: Serve) -> None:
    """What a prompt lacked can be read afterwards."""
    configured(world)
    more = "".join(f"\n\ndef net_{rate}(gross):\n    return net(gross, {rate})\n" for rate in range(60))
    write(world.project, {"shop/price.py": PYTHON.files["shop/price.py"] + more})
    server = serve(faulty(FaultRule("e400_ctx", role="coder")))
    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    assert done.code == 0, done.err
    (event,) = [event for event in world.events() if event["type"] == "prompt.shrunk"]
    told = re.findall(r"\[… (\d+) characters left out\]", server.bodies("coder")[-1]["messages"][1]["content"])
    assert sum(map(int, told)) == event["left_out"] > 0


def test_money_is_kept_to(world: World, serve: Serve) -> None:
    """A limit in money ends the run before the call that would pass it: exit 3, and no request beyond."""
    configured(world, prices={"small": {"prompt": 1000.0, "completion": 1000.0}}, budget={"cost": 0.6})
    server = serve(faulty())
    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    assert (done.code, done.result["outcome"]) == (3, "budget")
    assert done.result["usage"]["cost"] > 0 and len(server.bodies()) < 3


def test_a_price_that_is_missing_is_asked_for_before_anything_is_sent(world: World, serve: Serve) -> None:
    """A limit in money without a price cannot be kept: nothing is started."""
    configured(world, budget={"cost": 1.0})
    server = serve(faulty())
    done = world.run("auto", REQUEST, "--check", PYTHON.check)
    assert done.code == 2 and "prices.small" in done.out and not server.bodies()


def test_earlier_attempts_give_way_before_the_files_do(world: World, serve: Serve) -> None:
    """A rewrite whose prompt is too long loses what was tried before, and keeps every line of the file."""
    configured(world)
    more = "".join(f"\n\ndef gross_{rate}(net):\n    return net * {rate}\n" for rate in range(20))
    file = PYTHON.files["shop/price.py"] + more
    write(world.project, {"shop/price.py": file})
    numbers = itertools.count()

    def wrong(request: Request) -> str:
        start = next(numbers)
        lines = "".join(f"    gross = gross + {start} - {line}\n" for line in range(120))
        return PYTHON.block(f"{lines}    return gross - rate\n")

    tried = contains("What the last attempts wrote")
    rules = [Rule(wrong, role="coder"), Rule("I do not know.", role="fixer")]
    overflow = FaultRule("e400_ctx", role="coder", when=tried, times=None, options={"limit": 2000})
    server = serve(Scenario("small", [*rules, *scenario(PYTHON, RIGHT).rules], faults=[overflow]))
    world.run("auto", REQUEST, "--check", PYTHON.check, "--json")
    prompts = [body["messages"][1]["content"] for body in server.bodies("coder")]
    cut = next(prompt for prompt in prompts if "characters left out]" in prompt)
    outside = re.sub(r"```diff\n.*?\n```", "", cut, flags=re.DOTALL)
    assert "characters left out]" not in outside and file.strip() in outside
