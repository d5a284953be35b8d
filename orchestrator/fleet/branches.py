"""Branches: a verified change as a branch of a repository of the user's. Nothing is checked out, and nothing pushed."""

from pathlib import Path

from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from workspace.errors import GitFailed
from workspace.git import HARMLESS, git
from workspace.run import Run

PREFIX = "orchestrator/"


def branch_of(repository: Path, run: Run, task: str) -> str:
    """Make the branch ``orchestrator/<run>`` on the commit that the run began from; raises UsageError."""
    view = view_of(run.events.read())
    settings = [part for each in HARMLESS for part in ("-c", each)]
    name = PREFIX + run.id[:8]
    try:
        parent = parent_of(repository, run, view.base)
        objects = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(run.repository.path / "objects")}
        fetch = (
            "fetch",
            "-q",
            "--no-tags",
            "--no-write-fetch-head",
            str(run.repository.path),
            f"{view.head}:refs/{name}",
        )
        git(
            *settings,
            "-c",
            "protocol.file.allow=always",
            "-c",
            "uploadpack.allowAnySHA1InWant=true",
            *fetch,
            cwd=repository,
        )
        tree = git("rev-parse", f"{view.head}^{{tree}}", cwd=repository, env=objects).text
        message = f"{task.strip().splitlines()[0][:72]}\n\nRun {run.id}\n"
        commit = git(
            *settings, "commit-tree", tree, "-p", parent, cwd=repository, input=message.encode(), env=_who()
        ).text
        git(*settings, "update-ref", f"refs/heads/{name}", commit, cwd=repository)
        git(*settings, "update-ref", "-d", f"refs/{name}", cwd=repository)
    except GitFailed as fault:
        raise UsageError(
            f"The branch {name} cannot be made ({fault.reason}).", fix="Name a repository with --branches."
        ) from None
    return name


def parent_of(repository: Path, run: Run, base: str) -> str:
    """The commit of the user's whose tree the run began from; HEAD where the folder held more than a commit."""
    head = git("rev-parse", "--verify", "HEAD^{commit}", cwd=repository).text
    tree = run.repository.tree_of(base)
    log = git("log", "-n", "500", "--format=%H %T", "--all", cwd=repository).text
    found = [line.split()[0] for line in log.splitlines() if line.endswith(tree)]
    return found[0] if found else head


def _who() -> dict[str, str]:
    from workspace.git import IDENTITY

    name, mail = IDENTITY
    roles = ("AUTHOR", "COMMITTER")
    return {f"GIT_{role}_NAME": name for role in roles} | {f"GIT_{role}_EMAIL": mail for role in roles}
