"""`opencode serve`: live progress, questions to the user, interruption, and OpenCode's own undo."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from nodes.roles import ROLES
from tests.faults.scene import CHECK, FIXED, SMALL
from tests.modelserver.rules import FaultRule
from tests.modelserver.scenario import Rule
from tests.modelserver.server import Server
from tests.opencode.processes import gone, hosts_of
from tests.opencode.rest import Event, Rest, served
from tests.opencode.world import OpenCode, scenario_of
from tests.tree import tree

pytestmark = pytest.mark.opencode

Open = Callable[..., tuple[OpenCode, Server]]

SLOW = FaultRule("slow", role="coder", options={"seconds": 0.2})


def outcome_of(rest: Rest, session: str) -> dict[str, Any]:
    """The end of the tool's call."""
    parts = [part for message in rest.messages(session) for part in message["parts"] if part["type"] == "tool"]
    return dict(parts[0]["state"])


def asked(rest: Rest, count: int) -> Event:
    """The question of this number."""
    rest.wait(lambda event: event["type"] == "permission.asked" and len(questions(rest)) >= count)
    return questions(rest)[count - 1]


def questions(rest: Rest) -> list[Event]:
    """Every question so far."""
    return [event["properties"] for event in rest.events if event["type"] == "permission.asked"]


def test_plan_and_team_are_seen_while_they_work(opened: Open) -> None:
    """As one text of the running message, which no model ever reads; each agent has a transcript."""
    opencode, server = opened(scenario_of().under([SLOW]))
    with served(opencode) as rest:
        session = rest.session()
        rest.command(session, "auto", SMALL.request).join(90)
        children = rest.call("GET", f"/session/{session}/children")
        texts = rest.progress()

    assert any("**coder**" in text and "`t1`" in text for text in texts)
    assert all(name in texts[-2] for name in ROLES) and texts[-1].startswith("**VERIFIED**")
    assert {"auto: orchestrator", "auto: coder", "auto: reviewer"} <= {child["title"] for child in children}
    assert not any("**coder**" in json.dumps(request["body"]) for request in server.requests)


def test_an_interruption_ends_the_child_within_a_second(opened: Open) -> None:
    """And leaves the files as they were; the run can go on."""
    opencode, _ = opened(scenario_of().under([SLOW]))
    before = opencode.sources()
    with served(opencode) as rest:
        session = rest.session()
        turn = rest.command(session, "auto", SMALL.request)
        rest.wait(lambda event: "**coder**" in json.dumps(event))
        assert hosts_of(opencode.folder / "state")

        start = time.monotonic()
        rest.call("POST", f"/session/{session}/abort")

        assert gone(opencode.folder / "state", 1) and time.monotonic() - start < 1.2
        turn.join(20)
        state = outcome_of(rest, session)

    assert state["status"] in ("error", "completed") and opencode.sources() == before
    assert opencode.world.events()[-1]["type"] == "run.interrupted"


def test_opencodes_own_undo_restores_the_files(opened: Open) -> None:
    """`/undo` knows nothing of the run, and need not."""
    opencode, _ = opened()
    before = opencode.sources()
    with served(opencode) as rest:
        session = rest.session()
        rest.command(session, "auto", SMALL.request).join(90)
        assert opencode.sources() == FIXED
        message = next(m["info"]["id"] for m in rest.messages(session) if m["info"]["role"] == "user")

        rest.call("POST", f"/session/{session}/revert", {"messageID": message})

    assert opencode.sources() == before


@pytest.mark.parametrize("reply", ["once", "always"])
def test_a_question_is_asked_and_its_answer_holds(opened: Open, reply: str) -> None:
    """With the command, or the files and their patch; "always" is not asked again for the same program."""
    opencode, _ = opened(config={"permission": {"bash": "ask", "edit": "ask"}})
    with served(opencode) as rest:
        session = rest.session()
        turn = rest.command(session, "auto", SMALL.request)
        count = 3 if reply == "once" else 2
        for number in range(1, count + 1):
            rest.call("POST", f"/permission/{asked(rest, number)['id']}/reply", {"reply": reply})
        turn.join(90)

        assert outcome_of(rest, session)["title"] == "verified"
        first, last = questions(rest)[0], questions(rest)[-1]

    assert (first["permission"], first["patterns"]) == ("bash", [CHECK])
    assert (last["permission"], sorted(last["patterns"])) == ("edit", ["money.py", "price.py"])
    assert "+    return gross / rate" in last["metadata"]["diff"] and len(questions(rest)) == count
    assert opencode.sources() == FIXED


def test_plan_and_change_are_approved_where_everything_else_may_pass(opened: Open) -> None:
    """A run that waits for approvals asks for them by names of their own; what is refused waits for /answer-auto."""
    opencode, _ = opened(config={"permission": "allow"})
    settings = json.loads((opencode.project / "orchestrator.jsonc").read_text())
    approvals = {"approve_plan": True, "approve_apply": True}
    (opencode.project / "orchestrator.jsonc").write_text(json.dumps(settings | approvals))
    with served(opencode) as rest:
        session = rest.session()
        turn = rest.command(session, "auto", SMALL.request)
        rest.call("POST", f"/permission/{asked(rest, 1)['id']}/reply", {"reply": "once"})
        rest.call("POST", f"/permission/{asked(rest, 2)['id']}/reply", {"reply": "reject"})
        turn.join(90)
        assert "/answer-auto" in outcome_of(rest, session)["output"] and opencode.sources() != FIXED
        later = rest.session()
        rest.command(later, "answer-auto", "yes").join(90)
        assert outcome_of(rest, later)["title"] == "verified"
        assert [question["permission"] for question in questions(rest)] == ["auto_plan", "auto_apply"]

    assert opencode.sources() == FIXED


def test_a_refusal_is_an_honest_outcome(opened: Open) -> None:
    """The change is verified, and stays where it is."""
    opencode, _ = opened(config={"permission": {"edit": "ask"}})
    before = opencode.sources()
    with served(opencode) as rest:
        session = rest.session()
        turn = rest.command(session, "auto", SMALL.request)
        rest.call("POST", f"/permission/{asked(rest, 1)['id']}/reply", {"reply": "reject"})
        turn.join(90)
        state = outcome_of(rest, session)

    assert "not applied, because you did not allow the edit" in state["output"]
    assert opencode.sources() == before


def test_the_team_is_hidden_from_the_picker_and_holds_no_tool(opened: Open) -> None:
    """Six agents of OpenCode that only the plugin uses; the built-in ones are as they were."""
    opencode, _ = opened()
    with served(opencode) as rest:
        agents = {agent["name"]: agent for agent in rest.call("GET", "/agent")}

    team = {f"auto-{role}" for role in ROLES}
    assert team <= set(agents) and {"build", "plan", "general"} <= set(agents)
    for name in team:
        assert agents[name]["hidden"] and agents[name]["mode"] == "primary"
        for tool in ("bash", "edit", "read", "webfetch", "task", "auto_run"):
            assert effect(agents[name]["permission"], tool) == "deny"
        assert effect(agents[name]["permission"], "StructuredOutput") == "allow"


def effect(rules: list[dict[str, str]], tool: str) -> str:
    """What the rules say of a tool whatever it is used for: the last one that fits decides."""
    return [rule["action"] for rule in rules if rule["permission"] in (tool, "*") and rule["pattern"] == "*"][-1]


def test_a_model_without_tools_gets_the_shell(opened: Open) -> None:
    """The command runs live in the session's shell, with the model that is lent, and no turn of the model follows."""
    opencode, server = opened(tools=False)
    with served(opencode) as rest:
        session = rest.session()
        rest.command(session, "auto", SMALL.request).join(90)
        shells = [p["state"] for m in rest.messages(session) for p in m["parts"] if p["type"] == "tool"]

    assert opencode.sources() == FIXED
    assert len(shells) == 1 and "VERIFIED" in shells[0]["output"] and "key-of-the-user" not in json.dumps(shells)
    assert {request["role"] for request in server.requests} == {"orchestrator", "coder", "reviewer"}


def test_a_model_without_tools_changes_nothing_that_would_be_asked(opened: Open) -> None:
    """In the shell nobody can be asked: so it is not done."""
    opencode, _ = opened(tools=False, config={"permission": {"edit": "ask"}})
    before = tree(opencode.project)
    with served(opencode) as rest:
        rest.command(rest.session(), "auto", SMALL.request).join(90)

    assert opencode.sources() == {name: before[name][1].decode() for name in FIXED}
    assert not (opencode.folder / "state").exists()


def test_a_schema_is_answered_where_the_model_can(opened: Open) -> None:
    """OpenCode's structured output stands behind the wire's schema."""
    answer = {"kind": "small", "title": "Repair the shop", "files": [], "tests": []}

    def structured(request: Any) -> Any:
        from tests.modelserver.reply import Reply, ToolCall

        return Reply(tool_calls=(ToolCall("StructuredOutput", answer),))

    rule = Rule(structured, role="orchestrator", when=lambda request: "StructuredOutput" in request.tools)
    opencode, server = opened(scenario_of(SMALL, rule))
    with served(opencode) as rest:
        session = rest.session()
        rest.command(session, "auto", SMALL.request).join(90)
        assert outcome_of(rest, session)["title"] == "verified"

    assert len(server.bodies("orchestrator")) == 1
