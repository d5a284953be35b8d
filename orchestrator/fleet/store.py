"""Stores: objects named by what they hold, written once and read by any host. Nothing in one is trusted by its name."""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from orchestrator.errors import UsageError
from orchestrator.fleet.database import Database
from workspace.records import atomic_write

MOST = 32_000_000
"""Bytes of the largest object that the database keeps."""


class ObjectDamaged(Exception):
    """An object is missing, or holds other bytes than its name says."""


class Store(Protocol):
    """Keeps bytes by their sha256."""

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name."""
        ...

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        ...


def store_of(where: str, database: Database) -> Store:
    """The store that the configuration names; raises UsageError where it cannot be used."""
    if where == "database":
        return DatabaseStore(database)
    if "://" in where:
        return remote_store(where)
    return FolderStore(Path(where).expanduser())


class FolderStore:
    """A folder that all hosts see."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise UsageError(
                f"The store {folder} cannot be used ({fault.strerror}).", fix="Correct `fleet.store`."
            ) from None

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name."""
        name = hashlib.sha256(data).hexdigest()
        path = self._folder / name[:2] / name[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            atomic_write(path, data)
        return name

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        try:
            return checked(name, (self._folder / name[:2] / name[2:]).read_bytes())
        except OSError as fault:
            raise ObjectDamaged(f"object {name[:12]} cannot be read ({fault.strerror})") from None


class DatabaseStore:
    """The database itself, for objects that are not large."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name. Raises UsageError where it is too large for a database."""
        if len(data) > MOST:
            raise UsageError(
                f"A run has {len(data) / 1e6:.0f} MB to keep in one piece, too much for the database.",
                fix="Name a shared folder or an object store in `fleet.store`.",
            )
        name = hashlib.sha256(data).hexdigest()
        insert = "INSERT INTO fleet_object (digest, body, at) VALUES (:d, :b, {now}) ON CONFLICT (digest) DO NOTHING"
        self._database.patiently(insert, d=name, b=data)
        return name

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        rows = self._database.rows("SELECT body FROM fleet_object WHERE digest = :d", d=name)
        if not rows:
            raise ObjectDamaged(f"object {name[:12]} is not there")
        return checked(name, bytes(rows[0]["body"]))


class RemoteStore:
    """Anything that fsspec reaches, such as S3."""

    def __init__(self, system: Any, folder: str) -> None:
        self._system, self._folder = system, folder.rstrip("/")

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name."""
        name = hashlib.sha256(data).hexdigest()
        path = f"{self._folder}/{name[:2]}/{name[2:]}"
        if not self._system.exists(path):
            self._system.makedirs(f"{self._folder}/{name[:2]}", exist_ok=True)
            self._system.pipe_file(path, data)
        return name

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        try:
            return checked(name, bytes(self._system.cat_file(f"{self._folder}/{name[:2]}/{name[2:]}")))
        except OSError as fault:
            raise ObjectDamaged(f"object {name[:12]} cannot be read ({fault})") from None


def remote_store(url: str) -> RemoteStore:
    """A store behind a URL; raises UsageError where its package is missing or it is not known."""
    try:
        return RemoteStore(*import_module("fsspec.core").url_to_fs(url))
    except ModuleNotFoundError:
        fix = "pip install 'opencode-orchestrator[fleet]'"
    except ImportError as fault:
        fix = f"Install it: {fault}"
    except ValueError as fault:
        fix = f"Correct `fleet.store` ({fault})."
    raise UsageError(f"The store {url.partition('://')[0]}:// cannot be used.", fix=fix) from None


def checked(name: str, data: bytes) -> bytes:
    """The data, if it is what the name says: another tenant may have put anything there."""
    if hashlib.sha256(data).hexdigest() != name:
        raise ObjectDamaged(f"object {name[:12]} holds other bytes than were put there")
    return data
