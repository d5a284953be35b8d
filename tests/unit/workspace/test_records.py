"""Records that survive a crash: lines, whole files, artefacts, events."""

import errno
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workspace.scenes import in_child
from workspace.artefacts import ArtefactStore
from workspace.errors import EventsLost, RunBroken, RunNewer
from workspace.events import EventLog
from workspace.records import JsonLines, atomic_write

RECORDS = st.lists(
    st.dictionaries(
        st.text(max_size=5), st.text(st.characters(codec="utf-8"), max_size=20) | st.integers(), max_size=3
    ),
    max_size=6,
)


@given(records=RECORDS, cut=st.integers(0, 400), more=RECORDS)
def test_a_torn_line_costs_only_itself(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], cut: int, more: list[dict[str, Any]]
) -> None:
    """Wherever a crash cuts the file, whole lines before it and lines that are added later are read."""
    path = tmp_path_factory.mktemp("lines") / "x.jsonl"
    lines = JsonLines(path)
    for record in records:
        lines.append(record)
    whole = path.read_bytes() if records else b""
    path.write_bytes(whole[:cut])
    kept = [json.loads(line) for line in whole[:cut].split(b"\n")[:-1]]
    torn = whole[:cut].rpartition(b"\n")[2]
    if torn and whole[cut : cut + 1] == b"\n":
        kept.append(json.loads(torn))
    after = JsonLines(path)
    for record in more:
        after.append(record)
    assert list(JsonLines(path).read()) == kept + more


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """Reading makes no file."""
    assert list(JsonLines(tmp_path / "x").read()) == []
    assert not (tmp_path / "x").exists()


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    """Each record is one line, none is lost."""
    lines = JsonLines(tmp_path / "x")

    def work(number: int) -> None:
        for count in range(50):
            lines.append({"thread": number, "count": count, "fill": "x" * 5000}, durable=count == 0)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = [(r["thread"], r["count"]) for r in lines.read()]
    assert len(seen) == 200 and len(set(seen)) == 200


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_kill_while_a_file_is_replaced_leaves_the_old_one(tmp_path: Path, call: str) -> None:
    """Readers see all of the old bytes or all of the new ones."""
    path = tmp_path / "x"
    atomic_write(path, b"old")

    def die() -> None:
        setattr(os, call, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        atomic_write(path, b"new" * 100_000)

    assert in_child(die) == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_a_replaced_file_keeps_no_temporary_one(tmp_path: Path) -> None:
    """Also where writing fails."""
    atomic_write(tmp_path / "x", b"1", mode=0o640)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        atomic_write(tmp_path / "folder", b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x"]


def test_an_artefact_is_known_by_its_content(tmp_path: Path) -> None:
    """The same bytes have the same id and are kept once; text with half characters survives."""
    store = ArtefactStore(tmp_path / "artefacts")
    name = store.put("text ✓")
    assert store.put("text ✓".encode()) == name and store.text(name) == "text ✓"
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1
    odd = os.fsdecode(b"caf\xe9")
    assert store.text(store.put(odd)) == odd
    assert store.bytes(store.put(b"")) == b""


@pytest.mark.parametrize("name", ["0" * 64, "../run.json", "", "a/b", "."])
def test_an_artefact_that_was_never_put_is_not_there(tmp_path: Path, name: str) -> None:
    """A wrong id reads nothing, and nothing outside the store."""
    (tmp_path / "run.json").write_bytes(b"secret")
    with pytest.raises(RunBroken):
        ArtefactStore(tmp_path / "artefacts").bytes(name)


@pytest.mark.parametrize("damage", [b"", b"other bytes!", b"the same byte"])
def test_an_artefact_that_was_damaged_is_never_handed_out(tmp_path: Path, damage: bytes) -> None:
    """Cut or overwritten: reading says so, and putting the same content again mends what was cut."""
    store = ArtefactStore(tmp_path)
    name = store.put(b"the same bytes")
    (tmp_path / name[:2] / name[2:]).write_bytes(damage)
    with pytest.raises(RunBroken, match="is damaged"):
        store.bytes(name)
    assert store.bytes(store.put(b"the same bytes")) == b"the same bytes"


def test_a_line_that_a_full_disk_has_cut_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a record is written, then there is no room: the file is as before, and the next record is whole."""
    lines, real = JsonLines(tmp_path / "x"), os.write
    lines.append({"a": 1})
    before = lines.path.read_bytes()
    sizes = iter([4])

    def full(descriptor: int, data: bytes) -> int:
        for size in sizes:
            return real(descriptor, data[:size])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            lines.append({"b": "x" * 100})
    assert lines.path.read_bytes() == before
    lines.append({"c": 3})
    assert list(lines.read()) == [{"a": 1}, {"c": 3}]


def test_events_are_numbered_across_processes(tmp_path: Path) -> None:
    """A later process goes on where the last one stopped."""
    first = EventLog(tmp_path / "e", "run")
    assert [first.emit("a")["seq"], first.emit("b")["seq"]] == [1, 2]
    again = EventLog(tmp_path / "e", "run")
    assert again.emit("c", text="x")["seq"] == 3
    assert [(e["v"], e["seq"], e["type"], e["run"]) for e in again.read()] == [
        (1, 1, "a", "run"),
        (1, 2, "b", "run"),
        (1, 3, "c", "run"),
    ]
    assert all(e["time"].endswith("+00:00") for e in again.read())


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"v":1,"seq":3,"type":"c"}', EventsLost),
        (b'{"v":2,"seq":2,"type":"b"}', RunNewer),
        (b'{"seq":2,"type":"b"}', RunBroken),
        (b'{"v":true,"seq":2,"type":"b"}', RunBroken),
    ],
)
def test_events_of_a_newer_version_and_gaps_are_refused(tmp_path: Path, line: bytes, error: type[RunBroken]) -> None:
    """What is missing or not understood is not passed over; a torn last line is."""
    log = EventLog(tmp_path / "e", "run")
    log.emit("a")
    with (tmp_path / "e").open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(error, match=str(tmp_path / "e")):
        list(log.read())
    (tmp_path / "e").write_bytes((tmp_path / "e").read_bytes().splitlines(keepends=True)[0] + line[:9])
    assert len(list(EventLog(tmp_path / "e", "run").read())) == 1


def test_listeners_hear_events_in_order_until_they_stop(tmp_path: Path) -> None:
    """Also where several threads speak at once: the numbers never jump."""
    log, heard = EventLog(tmp_path / "e", "run"), list[int]()
    stop = log.subscribe(lambda event: heard.append(event["seq"]))
    threads = [threading.Thread(target=lambda: [log.emit("x") for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop()
    log.emit("y")
    assert heard == list(range(1, 201))
    assert [e["seq"] for e in log.read()] == list(range(1, 202))
