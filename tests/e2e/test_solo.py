"""One agent alone: search, review and fix from the command line."""

import json
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e.conftest import write
from tests.faults.scene import CHECK, FIXED, SMALL
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

Serve = Callable[[Scenario], Server]

FINDING = {"file": "price.py", "line": 6, "problem": "net(120, 1.2) gives 144 instead of 100"}
ELSEWHERE = {"file": "money.py", "line": 6, "problem": "not part of the change"}


def judge(*findings: dict[str, object]) -> Scenario:
    """A reviewer that finds these."""
    said = json.dumps({"accept": not findings, "findings": findings})
    return Scenario("shop", [Rule(said, role="reviewer", when=contains("somebody else has made"))])


def git(world: World, *arguments: str) -> None:
    """The user's own git."""
    identity = ["-c", "user.name=u", "-c", "user.email=u@u", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=world.project, check=True, capture_output=True)


@pytest.fixture
def repository(world: World) -> World:
    """A shop under git: its first commit is right, its second breaks a price."""
    SMALL.write(world.project)
    write(world.project, FIXED)
    git(world, "init", "-q")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "right")
    write(world.project, {"price.py": SMALL.files["price.py"]})
    git(world, "commit", "-qam", "wrong")
    return world


def test_a_search_shows_the_lines_that_matter(world: World, serve: Serve) -> None:
    """Without a question to the model where names lead there; nothing changes, and the run is on record."""
    SMALL.write(world.project)
    server, before = serve(judge()), tree(world.project)

    done = world.run("search", "where is `net` computed?")

    assert done.code == 0 and "return gross * rate" in done.out
    assert not server.requests and tree(world.project) == before
    assert world.events()[-1]["outcome"] == "found"


def test_a_search_that_finds_nothing_says_so(world: World, serve: Serve) -> None:
    """In an empty folder."""
    serve(judge())
    assert "nothing in this folder matches" in world.run("search", "anything").out


@pytest.mark.parametrize(
    ("revision", "shown"),
    [("HEAD", "-    return gross / rate"), ("HEAD~1..HEAD", "-    return gross / rate"), ("HEAD~1", "+def net")],
)
def test_a_review_reads_the_change_of_a_revision(repository: World, serve: Serve, revision: str, shown: str) -> None:
    """One commit is its own change, the first one all of its files; exit code 1 for certain defects."""
    server = serve(judge(FINDING))

    done = repository.run("review", revision)

    assert done.code == 1 and "price.py:6  net(120, 1.2) gives 144" in done.out
    (body,) = server.bodies("reviewer")
    assert shown in body["messages"][-1]["content"]


def test_without_a_revision_the_uncommitted_change_is_read(repository: World, serve: Serve) -> None:
    """New files as well; what lies outside the change is no finding."""
    server = serve(judge(ELSEWHERE))
    write(repository.project, {"new.py": "x = 1\n"})

    done = repository.run("review", "--json")

    assert done.code == 0 and done.result["outcome"] == "reviewed" and "no certain defect" in done.result["reason"]
    shown = server.bodies("reviewer")[0]["messages"][-1]["content"]
    assert "+x = 1" in shown and "gross" not in shown


def test_a_clean_tree_needs_no_model(repository: World, serve: Serve) -> None:
    """There is nothing to read."""
    server = serve(judge(FINDING))
    done = repository.run("review")
    assert done.code == 0 and "nothing is changed" in done.out and not server.requests


def test_a_review_starts_none_of_the_users_programs(repository: World, serve: Serve) -> None:
    """Neither hooks, filters, monitors nor drivers for differences, and writes nothing into the repository."""
    serve(judge(FINDING))
    write(repository.project, {".gitattributes": "*.py filter=evil diff=evil\n"})
    trap = f"touch {repository.folder}/sprung; cat"
    for name in (
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.command",
        "diff.evil.textconv",
    ):
        git(repository, "config", name, trap)
    before = tree(repository.project)

    repository.run("review", "HEAD")
    repository.run("review")

    assert not (repository.folder / "sprung").exists() and tree(repository.project) == before


def test_a_revision_that_is_not_there_is_named(repository: World, serve: Serve) -> None:
    """And so is a folder without git."""
    serve(judge())
    done = repository.run("review", "nowhere")
    assert done.code == 1 and "there is no commit 'nowhere' here" in done.out + done.err
    assert repository.run("review", "--upload-pack=x").code in (1, 2)


def test_given_errors_are_repaired_and_verified(world: World, serve: Serve) -> None:
    """Like any change: by executed checks, applied once."""
    SMALL.write(world.project)
    server = serve(SMALL.scenario())

    done = world.run("fix", "AssertionError: net(120, 1.2) gives 144", "--check", CHECK, "--json")

    assert done.code == 0 and done.result["outcome"] == "verified"
    assert {name: (world.project / name).read_text() for name in FIXED} == FIXED
    assert "Repair these errors" in server.bodies("coder")[0]["messages"][-1]["content"]
