"""Stores: objects named by what they hold, written once and read by any host. Nothing in one is trusted by its name."""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from orchestrator.errors import StoreAway, StoreRefuses, UsageError
from orchestrator.fleet.database import Database
from orchestrator.fleet.patience import waited_for
from orchestrator.words import one_line
from workspace.records import atomic_write

MOST = 32_000_000
"""Bytes of the largest object that the database keeps."""


class ObjectDamaged(Exception):
    """An object is missing, or holds other bytes than its name says."""


class Store(Protocol):
    """Keeps bytes by their sha256."""

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name. Raises StoreAway, and StoreRefuses where waiting is of no use."""
        ...

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged, and as `put` does."""
        ...


class PatientStore:
    """A store that is waited for while it is away: what it keeps for a run was paid for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, data: bytes) -> str:
        """Keep the data; returns its name."""
        return waited_for(lambda: self._store.put(data))

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        return waited_for(lambda: self._store.get(name))


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
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                atomic_write(path, data)
        except OSError as fault:
            raise StoreAway(f"The store {self._folder} cannot be written ({fault.strerror}).") from None
        return name

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged, and StoreAway where the folder itself is not there."""
        try:
            return checked(name, (self._folder / name[:2] / name[2:]).read_bytes())
        except OSError as fault:
            if self._folder.is_dir():
                raise ObjectDamaged(f"object {name[:12]} cannot be read ({fault.strerror})") from None
            raise StoreAway(f"The store {self._folder} cannot be read ({fault.strerror}).") from None


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
        self._database.change(insert, d=name, b=data)
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
        try:
            if not self._system.exists(path):
                self._system.makedirs(f"{self._folder}/{name[:2]}", exist_ok=True)
                self._system.pipe_file(path, data)
        except Exception as fault:
            raise meaning(fault) from fault
        return name

    def get(self, name: str) -> bytes:
        """The data of a name; raises ObjectDamaged."""
        try:
            data = bytes(self._system.cat_file(f"{self._folder}/{name[:2]}/{name[2:]}"))
        except FileNotFoundError as fault:
            raise ObjectDamaged(f"object {name[:12]} cannot be read ({fault})") from None
        except Exception as fault:
            raise meaning(fault) from fault
        return checked(name, data)


def meaning(fault: Exception) -> StoreAway | StoreRefuses:
    """What an error of a remote system means: systems have classes of their own for each way of not answering."""
    said = one_line(str(fault)) or type(fault).__name__
    if isinstance(fault, PermissionError | FileNotFoundError):
        return StoreRefuses(f"The store refuses ({said}). Correct `fleet.store`, or the account that is used.")
    return StoreAway(f"The store does not answer ({said}).")


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
