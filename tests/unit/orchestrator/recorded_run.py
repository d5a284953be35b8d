"""The events of one run, as its record holds them: three tasks, a wrong first answer, a merge conflict, verified."""

from typing import Any

RUN = "3f2a77c0-5b1e-4f0e-9c55-0a4d3c1b2a99"
ALL = "python -m pytest -q"
PARSE = "python -m pytest tests/test_accept_parse.py"
PRICE = "python -m pytest tests/test_price.py::test_cents"
CART = "python -m pytest tests/test_accept_cart.py"
TASKS = [
    {"id": "parse", "title": "Read quantities with units", "depends_on": [], "files": ["shop/parse.py"]},
    {"id": "price", "title": "Round prices to cents", "depends_on": [], "files": ["shop/price.py"]},
    {"id": "cart", "title": "Sum a cart with both", "depends_on": ["parse", "price"], "files": ["shop/cart.py"]},
]
USAGE = {"calls": 9, "prompt_tokens": 8100, "completion_tokens": 1080, "cost": 0.0}


def check(lane: str, command: str, when: str, *failures: str, passed: bool = False) -> dict[str, Any]:
    """The fields of a check.finished event; red unless said otherwise."""
    exit_code = 0 if passed else 1
    found = {"passed": passed, "exit_code": exit_code, "failures": list(failures), "seconds": 0.4}
    return {"lane": lane, "command": command, "when": when, **found}


def call(lane: str, agent: str) -> dict[str, Any]:
    """The fields of a call.finished event."""
    usage = {"calls": 1, "prompt_tokens": 900, "completion_tokens": 120, "cost": 0.0}
    return {"lane": lane, "agent": agent, "attempt": 0, "model": "m", "usage": usage, "seconds": 1.0, "recorded": False}


def at(lane: str, agent: str, attempt: int = 0) -> dict[str, Any]:
    """The fields of an agent.started or agent.finished event."""
    return {"lane": lane, "agent": agent, "attempt": attempt}


def accepted_by(task: str, command: str) -> dict[str, Any]:
    """The fields of an acceptance.set event."""
    return {"task": task, "acceptance": [{"command": command, "origin": "written"}], "restated": False}


def judged(lane: str, attempt: int, *findings: str) -> dict[str, Any]:
    """The fields of a verdict event; passed when there is no finding."""
    return {"lane": lane, "attempt": attempt, "passed": not findings, "findings": list(findings), "next": ""}


MODEL = "qwen2.5-coder:7b"
STORY: list[tuple[int, str, dict[str, Any]]] = [
    (0, "run.started", {
        "request": "Add carts: quantities with units, prices in cents",
        "root": "/home/ada/shop",
        "settings": {"budget": {"calls": 60}, "parallel": 2},
    }),
    (0, "snapshot.taken", {"commit": "a" * 40, "files": 24, "skipped": [{"path": "data.sock", "reason": "a socket"}]}),
    (1, "sandbox.chosen", {"kind": "bubblewrap", "text": "bubblewrap: no network, read-only system"}),
    (1, "checks.found", {"checks": [{"name": "pytest", "command": ALL, "kind": "test", "origin": "detected"}]}),
    (2, "check.finished", check("run", ALL, "before", "tests/test_price.py::test_cents")),
    (2, "baseline.checked", {
        "command": ALL, "passed": False, "failures": ["tests/test_price.py::test_cents"], "seconds": 0.4,
    }),
    (2, "model.chosen", {
        "model": MODEL,
        "reason": f"{MODEL} at http://127.0.0.1:11434/v1 (Ollama is running here)",
        "profile": "standard",
    }),
    (3, "agent.started", at("run", "orchestrator")),
    (4, "call.finished", call("run", "orchestrator")),
    (4, "request.classified", {"kind": "project", "reason": "three parts"}),
    (4, "agent.finished", at("run", "orchestrator")),
    (4, "agent.started", at("run", "planner")),
    (7, "call.finished", call("run", "planner")),
    (7, "plan.made", {"tasks": TASKS}),
    (7, "agent.finished", at("run", "planner")),
    (7, "task.started", {"task": "parse", "title": TASKS[0]["title"], "base": "a" * 40}),
    (7, "task.started", {"task": "price", "title": TASKS[1]["title"], "base": "a" * 40}),
    (8, "agent.started", at("parse", "searcher")),
    (8, "agent.started", at("price", "searcher")),
    (9, "search.done", {"lane": "price", "files": ["shop/price.py"], "hits": 3}),
    (9, "agent.finished", at("price", "searcher")),
    (10, "acceptance.set", accepted_by("price", PRICE)),
    (10, "check.finished", check("price", PRICE, "before", "tests/test_price.py::test_cents")),
    (10, "acceptance.set", accepted_by("parse", PARSE)),
    (10, "check.finished", check("parse", PARSE, "before", "tests/test_accept_parse.py::test_grams")),
    (11, "agent.started", at("price", "coder")),
    (12, "agent.started", at("parse", "coder")),
    (14, "call.retried", {"lane": "parse", "agent": "coder", "attempt": 0, "wait": 2.0, "text": "429 slow down"}),
    (20, "call.finished", call("price", "coder")),
    (20, "edit.applied", {"lane": "price", "files": ["shop/price.py"], "how": {"shop/price.py": "exact"}}),
    (20, "agent.started", at("price", "reviewer", 1)),
    (21, "check.finished", check("price", PRICE, "after", "tests/test_price.py::test_cents")),
    (21, "verdict", judged("price", 1, f"`{PRICE}` still fails (exit code 1: tests/test_price.py::test_cents)")),
    (22, "agent.started", at("price", "fixer", 1)),
    (25, "call.finished", call("price", "fixer")),
    (25, "edit.refused", {"lane": "price", "findings": [
        {"source": "guard", "file": "tests/test_price.py", "line": 0, "message": "is protected (test)"},
    ]}),
    (30, "edit.applied", {"lane": "price", "files": ["shop/price.py"], "how": {"shop/price.py": "exact"}}),
    (31, "check.finished", check("price", PRICE, "after", passed=True)),
    (31, "verdict", judged("price", 2)),
    (31, "agent.finished", at("price", "reviewer", 2)),
    (33, "edit.applied", {"lane": "parse", "files": ["shop/parse.py"], "how": {"shop/parse.py": "exact"}}),
    (34, "check.finished", check("parse", PARSE, "after", passed=True)),
    (34, "verdict", judged("parse", 1)),
    (34, "agent.finished", at("parse", "reviewer", 1)),
    (35, "task.merged", {"task": "parse", "commit": "b" * 40}),
    (35, "task.finished", {"task": "parse", "outcome": "verified", "reason": ""}),
    (35, "merge.conflict", {"task": "price", "files": ["shop/price.py"]}),
    (35, "task.started", {"task": "price", "title": TASKS[1]["title"], "base": "b" * 40}),
    (36, "agent.started", at("price.2", "coder")),
    (40, "check.finished", check("price.2", PRICE, "after", passed=True)),
    (40, "verdict", judged("price.2", 1)),
    (40, "agent.finished", at("price.2", "reviewer", 1)),
    (41, "task.merged", {"task": "price", "commit": "c" * 40}),
    (41, "task.finished", {"task": "price", "outcome": "verified", "reason": ""}),
    (42, "task.started", {"task": "cart", "title": TASKS[2]["title"], "base": "c" * 40}),
    (43, "acceptance.set", accepted_by("cart", CART)),
    (43, "check.finished", check("cart", CART, "before", "tests/test_accept_cart.py::test_sum")),
    (44, "agent.started", at("cart", "coder")),
    (55, "call.finished", call("cart", "coder")),
    (56, "check.finished", check("cart", CART, "after", passed=True)),
    (56, "verdict", judged("cart", 1)),
    (56, "agent.finished", at("cart", "reviewer", 1)),
    (57, "task.merged", {"task": "cart", "commit": "d" * 40}),
    (57, "task.finished", {"task": "cart", "outcome": "verified", "reason": ""}),
    (58, "check.finished", check("run", ALL, "final", passed=True)),
    (59, "run.applied", {"files": ["shop/cart.py", "shop/parse.py", "shop/price.py"]}),
    (60, "run.finished", {
        "outcome": "verified",
        "exit": 0,
        "reason": "every task was red before and is green now, and nothing else broke",
        "answer": "",
        "usage": USAGE,
        "tasks": [{"id": t["id"], "title": t["title"], "outcome": "verified", "evidence": []} for t in TASKS],
        "applied": True,
        "files": ["shop/cart.py", "shop/parse.py", "shop/price.py"],
    }),
]  # fmt: skip


def events(story: list[tuple[int, str, dict[str, Any]]] = STORY) -> list[dict[str, Any]]:
    """A story as event records."""
    return [
        {"v": 1, "seq": n, "time": f"2026-11-24T10:{s // 60:02}:{s % 60:02}+00:00", "run": RUN, "type": type_, **fields}
        for n, (s, type_, fields) in enumerate(story, 1)
    ]


def until(second: int) -> list[dict[str, Any]]:
    """The events up to and with a second of the run."""
    return events([step for step in STORY if step[0] <= second])
