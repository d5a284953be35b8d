"""What Studio needs, over the HTTP interface that it uses: drawing, forms, real runs, and the command line's runs."""

import asyncio
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from tests.faults.scene import CHECK, FIXED, SMALL
from tests.modelserver.server import Server
from tests.world import World

pytestmark = [pytest.mark.studio, pytest.mark.timeout(240)]

Talk = Callable[[Callable[[LangGraphClient], Coroutine[Any, Any, Any]]], Any]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A machine with a shop, a model that repairs it, and a plan that the command line has made."""
    world = World(tmp_path_factory.mktemp("studio"))
    SMALL.write(world.project)
    (world.project / "orchestrator.jsonc").write_text(f'{{"checks": ["{CHECK}"], "seed": 1}}')
    with Server(SMALL.scenario()) as server:
        world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k"}
        assert world.run("plan", SMALL.request).code == 0
        yield world


@pytest.fixture(scope="module")
def talk(machine: World) -> Iterator[Talk]:
    """Talk to the server that `orchestrator studio` starts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    machine.env["PYTHONWARNINGS"] = "ignore"
    log = (machine.folder / "studio.log").open("w")
    process = machine.start("studio", "--port", str(port), "--no-browser")
    url = f"http://127.0.0.1:{port}"

    async def said(words: Callable[[LangGraphClient], Coroutine[Any, Any, Any]]) -> Any:
        client = get_client(url=url, api_key=None)
        try:
            return await words(client)
        finally:
            await client.aclose()

    try:
        ready(url)
        yield lambda words: asyncio.run(said(words))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        log.write("".join(process.communicate(timeout=20)))
        log.close()


def ready(url: str) -> None:
    """Wait for the server."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/ok", timeout=2).close()
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server did not start")


def test_the_drawing_shows_every_agent_and_labels_what_is_decided(talk: Talk) -> None:
    """The lane opens; no node is an orphan."""

    async def words(client: LangGraphClient) -> dict[str, Any]:
        return dict(await client.assistants.get_graph("auto", xray=True))

    drawing = talk(words)
    edges = drawing["edges"]
    nodes = {node["id"] for node in drawing["nodes"]}
    touched = {edge[end] for edge in edges for end in ("source", "target")}
    assert {"orchestrator", "planner", "ask", "lane:searcher", "lane:coder", "lane:reviewer", "lane:fixer"} <= nodes
    assert nodes == touched
    assert {e["source"] for e in edges if e.get("conditional")} == {"orchestrator", "lane:searcher", "lane:reviewer"}
    assert [edge for edge in edges if edge.get("conditional") and not edge.get("data")] == []


def test_the_forms_have_titles_and_ranges(talk: Talk) -> None:
    """Input: request and folder. Context: model, checks, budget."""

    async def words(client: LangGraphClient) -> Any:
        (assistant,) = await client.assistants.search(graph_id="auto")
        return await client.assistants.get_schemas(assistant["assistant_id"])

    schemas = talk(words)
    asked, context = schemas["input_schema"], schemas["context_schema"]["properties"]
    assert asked["properties"]["request"]["title"] == "Request" and "run" not in asked["required"]
    assert context["parallel"]["maximum"] == 32 and context["model"]["title"] == "Model"
    assert schemas["output_schema"]["properties"]["outcome"]


def test_a_run_that_studio_starts_does_the_real_job(talk: Talk, machine: World) -> None:
    """On the real files, with the events of every agent; the command line knows it by the thread's id."""
    project = machine.folder / "second"
    SMALL.write(project)

    async def words(client: LangGraphClient) -> tuple[str, set[str], Any]:
        thread = (await client.threads.create())["thread_id"]
        seen = set()
        asked = {"request": SMALL.request, "root": str(project)}
        context = {"checks": [CHECK], "max_calls": 40}
        stream = client.runs.stream(
            thread, "auto", input=asked, context=context, stream_mode="updates", stream_subgraphs=True
        )
        async for event in stream:
            seen |= set(event.data or {})
        return thread, seen, (await client.threads.get_state(thread))["values"]

    thread, seen, values = talk(words)

    assert {"begin", "orchestrator", "lane", "searcher", "coder", "reviewer", "end"} <= seen
    assert values["outcome"] == "verified" and values["run"] == thread
    assert {name: (project / name).read_text() for name in FIXED} == FIXED
    assert machine.run("show", thread, "--json").result["outcome"] == "verified"
    assert machine.run("undo", thread).code == 0


def test_plan_and_change_are_approved_in_studio(talk: Talk, machine: World) -> None:
    """The run rests, says what it asks and in which form it wants the answer, and goes on with it."""
    project = machine.folder / "third"
    SMALL.write(project)

    async def words(client: LangGraphClient) -> tuple[list[Any], Any, str]:
        thread = (await client.threads.create())["thread_id"]
        asked: dict[str, Any] = {"request": SMALL.request, "root": str(project)}
        context = {"checks": [CHECK], "approve_plan": True, "approve_apply": True}
        await client.runs.wait(thread, "auto", input=asked, context=context)
        rests = []
        for _ in range(2):
            state = await client.threads.get_state(thread)
            rests.append((state["next"], state["interrupts"][0], (project / "price.py").read_text()))
            await client.runs.wait(thread, "auto", command={"resume": {"approved": True}})
        return rests, (await client.threads.get_state(thread))["values"], thread

    rests, values, thread = talk(words)

    assert [next for next, _, _ in rests] == [["approve"], ["approve"]]
    assert [interrupt["value"]["kind"] for _, interrupt, _ in rests] == ["plan", "apply"]
    assert rests[1][1]["value"]["files"] == ["money.py", "price.py"] and rests[1][2] == SMALL.files["price.py"]
    assert values["outcome"] == "verified" and (project / "price.py").read_text() == FIXED["price.py"]
    said = [json.loads(line) for line in (machine.home / "runs" / thread / "events.jsonl").read_text().splitlines()]
    assert [event["about"] for event in said if event["type"] == "approval"] == ["plan", "apply"]


def test_a_run_of_the_command_line_is_listed_read_forked_and_finished(talk: Talk, machine: World) -> None:
    """The plan that rests before its first lane goes on in Studio; a fork of an earlier step is a step of its own."""
    run = machine.run("runs", "--all", "--json").out
    run = next(each["run"] for each in map(json.loads, run.splitlines()) if each["outcome"] == "planned")

    async def words(client: LangGraphClient) -> tuple[list[str], Any, Any, Any]:
        threads = await client.threads.search(limit=100)
        history = await client.threads.get_history(run, limit=50)
        early = history[-2]
        forked = await client.threads.update_state(run, {"reason": "looked at"}, checkpoint=early["checkpoint"])
        done = await client.runs.wait(run, "auto", checkpoint=history[0]["checkpoint"])
        return [thread["thread_id"] for thread in threads], history, forked, done

    threads, history, forked, done = talk(words)

    assert run in threads and len(history) >= 2 and forked["checkpoint"]["checkpoint_id"]
    assert done["outcome"] == "verified"
    assert {name: (machine.project / name).read_text() for name in FIXED} == FIXED


def test_a_context_out_of_range_is_refused(talk: Talk, machine: World) -> None:
    """Before anything is done."""

    async def words(client: LangGraphClient) -> Any:
        thread = (await client.threads.create())["thread_id"]
        asked = {"request": "x", "root": str(machine.project)}
        return await client.runs.wait(thread, "auto", input=asked, context={"parallel": 99}, raise_error=False)

    assert "parallel" in str(talk(words))
