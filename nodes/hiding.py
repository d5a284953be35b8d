"""Hiding: which secrets a run knows of by what they are called, before any text gives itself away."""

import contextlib
import os
import secrets as chance
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.secrets import Secrets, values_of_settings
from workspace.protected import why_untouchable
from workspace.records import atomic_write
from workspace.run import Run

MAX_SETTINGS = 64_000
"""Most bytes of a file of secrets that are read."""

SALT = "stand-ins.salt"


def opened_secrets(run: Run, home: Path, env: Mapping[str, str]) -> Secrets:
    """The endpoint's key, and what the files of secrets hold: those at the top of the project, and the snapshot's."""
    secrets = Secrets(salt_of(home))
    secrets.learn([env.get("OPENAI_API_KEY", ""), *(value for values in settings_of(run.root) for value in values)])
    if base := run.repository.ref("heads/base"):
        learn_snapshot(secrets, run, base)
    return secrets


def learn_snapshot(secrets: Secrets, run: Run, commit: str) -> None:
    """Take in what the files of secrets in a commit hold."""
    for path in secret_files(run.repository.files(commit)):
        text = (run.repository.read(commit, path) or b"")[:MAX_SETTINGS]
        secrets.learn(values_of_settings(text.decode("utf-8", "replace")))


def secret_files(paths: Iterable[str]) -> list[str]:
    """Those that are there to hold secrets."""
    return [path for path in paths if why_untouchable(path) == "secrets"]


def settings_of(root: Path) -> Iterator[list[str]]:
    """The values of each file at the top of a folder that is there to hold secrets; links are not followed."""
    for path in sorted(root.iterdir()):
        if not secret_files([path.name]):
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # what we may not read, nobody gets to see
        with open(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                yield values_of_settings(file.read(MAX_SETTINGS).decode("utf-8", "replace"))


def salt_of(home: Path) -> str:
    """The salt of all stand-ins here: a replay finds the same ones, and an endpoint cannot guess what is behind."""
    path = home / SALT
    if not path.exists():
        fresh = home / f".{SALT}.{chance.token_hex(4)}"
        try:
            atomic_write(fresh, chance.token_hex(16).encode())
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)  # whole or not at all, and the first of several processes wins
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink()
    return path.read_text("utf-8")
