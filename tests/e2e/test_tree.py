"""The user's folder: read once, written once, at the end, and never over somebody's own edit."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import write
from tests.e2e.small import ACCEPT, PYTHON, REQUEST, scenario
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

FIX = PYTHON.block(PYTHON.repair)


def git(folder: Path, *arguments: str) -> str:
    """Run the user's own git."""
    identity = {"GIT_AUTHOR_NAME": "u", "GIT_AUTHOR_EMAIL": "u@localhost", "GIT_COMMITTER_NAME": "u"}
    env = {**os.environ, **identity, "GIT_COMMITTER_EMAIL": "u@localhost"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def dirty_repository(world: World) -> None:
    """A repository with a commit, an uncommitted edit, a staged file, an untracked one, a link and an odd mode."""
    write(world.project, {**PYTHON.files, ".gitignore": "*.log\n", "run.sh": "#!/bin/sh\n"})
    git(world.project, "init", "-q")
    git(world.project, "add", "-A")
    git(world.project, "commit", "-qm", "first")
    write(world.project, {"notes.txt": "mine\r\n", "staged.py": "x = 1\n", "debug.log": "ignored\n"})
    git(world.project, "add", "staged.py")
    (world.project / "run.sh").chmod(0o750)
    (world.project / "link").symlink_to("nowhere")
    with (world.project / "shop/__init__.py").open("a") as file:
        file.write("VERSION = 1  # not committed\n")


def test_nothing_is_written_before_the_end(world: World, serve: Callable[[Scenario], Server]) -> None:
    """At every model call the folder, hidden files and modes included, is what it was; afterwards one file differs."""
    dirty_repository(world)
    before = tree(world.project)
    seen: list[bool] = []

    def look(request: Request) -> str:
        seen.append(tree(world.project) == before)
        return FIX if request.role == "coder" else ACCEPT

    rules = scenario(PYTHON, look)
    serve(rules)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert seen
    assert all(seen)
    after = tree(world.project)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == {"shop/price.py"}
    assert " M shop/__init__.py" in git(world.project, "status", "--short")


def test_no_apply_leaves_the_folder_alone(world: World, serve: Callable[[Scenario], Server]) -> None:
    """With --no-apply the change is verified and can be shown, applied and undone later."""
    dirty_repository(world)
    before = tree(world.project)
    serve(scenario(PYTHON, FIX))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--no-apply", "--json")

    assert (done.code, done.result["applied"]) == (0, False)
    assert tree(world.project) == before
    assert "+    return gross / rate" in world.run("diff", "last").out
    assert world.run("apply", "last").code == 0
    assert PYTHON.repair in (world.project / "shop/price.py").read_text()
    assert world.run("undo", "last").code == 0
    assert tree(world.project) == before


def test_an_edit_of_the_same_lines_meanwhile_is_kept(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The user changes the same line during the run: nothing is written, the message names the file, exit is not 0."""
    write(world.project, PYTHON.files)
    path = world.project / "shop/price.py"

    def meanwhile(request: Request) -> str:
        path.write_text(path.read_text().replace("gross * rate", "gross * rate  # looking into it"))
        return FIX

    serve(scenario(PYTHON, meanwhile))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 1
    assert "shop/price.py" in done.result["reason"]
    assert "# looking into it" in path.read_text()
    assert "gross / rate" in world.run("diff", "last").out


def test_an_edit_of_other_lines_meanwhile_is_merged(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The user changes another line of the same file: both changes are in it afterwards."""
    text = PYTHON.files["shop/price.py"] + "\n\n# a\n# b\n# c\n# end\n"
    write(world.project, {**PYTHON.files, "shop/price.py": text})
    path = world.project / "shop/price.py"

    def meanwhile(request: Request) -> str:
        path.write_text(path.read_text().replace("# end", "# the end"))
        return FIX

    serve(scenario(PYTHON, meanwhile))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert path.read_text() == text.replace("# end", "# the end").replace(PYTHON.fault, PYTHON.repair)


NEW = "greet.py\n```\n<<<<<<< SEARCH\n=======\ndef greet(name):\n    return f'Hello, {name}!'\n>>>>>>> REPLACE\n```\n"
NEW_TEST = (
    "tests/test_x.py\n```python\nfrom greet import greet\n\n\n"
    "def test_greet():\n    assert greet('A') == 'Hello, A!'\n```\n"
)


def test_an_empty_folder_becomes_a_project(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Nothing there: the reviewer's test is the first file that counts, and the work is verified by it."""
    classified = '{"kind": "small", "title": "Write greet in Python", "files": ["greet.py"]}'
    serve(
        Scenario(
            "new",
            [
                Rule(classified, role="orchestrator"),
                Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
                Rule(NEW_TEST, role="reviewer"),
                Rule(NEW, role="coder"),
            ],
        )
    )

    done = world.run("auto", "Write greet(name) in greet.py (Python)", "--json")

    assert done.code == 0, done.err + done.out
    assert (world.project / "greet.py").read_text().startswith("def greet")


def test_work_that_nothing_can_judge_is_delivered_as_unverified(
    world: World, serve: Callable[[Scenario], Server]
) -> None:
    """No check and no test that could be written: the change is applied, labelled unverified, exit 6."""
    write(world.project, {"notes.txt": "hello\n"})
    answer = "notes.txt\n```\n<<<<<<< SEARCH\nhello\n=======\nhello, world\n>>>>>>> REPLACE\n```\n"
    serve(
        Scenario(
            "text",
            [
                Rule('{"kind": "small", "title": "Greet the world", "files": ["notes.txt"]}', role="orchestrator"),
                Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
                Rule("NOT TESTABLE: it is prose", role="reviewer"),
                Rule(answer, role="coder"),
            ],
        )
    )

    done = world.run("auto", "Greet the world in notes.txt", "--json")

    assert (done.code, done.result["outcome"], done.result["applied"]) == (6, "unverified", True)
    assert (world.project / "notes.txt").read_text() == "hello, world\n"


def test_a_question_changes_nothing(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A question gets its answer from real lines; no file is touched."""
    write(world.project, PYTHON.files)
    before = tree(world.project)
    server = serve(
        Scenario(
            "asked",
            [
                Rule("`net` divides, see shop/price.py:1", role="", when=contains("You answer questions")),
                Rule('{"kind": "question", "title": "What net does"}', role="orchestrator"),
                Rule('{"files": ["shop/price.py"], "words": ["net"]}', role="searcher"),
            ],
        )
    )

    done = world.run("auto", "What does net() do?", "--json")

    assert (done.code, done.result["outcome"]) == (6, "unverified")
    assert done.result["answer"] == "`net` divides, see shop/price.py:1"
    assert tree(world.project) == before
    assert any("return gross * rate" in str(b["messages"]) for b in server.bodies(""))


def test_binary_large_and_unreadable_files_are_no_obstacle(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A binary file, one of 50 MB, a pipe and a repository inside: the run goes on, and says what it left out."""
    write(world.project, PYTHON.files)
    (world.project / "logo.bin").write_bytes(bytes(range(256)) * 16)
    with (world.project / "data.csv").open("wb") as file:
        file.truncate(50_000_000)
    os.mkfifo(world.project / "pipe")
    (world.project / "inner").mkdir()
    git(world.project / "inner", "init", "-q")
    git(world.project / "inner", "commit", "-qm", "first", "--allow-empty")
    serve(scenario(PYTHON, Reply(FIX)))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    (taken,) = [e for e in world.events() if e["type"] == "snapshot.taken"]
    assert [s["path"] for s in taken["skipped"]] == ["inner/"]
    assert (world.project / "data.csv").stat().st_size == 50_000_000
