"""A run as a film: it tells what happened in order, makes nobody wait, and obeys no text."""

import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from recorded_run import events
from test_pictures import HOSTILE, crowd

from orchestrator.film import HEIGHT, LAST, LONGEST, TYPED, WIDTH, Clock, cast, frames, paced, play
from orchestrator.moving_picture import moving_picture
from orchestrator.watch import Lines
from tests.world import World
from tests.written_run import small

DRAWN = "import sys; sys.path.insert(0, '.'); import picture; sys.stdout.write(picture.drawn())"

ORDER = re.compile(r"\x1b\[(?:\?25l|H|K|J|[\d;]*m)")
"""What a recording may tell a terminal: no cursor, home, the rest of a line or screen, colours."""


def recorded(text: str) -> tuple[dict[str, object], list[tuple[float, str]]]:
    """The header and the frames of a recording, each as the text that it leaves on the screen."""
    header, *records = map(json.loads, text.splitlines())
    assert all(kind == "o" for _, kind, _ in records)
    return header, [(at, ORDER.sub("", sent).replace("\r\n", "\n")) for at, _, sent in records]


def test_a_recording_is_one_of_asciinema() -> None:
    """Version 2; the command, the picture, the summary; every frame fits; the same run gives the same bytes."""
    text = cast(events())
    header, shown = recorded(text)
    assert header["version"] == 2 and (header["width"], header["height"]) == (WIDTH, HEIGHT)
    assert shown[0][1].startswith('$ orchestrator auto "Add carts') and shown[-1][1].startswith("VERIFIED")
    assert any("fixer · attempt 2" in frame for _, frame in shown)
    assert all(len(line) <= WIDTH for _, frame in shown for line in frame.split("\n"))
    assert all(frame.count("\n") < HEIGHT for _, frame in shown)
    assert [at for at, _ in shown] == sorted(at for at, _ in shown) and text == cast(events())


def test_nobody_waits_long() -> None:
    """A pause of the run is cut, and the speed holds for all of it; the time that is shown is the run's."""
    slow = [
        {**e, "time": str(e["time"]).replace("T10:", "T20:")} if e["type"] == "run.finished" else e for e in events()
    ]
    waits = [pause for _, pause, _ in paced(slow, 2.0)]
    assert max(waits) == LONGEST / 2
    ends = [list(frames(slow, speed))[-1].at - TYPED - LAST for speed in (1.0, 2.0)]
    assert ends[0] == pytest.approx(2 * ends[1]) and ends[0] <= 60


def test_playing_is_watching_again() -> None:
    """The display hears every event once and in order, and the clock runs between them up to the run's seconds."""
    out, clock, waited = io.StringIO(), Clock(), list[float]()
    view = play(events(), Lines(out), clock, 4.0, waited.append)
    assert view.outcome == "verified" and clock.now == view.seconds == 60.0
    assert sum(waited) == pytest.approx(sum(pause for _, pause, _ in paced(events(), 4.0))) and max(waited) <= 0.2
    lines = out.getvalue().splitlines()
    assert lines[0].endswith("prices in cents") and "verified: every task" in lines[-1]


def test_no_text_of_a_run_moves_a_terminal_or_a_page() -> None:
    """Escape sequences and markup stand there as text, in the recording and in the drawing."""
    names = ("type", "time", "run", "task", "lane")
    evil = f"{HOSTILE}</text><script>alert(1)</script>"
    hostile = [{k: evil if isinstance(v, str) and k not in names else v for k, v in e.items()} for e in events()]
    _, shown = recorded(cast(hostile))
    assert not any("\x1b" in frame or "\x07" in frame or "\u202e" in frame for _, frame in shown)
    drawing = ET.fromstring(moving_picture(list(frames(hostile))))
    assert {element.tag.rpartition("}")[2] for element in drawing.iter()} <= {
        "svg", "title", "style", "rect", "circle", "text", "tspan",
    }  # fmt: skip
    assert "<script>alert(1)" in "".join(drawing.itertext())


@pytest.mark.parametrize("records", [events(), crowd(60)], ids=["usual", "crowd"])
def test_the_moving_drawing_rests_on_the_end(records: list[dict[str, object]]) -> None:
    """One file without a network or a script; what stays in the end needs no motion to be seen; small enough."""
    svg = moving_picture(list(frames([event for event in records if event["type"] != "model.chosen"])))
    assert set(re.findall(r"https?://[^\s\"<]+", svg)) == {"http://www.w3.org/2000/svg"}
    drawing = ET.fromstring(svg)
    lines = [element for element in drawing.iter() if element.tag.endswith("}text")]
    resting = " ".join("".join(line.itertext()) for line in lines if line.get("class") == "s")
    assert "tasks red → green" in re.sub(r"(?<=tasks)(?=red)", " ", resting) and "last check" not in resting
    assert len(svg) < 400_000


def test_show_plays_and_records(tmp_path: Path) -> None:
    """From the command line without a terminal: lines at their pace, files where they are wanted, one sentence else."""
    written = small(tmp_path)
    world = World(tmp_path)
    done = world.run("show", written.run.id, "--play", "--speed", "1000", "--cast", "run.cast", "--film", "run.svg")
    assert done.code == 0 and "reviewer: fix accepted" in done.out and "VERIFIED" in done.out
    assert recorded((world.project / "run.cast").read_text())[0]["version"] == 2
    ET.fromstring((world.project / "run.svg").read_text())
    refused = world.run("show", "last", "--cast", "no/where.cast")
    assert refused.code == 2 and "no/where.cast cannot be written" in refused.err


def test_the_picture_of_the_readme_is_of_its_recording() -> None:
    """What the README shows is what the program draws now; else: make picture."""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", DRAWN], cwd=root / "examples", capture_output=True, text=True)
    assert done.stdout == (root / "docs" / "run.svg").read_text("utf-8"), f"run `make picture` {done.stderr}"
    assert "docs/run.svg" in (root / "README.md").read_text("utf-8")
