"""A whole run in a repository that would start programs: none starts, and the git folder stays as it is."""

from collections.abc import Callable

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.unit.workspace.scenes import user_git
from tests.world import World

SETTINGS = (
    "core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "diff.external", "credential.helper",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "merge.evil.driver",
    "gpg.program", "core.askPass", "core.gitProxy", "uploadpack.packObjectsHook", "sequence.editor",
)  # fmt: skip
HOOKS = ("pre-commit", "post-commit", "post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc")


def test_nothing_of_the_repository_is_started_or_touched(world: World, serve: Callable[[Scenario], Server]) -> None:
    """From snapshot to apply, diff and undo: no hook, no filter, no helper; refs, index and reflog to the last byte."""
    write(world.project, {**PYTHON.files, ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        user_git(world.project, *command)
    script = world.folder / "evil.sh"
    write(world.folder, {"evil.sh": f"#!/bin/sh\necho $0 >> {world.folder}/ran\ncat\n"})
    script.chmod(0o755)
    for name in SETTINGS:
        user_git(world.project, "config", name, str(script))
    for hook in HOOKS:
        (world.project / ".git" / "hooks" / hook).write_bytes(script.read_bytes())
        (world.project / ".git" / "hooks" / hook).chmod(0o755)
    (world.folder / "ran").unlink(missing_ok=True)
    serve(scenario(PYTHON, "prose", PYTHON.block(PYTHON.repair)))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    after = tree(world.project)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == set(done.result["files"]) and not any(name.startswith(".git") for name in changed)
    assert world.run("diff", "last").code == 0 and world.run("undo", "last").code == 0
    assert tree(world.project) == before
    assert not (world.folder / "ran").exists()
