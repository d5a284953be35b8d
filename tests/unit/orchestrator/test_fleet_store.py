"""Stores and repositories: what is kept comes back or is refused, and what may not be named is not fetched."""

import hashlib
import subprocess
import threading
from pathlib import Path

import pytest

from orchestrator.errors import StoreAway, StoreRefuses, UsageError
from orchestrator.fleet.database import Database, local_url
from orchestrator.fleet.repositories import named_by_batch, named_by_row, tree_of
from orchestrator.fleet.schema import prepared
from orchestrator.fleet.store import ObjectDamaged, PatientStore, meaning, store_of
from tests.e2e.conftest import write


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one."""
    (tmp_path / "fleet").mkdir()
    return prepared(Database(local_url(tmp_path)))


@pytest.mark.parametrize("where", ["database", "{}/folder", "file://{}/remote", "memory://fleet"])
def test_a_store_gives_back_what_was_put_and_nothing_else(tmp_path: Path, database: Database, where: str) -> None:
    """Twice the same is once; what is missing is said to be; any kind of store."""
    store = store_of(where.format(tmp_path), database)
    name = store.put(b"objects")
    assert store.put(b"objects") == name and store.get(name) == b"objects"
    with pytest.raises(ObjectDamaged):
        store.get(hashlib.sha256(b"others").hexdigest())


def test_what_another_tenant_has_put_there_is_refused(tmp_path: Path, database: Database) -> None:
    """A name that holds other bytes than it says is no object."""
    store = store_of(str(tmp_path / "folder"), database)
    name = store.put(b"objects")
    (tmp_path / "folder" / name[:2] / name[2:]).write_bytes(b"other")
    with pytest.raises(ObjectDamaged, match="other bytes"):
        store.get(name)


def test_a_folder_that_is_away_is_no_damage_and_what_was_paid_for_waits_for_it(
    tmp_path: Path, database: Database
) -> None:
    """Neither reading nor writing takes a missing folder for a missing object; the patient store goes on by itself."""
    folder = tmp_path / "folder"
    store = store_of(str(folder), database)
    name = store.put(b"objects")
    folder.rename(tmp_path / "away")
    for step in (lambda: store.put(b"others"), lambda: store.get(name)):
        with pytest.raises(StoreAway, match="cannot be"):
            step()

    back = threading.Timer(0.3, lambda: (tmp_path / "away").rename(folder))
    back.start()
    patient = PatientStore(store)
    assert patient.get(name) == b"objects" and patient.get(patient.put(b"others")) == b"others"
    back.join()


def test_what_a_remote_store_says_decides_whether_it_is_waited_for(database: Database) -> None:
    """A refusal of the account or the bucket is one for good; every other fault may pass."""
    assert isinstance(meaning(PermissionError("Access Denied")), StoreRefuses)
    assert isinstance(meaning(FileNotFoundError("no such bucket")), StoreRefuses)
    assert str(meaning(TimeoutError())) == "The store does not answer (TimeoutError)."


def test_an_unknown_store_is_refused_in_one_sentence(database: Database) -> None:
    """With what to install, or to correct."""
    with pytest.raises(UsageError, match="cannot be used"):
        store_of("nothing-like-it://x", database)


@pytest.mark.parametrize(
    "url",
    [
        "https://name:secret@host/x",
        "https://token@host/x",
        "ext::sh -c touch% x",
        "file:///etc",
        "http://host/x",
        "ssh://-oProxyCommand=x/y",
        "git://host/x",
        "https://other.example/x",
    ],
)
def test_addresses_that_may_not_be_fetched(tmp_path: Path, url: str) -> None:
    """Other protocols, credentials that a database would keep, options in disguise, hosts that are not allowed."""
    with pytest.raises(UsageError):
        named_by_batch(url, tmp_path, ["https://git.example/*"])


def test_folders_outside_the_batchs_own_are_refused_also_through_links(tmp_path: Path) -> None:
    """Below the batch file's folder, or one that is allowed; of a shared database's rows only the latter."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for folder in (inner / "shop", outer):
        folder.mkdir(parents=True)
    (inner / "link").symlink_to(outer)
    assert named_by_batch("shop", inner, []) == str(inner / "shop")
    assert named_by_batch("../outer", inner, [str(outer)]) == str(outer)
    for name in ("../outer", "link", "/etc"):
        with pytest.raises(UsageError, match="none that is allowed"):
            named_by_batch(name, inner, [])
    with pytest.raises(UsageError):
        named_by_row(str(inner / "shop"), [])


def test_a_repository_is_fetched_once_a_host(tmp_path: Path) -> None:
    """Two runs of a branch have one tree; a revision that is not there is named; the source may be gone by then."""
    source = tmp_path / "source"
    write(source, {"a.txt": "1\n"})
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "begin")):
        subprocess.run(["git", *who, *arguments], cwd=source, check=True)
    first = tree_of(str(source), "main", tmp_path / "home")
    with pytest.raises(UsageError, match="no revision 'nothing'"):
        tree_of(str(source), "nothing", tmp_path / "home")
    (source / ".git").rename(source / "gone")
    again = tree_of(str(source), "main", tmp_path / "home")
    assert first == again and (first.root / "a.txt").read_text() == "1\n" and len(first.commit) == 40
    with pytest.raises(UsageError, match="cannot be fetched"):
        tree_of(str(source), "main", tmp_path / "another-host")


def test_what_git_gives_as_a_reason_is_told(tmp_path: Path) -> None:
    """A folder without git that is given a revision: the reason and the way out, not the last line that git prints."""
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError) as told:
        tree_of(str(tmp_path / "plain"), "v9", tmp_path / "home")
    assert "does not appear to be a git repository" in str(told.value) and "leave the revision away" in str(told.value)
