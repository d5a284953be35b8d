"""`opencode run --command auto`: the whole way without a terminal, from the user's words to the verified change."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scene import CHECK, FIXED, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.scenario import Rule
from tests.modelserver.server import Server
from tests.opencode.processes import gone, hosts_of
from tests.opencode.world import OpenCode, scenario_of
from tests.tree import tree

pytestmark = pytest.mark.opencode

Open = Callable[..., tuple[OpenCode, Server]]

TYPED = "Fix `net()` and \"euros\":\n  - C:\\new\\table\n  - it's 'ünï' 🎉 $HOME"


def tool_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The state of the tool's one call."""
    (state,) = [event["part"]["state"] for event in events if event["type"] == "tool_use"]
    return dict(state)


def test_a_failing_test_is_fixed_verified_and_applied(opened: Open) -> None:
    """By the user's own model, with nothing else in the project, and the report's place in the answer."""
    opencode, server = opened()
    before = set(tree(opencode.project))

    state = tool_of(opencode.command("auto", SMALL.request))

    assert (state["status"], state["title"], state["metadata"]["exit"]) == ("completed", "verified", 0)
    assert opencode.sources() == FIXED
    assert {name for name in tree(opencode.project) if not name.startswith((".git", ".opencode"))} <= before
    report = Path(state["output"].split("Report: `")[1].split("`")[0])
    assert report.name == "report.html" and "gross / rate" in report.read_text()
    calls = [r for r in server.requests if r["rule"] in ("classify", "code", "review")]
    assert {r["role"] for r in calls} == {"orchestrator", "coder", "reviewer"}
    assert hosts_of(opencode.folder / "state") == []


def test_the_model_is_lent_exactly(opened: Open) -> None:
    """System text, turn and temperature arrive as they were asked; no tool is offered, no key leaves OpenCode."""
    opencode, server = opened()
    opencode.command("auto", SMALL.request)

    (coder,) = server.bodies("coder")
    assert [message["role"] for message in coder["messages"]] == ["system", "user"]
    assert coder["messages"][0]["content"].startswith("You are the Coder")
    assert "tools" not in coder and isinstance(coder["temperature"], float | int) and coder["max_tokens"] > 0
    kept = [path.read_bytes() for path in (opencode.folder / "state").rglob("*") if path.is_file()]
    assert not any(b"key-of-the-user" in data for data in kept)


@pytest.mark.parametrize("name", ["plan", "fix", "search", "review", "agents", "runs"])
def test_every_command_answers(opened: Open, name: str) -> None:
    """Each orders what its name says, and ends without a change that was not asked for."""
    opencode, _ = opened()
    subprocess.run(["git", "add", "-A"], cwd=opencode.project, check=True)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all"]
    subprocess.run(git, cwd=opencode.project, check=True)
    (opencode.project / "money.py").write_text(FIXED["money.py"])
    texts = {"plan": SMALL.request, "fix": SMALL.request, "search": "where is `net` computed"}

    state = tool_of(opencode.command(name, texts.get(name, "")))

    expected = {
        "plan": "PLANNED", "fix": "VERIFIED", "search": "def net", "review": "REVIEWED",
        "agents": "reviewer", "runs": "There is no run yet",
    }  # fmt: skip
    assert state["status"] == "completed" and expected[name] in state["output"]
    assert (opencode.sources()["price.py"] == FIXED["price.py"]) == (name == "fix")


def test_undo_takes_it_back(opened: Open) -> None:
    """Byte for byte, as the command line would."""
    opencode, _ = opened()
    before = opencode.sources()
    opencode.command("auto", SMALL.request)

    assert "2 files undone" in tool_of(opencode.command("undo-auto"))["output"]
    assert opencode.sources() == before


def test_the_task_is_taken_as_it_was_typed(opened: Open) -> None:
    """Lines, quotes, backslashes, backticks and signs of any script."""
    opencode, _ = opened(scenario_of(SMALL, Rule('{"kind":"question","title":"what","files":[],"tests":[]}', role="x")))
    opencode.command("auto", TYPED)

    (run,) = (opencode.folder / "state" / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["request"] == TYPED


def test_a_false_done_is_told_as_what_it_is(opened: Open) -> None:
    """The model says that all is well; the answer says what executed checks say."""
    boasts = [Rule("Done. All tests pass.", role=role) for role in ("coder", "fixer", "reviewer", "searcher")]
    opencode, _ = opened(scenario_of(SMALL, *boasts))
    settings = {"checks": [CHECK], "budget": {"calls": 12}}
    (opencode.project / "orchestrator.jsonc").write_text(json.dumps(settings))
    before = opencode.sources()

    state = tool_of(opencode.command("auto", SMALL.request))

    assert state["metadata"]["exit"] in (3, 4) and state["output"].startswith(("**STUCK**", "**BUDGET**"))
    assert opencode.sources() == before


@pytest.mark.parametrize(
    ("permission", "flags", "outcome", "applied"),
    [
        ({"bash": "deny"}, (), "unverified", False),
        ({"edit": "deny"}, (), "verified", False),
        ({"bash": "ask"}, (), "unverified", False),
        ({"bash": "ask", "edit": "ask"}, ("--auto",), "verified", True),
        ({"bash": {"*": "deny", "python3 -S -m unittest *": "allow"}}, (), "verified", True),
        ({"bash": {"*": "allow", "python3 -S *": "deny"}}, (), "unverified", False),
    ],
    ids=str,
)
def test_the_users_rules_hold(
    opened: Open, permission: object, flags: tuple[str, ...], outcome: str, applied: bool
) -> None:
    """What is denied, or asked where nobody answers, is not done, and the answer says so."""
    opencode, _ = opened(config={"permission": permission})

    state = tool_of(opencode.command("auto", SMALL.request, *flags))

    assert state["title"] == outcome
    assert (opencode.sources() == FIXED) == applied
    assert ("you did not allow" in state["output"]) == (not applied)


def test_the_rules_of_the_users_own_agent_hold(opened: Open) -> None:
    """Not only those at the top of the configuration."""
    opencode, _ = opened(config={"agent": {"build": {"permission": {"edit": "deny"}}}})

    assert "not applied" in tool_of(opencode.command("auto", SMALL.request))["output"]


def test_without_python_the_way_to_get_it_is_told(opened: Open) -> None:
    """One clear message with the line to install, and no hang."""
    opencode, _ = opened(options={"command": ["/nowhere/python", "-m", "orchestrator"]})
    assert "/nowhere/python could not be started" in tool_of(opencode.command("auto", "x"))["output"]


def test_without_anything_on_the_path_the_line_to_install_is_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the package nor what could fetch it is there."""
    opencode, _ = opened(options={})
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert "pipx install opencode-orchestrator" in tool_of(opencode.command("auto", "x"))["output"]


def test_agents_may_have_models_of_their_own(opened: Open) -> None:
    """Named as OpenCode names them, through the same bridge; a name that it does not know is told."""
    opencode, server = opened()
    other = scenario_of()
    server.scenarios["other"] = other
    settings = {"checks": [CHECK], "seed": 1, "agents": {"coder": {"model": "fake/other"}}}
    (opencode.project / "orchestrator.jsonc").write_text(json.dumps(settings))

    assert tool_of(opencode.command("auto", SMALL.request))["title"] == "verified"
    assert {body["model"] for body in server.bodies("coder")} == {"other"}

    settings["agents"] = {"coder": {"model": "fake/nobody"}}
    (opencode.project / "orchestrator.jsonc").write_text(json.dumps(settings))
    opencode.world.run("undo", "last")
    state = tool_of(opencode.command("auto", SMALL.request))
    assert state["metadata"]["exit"] == 5 and "fake/nobody" in state["output"]


@pytest.mark.parametrize(("status", "said"), [(401, "OPENAI_API_KEY"), (429, "")])
def test_a_providers_refusal_keeps_its_status(opened: Open, status: int, said: str) -> None:
    """A wrong key ends the run at once; a limit is waited out, and OpenCode's own patience is not waited for."""
    fault = FaultRule(f"e{status}", role="coder", times=None if status == 401 else 1)
    opencode, server = opened(scenario_of().under([fault]))
    start = time.monotonic()

    state = tool_of(opencode.command("auto", SMALL.request))

    assert state["metadata"]["exit"] == (5 if status == 401 else 0), state["output"]
    assert time.monotonic() - start < 60 and len(server.bodies("coder")) <= 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_opencode_leaves_no_process(opened: Open, number: signal.Signals) -> None:
    """Whatever ends it: the child sees the end of its input."""
    opencode, _ = opened(scenario_of().under([FaultRule("slow", role="coder", options={"seconds": 0.5})]))
    process = opencode.start("run", "--title", "t", "--command", "auto", SMALL.request)
    end = time.monotonic() + 60
    while not hosts_of(opencode.folder / "state"):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.05)

    process.send_signal(number)
    process.communicate(timeout=20)

    assert gone(opencode.folder / "state", 2)


def test_other_sessions_are_left_as_they_are(opened: Open) -> None:
    """The plugin adds one small tool; every other tool, the agents and the settings are the same without it."""
    asks = [Rule("hello", when=lambda request: "auto_run" not in str(request.messages), name="plain")]
    opencode, server = opened(scenario_of(SMALL, *asks))
    with_plugin = plain_request(opencode, server)
    config = opencode.home / ".config" / "opencode" / "opencode.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "plugin": []}))
    without = plain_request(opencode, server)

    added = [tool for tool in with_plugin["tools"] if tool not in without["tools"]]
    assert [tool["function"]["name"] for tool in added] == ["auto_run"]
    assert len(json.dumps(added)) < 1500
    assert [tool for tool in with_plugin["tools"] if tool not in added] == without["tools"]
    assert with_plugin["messages"] == without["messages"]


def plain_request(opencode: OpenCode, server: Server) -> dict[str, Any]:
    """What a session without a command asks its model."""
    count = len(server.requests)
    done = opencode.run("run", "--title", "t", "say hello")
    assert done.code == 0, done.err
    return dict(server.requests[count]["body"])


def test_a_command_of_the_users_own_wins(opened: Open) -> None:
    """Whoever has an /auto keeps it."""
    own = Rule("mine", when=lambda request: "MY OWN COMMAND" in request.user, name="own")
    opencode, server = opened(scenario_of(SMALL), config={"command": {"auto": {"template": "MY OWN COMMAND"}}})
    server.scenarios["shop"].housekeeping = (own, *server.scenarios["shop"].housekeeping)

    events = opencode.command("auto", "x")

    assert "mine" in json.dumps(events) and not [e for e in events if e["type"] == "tool_use"]
