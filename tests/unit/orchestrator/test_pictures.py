"""What a person sees of a run, all of it drawn from the run's events."""

import io
import random
import re

import pytest
from recorded_run import RUN, STORY, at, events, until
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from orchestrator.fold import fold, view_of
from orchestrator.lines import details_of, line_of
from orchestrator.picture import picture
from orchestrator.screen import draw
from orchestrator.summary import summary
from orchestrator.view import RunView

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]bold[/red]\u202etxt.exe"


def shown(renderable: object, width: int, height: int = 24) -> str:
    """What stands on a terminal without colours."""
    console = Console(width=width, height=height, record=True, file=io.StringIO(), force_terminal=True)
    console.print(renderable)
    return console.export_text()


def screen(seconds: int, width: int = 80, height: int = 24) -> str:
    """The live picture at a second of the recorded run."""
    console = Console(width=width, height=height, file=io.StringIO())
    recent = lines(until(seconds))
    return shown(draw(view_of(until(seconds)), console, seconds=seconds, recent=recent), width, height)


def lines(records: list[dict[str, object]]) -> list[str]:
    """The plain lines of a run."""
    view = RunView()
    found = []
    for event in records:
        fold(view, event)
        if text := line_of(view, event):
            found.append(text)
    return found


@pytest.mark.parametrize("seconds", [0, 1, 5, 24, 35, 60])
def test_live_picture(seconds: int, snapshot: SnapshotAssertion) -> None:
    """The picture at six moments of a run, on 80 columns."""
    assert screen(seconds) == snapshot


def test_live_picture_on_a_wide_terminal(snapshot: SnapshotAssertion) -> None:
    """More room shows more of each line."""
    assert screen(24, 120, 40) == snapshot


def crowd(count: int, **settings: object) -> list[dict[str, object]]:
    """The events of a run of many tasks of which one is worked on."""
    tasks = [{"id": f"t{n}", "title": "A title " * 12, "depends_on": [], "files": []} for n in range(count)]
    story = [*STORY[:13], (7, "plan.made", {"tasks": tasks}), (8, "agent.started", at(f"t{count - 3}", "coder"))]
    story += [(9, "task.finished", {"task": f"t{n}", "outcome": "verified", "reason": ""}) for n in range(count // 2)]
    started = {**story[0][2], "settings": {"budget": settings}}
    return events([(0, "run.started", started), *story[1:]])


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (120, 40), (20, 6), (80, 8), (200, 60)])
@pytest.mark.parametrize("count", [7, 40, 400])
def test_the_live_picture_fits_its_terminal(width: int, height: int, count: int) -> None:
    """Whatever its size, the tasks and the limits: no line is too long, none is lost, and who works is seen."""
    limits = {"calls": 12_000, "tokens": 3_000_000, "cost": 125.5, "seconds": 7200}
    records = crowd(count, **limits)
    console = Console(width=width, height=height, file=io.StringIO())

    drawn = draw(view_of(records), console, seconds=8, recent=lines(records))
    text = shown(drawn, width, height).rstrip("\n").splitlines()

    assert all(len(line) <= width for line in text)
    assert len(text) < height
    assert any(f"t{count - 3} " in line for line in text)
    if count > height:
        assert any(line.strip().startswith("and ") for line in text)


def test_a_crowd_on_a_small_terminal(snapshot: SnapshotAssertion) -> None:
    """How many tasks are not shown is said, and in which states they are."""
    console = Console(width=80, height=24, file=io.StringIO())
    assert shown(draw(view_of(crowd(40, calls=60)), console, seconds=9), 80) == snapshot


def test_verbose_lines(snapshot: SnapshotAssertion) -> None:
    """Every event, with all that it says, nothing cut."""
    view, found = RunView(), []
    for event in until(25):
        fold(view, event)
        found += details_of(view, event)
    assert "\n".join(found) == snapshot


def test_the_end_of_a_crowd_is_read_at_a_glance() -> None:
    """Of 400 tasks the summary names what is left, and fits a terminal."""
    records = [*crowd(400), *events([ending("stuck", 4, "t397 was not verified")])]
    text = shown(summary(view_of(records)), 80).splitlines()
    assert "left    t200 (waiting), t201 (waiting)" in text[3] and "and 194 more" in " ".join(text[3:5])
    assert any("and 388 more tasks" in line for line in text) and len(text) < 60


def test_plain_lines(snapshot: SnapshotAssertion) -> None:
    """The whole run as lines."""
    assert "\n".join(lines(events())) == snapshot


def test_summary_of_a_verified_run(snapshot: SnapshotAssertion) -> None:
    """Outcome, evidence red to green, files, cost, next steps."""
    assert shown(summary(view_of(events())), 100) == snapshot


def ending(outcome: str, code: int, reason: str, *files: str, **more: object) -> tuple[int, str, dict[str, object]]:
    """A run.finished event."""
    return 50, "run.finished", {"outcome": outcome, "exit": code, "reason": reason, "files": list(files), **more}


ENDINGS: dict[str, list[tuple[int, str, dict[str, object]]]] = {
    "budget": [
        ending(
            "budget",
            3,
            "the budget of the run is spent: 60 of 60 calls",
            "shop/parse.py",
            tasks=[{"id": "parse", "outcome": "verified"}, {"id": "price", "outcome": "budget"}],
        )
    ],
    "interrupted": [(50, "run.interrupted", {})],
    "refused": [
        (50, "apply.refused", {"files": ["shop/price.py"]}),
        ending("failed", 1, "shop/price.py: changed in the folder", "shop/price.py"),
    ],
    "planned": [ending("planned", 0, "")],
    "question": [
        (4, "request.classified", {"kind": "question", "reason": "asks"}),
        ending("unverified", 6, "a question was answered", answer="It is in shop/price.py,\nline 7."),
    ],
    "unverified": [
        (20, "warning", {"text": "parse: nothing here can run a test; the work will be unverified"}),
        (40, "task.finished", {"task": "parse", "outcome": "unverified", "reason": ""}),
        ending("unverified", 6, "no executed check could judge parse", "shop/parse.py"),
    ],
}


@pytest.mark.parametrize("name", ENDINGS)
def test_summary_of_other_endings(name: str, snapshot: SnapshotAssertion) -> None:
    """Every kind of end says what it is and what to do next."""
    start = 7 if name == "planned" else 3 if name == "question" else 39
    story = [step for step in STORY if step[0] <= start] + ENDINGS[name]

    assert shown(summary(view_of(events(story))), 100) == snapshot


def test_the_drawn_picture_is_one_file_without_a_network() -> None:
    """The SVG loads nothing from anywhere, and the same events give the same bytes."""
    silent = [event for event in events() if event["type"] != "model.chosen"]
    svg = picture(silent)

    assert svg == picture(silent)
    assert set(re.findall(r"https?://[^\s\"<]+", svg)) == {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    assert "VERIFIED" in svg


def test_text_of_models_and_files_is_never_obeyed() -> None:
    """Escape sequences, markup and reordering marks in any field reach no terminal."""
    names = ("type", "time", "run", "task", "lane")
    hostile = [{k: HOSTILE if isinstance(v, str) and k not in names else v for k, v in e.items()} for e in events()]
    console = Console(width=80, height=24, file=io.StringIO())
    everything = [
        *lines(hostile),
        shown(draw(view_of(hostile), console, seconds=9), 80),
        shown(summary(view_of(hostile)), 100),
    ]

    assert not any(mark in text for text in everything for mark in ("\x1b", "\x07", "\u202e"))
    assert any("\\x1b[2J" in text for text in everything)
    assert any("[red]bold[/red]" in text for text in everything)


def test_a_damaged_record_is_shown_as_far_as_it_goes() -> None:
    """Events that lack fields, or come in another order, change nothing else and crash nothing."""
    damaged = [{k: v for k, v in event.items() if random.Random(n).random() > 0.3} for n, event in enumerate(events())]
    random.Random(7).shuffle(damaged)

    shown(summary(view_of(damaged)), 100)
    lines(damaged)
    assert view_of([*damaged, *events()[-1:]]).outcome == "verified"


def test_calls_are_counted_until_the_run_says_the_sum() -> None:
    """While a run goes on its calls are added up; at the end the run's own figures hold."""
    assert view_of(until(39)).calls == 4
    assert view_of(events()).calls == 9


def test_a_recorded_answer_costs_nothing_again() -> None:
    """After a resume, calls that are handed out from the journal are not counted twice."""
    again = [{**e, "recorded": True} for e in events() if e["type"] == "call.finished"]

    assert view_of([*until(39), *again]).calls == 4


def test_a_lane_of_a_second_dispatch_belongs_to_its_task() -> None:
    """The lane price.2 is the task price."""
    task = view_of(until(40)).tasks["price"]

    assert task.checks[-1].passed and task.state == "working"


def test_the_view_knows_the_run() -> None:
    """Id, folder and request come from the events."""
    view = view_of(events())

    assert (view.id, view.root, view.seconds) == (RUN, "/home/ada/shop", 60.0)
