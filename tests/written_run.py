"""Run folders written part by part with the real stores: for tests of what reads runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.journal import Journal, digest_of
from models.seat import CallKey
from workspace.lanes import open_lane
from workspace.records import JsonLines
from workspace.run import Run
from workspace.snapshot import take

USAGE = {"calls": 1, "prompt_tokens": 900, "completion_tokens": 120, "cost": 0.001}


class Written:
    """A run that grows; its clock goes on by a second with every event."""

    def __init__(self, folder: Path, files: Mapping[str, str], request: str = "Repair add") -> None:
        self.home, project = folder / "state", folder / "project"
        for name, text in files.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(text)
        self.run = Run.create(self.home, project, request, {})
        self.journal = Journal(self.run.journal_path)
        self.journal.opened("scripted", {})
        self._events = JsonLines(self.run.folder / "events.jsonl")
        self._seq = 0
        self.base = take(self.run).commit
        self.event("run.started", request=request, root=str(project), settings={})
        self.event("model.chosen", model="scripted", reason="named", profile="standard")
        self.event("snapshot.taken", commit=self.base, files=len(files), skipped=[])

    def event(self, kind: str, /, **fields: Any) -> None:
        """Write an event."""
        self._seq += 1
        time = f"2026-11-24T{self._seq // 3600:02}:{self._seq // 60 % 60:02}:{self._seq % 60:02}+00:00"
        self._events.append({"v": 1, "seq": self._seq, "time": time, "run": self.run.id, "type": kind, **fields})

    def plan(self, *tasks: Mapping[str, Any]) -> None:
        """Write a plan and start its tasks."""
        self.event("plan.made", tasks=[{"depends_on": [], "files": [], **task} for task in tasks])
        for task in tasks:
            self.event("task.started", task=task["id"], title=task["title"], base=self.base)

    def turn(self, lane: str, agent: str, attempt: int, prompt: str, answer: str | None) -> None:
        """Write an agent's turn with one call."""
        seat = {"lane": lane, "agent": agent, "attempt": attempt}
        self.event("agent.started", **seat)
        self.event("call.started", **seat, model="scripted")
        key = CallKey(lane, agent, attempt, 0)
        messages = [{"role": "system", "content": f"You are the {agent}."}, {"role": "user", "content": prompt}]
        request: Any = {"messages": messages}
        self.journal.sending(key, digest_of(request), request, model="scripted", elapsed=0.0)
        if answer is not None:
            told: Any = {"text": answer, "calls": [], "finish": "stop", "usage": USAGE, "model": "scripted"}
            self.journal.received(key, digest_of(request), {**told, "seconds": 0.5}, elapsed=0.0)
            self.event("call.finished", **seat, model="scripted", usage=USAGE, seconds=0.5, recorded=False)
        self.event("agent.finished", **seat)

    def commit(self, lane: str, files: Mapping[str, str], parent: str, message: str = "t: code 1") -> str:
        """Commit files on top of another commit."""
        place = open_lane(self.run, lane)
        place.checkout(parent)
        for name, text in files.items():
            (place.path / name).parent.mkdir(parents=True, exist_ok=True)
            (place.path / name).write_text(text)
        return place.commit(message, [parent])

    def check(self, lane: str, command: str, commit: str, output: str, *, passed: bool, when: str = "after") -> str:
        """Write an execution of a check; returns the artefact of its record."""
        tree = self.run.repository.tree_of(commit)
        evidence: dict[str, Any] = {
            "tree": tree, "command": command, "exit_code": 0 if passed else 1, "seconds": 0.4, "when": when,
            "failures": [], "timed_out": False, "passed": passed, "unable": "",
            "output": self.run.artefacts.put(output),
        }  # fmt: skip
        observed: Any = {"evidence": evidence, "text": output}
        self.journal.observe(f"check/{when}/{tree}/{command}", lambda: observed)
        shown = {name: evidence[name] for name in ("command", "exit_code", "passed", "failures", "seconds", "when")}
        self.event("check.finished", lane=lane, **shown)
        return self.run.artefacts.put(str(evidence).replace("'", '"').replace("True", "true").replace("False", "false"))

    def verdict(self, lane: str, attempt: int, commit: str, *findings: str, start: str = "", **more: Any) -> None:
        """Write a verdict; passed where nothing was found."""
        how: dict[str, Any] = {
            "strategy": "code" if attempt == 1 else "fix",
            "model": "scripted",
            "format": "blocks",
            "candidates": 1,
        }
        how |= {"passed": not findings, "repeated": False, "refused": False, "findings": list(findings), **more}
        self.event("verdict", lane=lane, attempt=attempt, start=start or self.base, commit=commit, **how)

    def end(self, outcome: str, reason: str = "", files: list[str] | None = None) -> None:
        """Write the end."""
        self.event("run.finished", outcome=outcome, exit=0, reason=reason, answer="", tasks=[], files=files or [])


def small(folder: Path) -> Written:
    """One task, wrong at first, then verified: a guard fires, a check is red, then green."""
    run = Written(folder, {"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": "import calc\n"})
    run.plan({"id": "add", "title": "Repair add"})
    red = run.check("add", "pytest -q", run.base, "E  assert -1 == 5", passed=False, when="before")
    judge = {"command": "pytest -q", "origin": "given", "path": "", "reason": "assertion", "before": red, "after": ""}
    run.event("acceptance.set", task="add", acceptance=[judge], restated=False)
    run.turn("add", "coder", 0, "Make it add.", "calc.py: return a * b")
    refused = {"source": "guard", "file": "test_calc.py", "line": 0, "message": "is protected (test)"}
    run.event("edit.refused", lane="add", findings=[refused])
    first = run.commit("add", {"calc.py": "def add(a, b):\n    return a * b\n"}, run.base)
    run.check("add", "pytest -q", first, "E  assert 6 == 5", passed=False)
    run.verdict("add", 1, first, "`pytest -q` still fails")
    run.turn("add", "fixer", 1, "It gives 6.", "calc.py: return a + b")
    second = run.commit("add", {"calc.py": "def add(a, b):\n    return a + b\n"}, first)
    run.check("add", "pytest -q", second, "1 passed", passed=True)
    run.verdict("add", 2, second)
    run.event("task.merged", task="add", commit=second)
    run.event("task.finished", task="add", outcome="verified", reason="")
    run.event("run.applied", files=["calc.py"])
    run.end("verified", "red before, green now", ["calc.py"])
    return run


EVIL = (
    "<script>alert('owned')</script><img src=x onerror=alert(1)></pre></style></details></title>"
    '"><svg onload=alert(2)><a href="javascript:alert(3)">go</a>\x1b[2J\x1b]0;owned\x07\u202e {{ 7 * 7 }} <!-- '
)
"""What a model, a file or a tool could say to get out of the text that it is."""


def hostile(folder: Path) -> Written:
    """A run in which all that can be text is hostile: request, titles, file names, prompts, answers, outputs."""
    name = "<img src=x onerror=alert(4)>\x1b[31m\n\"'.py"
    run = Written(folder, {name: "x = 1\n"}, EVIL)
    run.event("request.classified", kind="project", reason=EVIL)
    run.plan({"id": "t1", "title": EVIL}, {"id": "t2", "title": f"second {EVIL}", "depends_on": ["t1"]})
    run.event("acceptance.set", task="t1", acceptance=[{"command": EVIL, "before": EVIL}], restated=False)
    run.turn("t1", "coder", 0, EVIL, EVIL)
    run.event("edit.refused", lane="t1", findings=[{"source": EVIL, "file": name, "line": 3, "message": EVIL}])
    run.event("read.refused", lane="t1", path=name, reason=EVIL)
    run.event("permission.denied", action=EVIL, targets=[EVIL])
    commit = run.commit("t1", {name: f"x = 2  # {EVIL}\n", "new<script>.js": EVIL}, run.base)
    run.check("t1", EVIL, commit, EVIL, passed=False)
    run.verdict("t1", 1, commit, EVIL, model=EVIL, strategy=EVIL, format=EVIL)
    run.turn("t2", EVIL, 0, EVIL, EVIL)
    run.event("warning", text=EVIL)
    run.event("task.finished", task="t1", outcome="stuck", reason=EVIL)
    run.event("run.finished", outcome=EVIL, exit=1, reason=EVIL, answer=EVIL, tasks=[], files=[name, EVIL])
    return run


def long(folder: Path, tasks: int = 12, attempts: int = 10) -> Written:
    """A run of about 500 steps with large prompts, answers, outputs and changes."""
    body = "".join(f"value_{n} = {n}  # a line as long as lines of programs are in general\n" for n in range(900))
    run = Written(folder, {"big.py": body})
    commits = [run.commit("t1", {"big.py": body.replace("= ", f"= {n} + ")}, run.base) for n in range(4)]
    run.plan(
        *({"id": f"t{n}", "title": f"Task number {n}", "depends_on": [f"t{n - 3}"] if n > 3 else []}
          for n in range(1, tasks + 1))
    )  # fmt: skip
    for task in range(1, tasks + 1):
        for attempt in range(attempts):
            lane, commit = f"t{task}", commits[attempt % len(commits)]
            asked = f"{task}/{attempt}\n{body[:30_000]}"
            run.turn(lane, "fixer" if attempt else "coder", attempt, asked, body[:20_000])
            run.check(lane, f"pytest tests/test_{task}.py", commit, body[:20_000], passed=False)
            run.turn(lane, "reviewer", attempt + 1, asked, '{"accept": false}')
            run.verdict(lane, attempt + 1, commit, "still red")
        run.event("task.finished", task=f"t{task}", outcome="stuck", reason="still red")
    run.end("stuck", "no task was verified")
    return run
