"""Races between contestants, and the documents that hold their results."""

import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.document import SectionError, replace_section
from bench.plot import Line, svg
from bench.race import MOST_CALLS, Operation, at_most, at_most_times, differing, faster_than, run
from bench.sampling import Call, Command, Fresh, Resident, Worker, WorkerError

WORKERS = Path(__file__).parents[3] / "bench" / "workers"

WORKER = """
import sys
sys.path.insert(0, {workers!r})
from serving import serve

def double(number):
    print("printed by a library")
    return 2 * number

serve(double)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A worker with one function."""
    path = tmp_path / "worker.py"
    path.write_text(WORKER.format(workers=str(WORKERS)))
    return path


def test_every_kind_of_contestant_answers_the_same_questions(tmp_path: Path, script: Path) -> None:
    """A function, a program, a resident library and a fresh process are asked alike and answer alike."""
    code = "import sys; print('\\n' * (2 * int(sys.argv[1])), end='')"
    with Worker([sys.executable, script]) as worker:
        contestants = [
            Call("ours", lambda q: 2 * q),
            Command("program", lambda q: [sys.executable, "-c", code, str(q)], tmp_path),
            Resident("library", worker, "double", lambda q: {"number": q}),
            Fresh("new", lambda: Worker([sys.executable, script]), "double", lambda q: {"number": q}),
        ]
        operation = Operation("double", "", contestants, questions=3)
        figures, failed = run(operation, rounds=1)

    assert failed == {}
    assert [f.name for f in figures] == ["ours", "program", "library", "new"]
    assert [f.answers for f in figures] == [[0, 2, 4]] * 4
    assert differing(operation, figures) == ""


def test_answers_that_differ_are_named() -> None:
    """A race between different answers is no race; who need not be compared is left out."""
    contestants = [Call("ours", lambda q: q), Call("other", lambda q: q + 1), Call("unlike", lambda q: 7, False)]
    operation = Operation("", "", contestants, questions=2)
    figures, _ = run(operation, rounds=1)

    assert differing(operation, figures) == "ours [0, 1], other [1, 2]"


def test_a_rival_that_fails_is_left_out_with_its_words(tmp_path: Path) -> None:
    """The others are measured all the same."""
    fails = [sys.executable, "-c", "import sys; sys.exit('no licence')"]
    contestants = [Call("ours", lambda q: q), Command("broken", lambda _: fails, tmp_path, good=(0,))]
    figures, failed = run(Operation("", "", contestants), rounds=1)

    assert [f.name for f in figures] == ["ours"]
    assert "no licence" in failed["broken"]


def test_a_worker_that_dies_says_why(script: Path) -> None:
    """What it wrote to standard error is in the error."""
    with Worker([sys.executable, script]) as worker, pytest.raises(WorkerError, match="KeyError: 'halve'"):
        worker.ask("halve", [{"number": 1}])


def test_cpu_of_children_and_of_this_process_is_counted(tmp_path: Path) -> None:
    """A program that computes costs CPU, one that sleeps costs wall time only."""
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    computing = Command("busy", lambda _: [sys.executable, "-c", busy], tmp_path).ask([0])
    waiting = Call("idle", lambda _: time.sleep(0.2) or 0).ask([0])

    assert computing.cpu >= 0.2
    assert waiting.walls[0] >= 0.2 > waiting.cpu


def test_quick_calls_are_repeated_and_every_question_equally_often() -> None:
    """A batch of a quick function is whole turns of the questions, at most so many calls as are allowed."""
    asked: list[int] = []
    figures, _ = run(Operation("", "", [Call("ours", lambda q: asked.append(q) or q)], questions=3), rounds=2)

    assert 2 * 3 < figures[0].calls <= 2 * MOST_CALLS
    assert asked.count(0) == asked.count(1) == asked.count(2) == figures[0].calls // 3 + 1


def test_targets_are_held_against_medians() -> None:
    """A limit, a rival and another way of ours."""
    contestants = [Call("ours", lambda _: 0), Call("slow", lambda _: time.sleep(0.01) or 0)]
    figures = {f.name: f for f in run(Operation("", "", contestants), rounds=1)[0]}

    met = [at_most(1), faster_than("slow"), faster_than("slow", 2), at_most_times(0.5, "slow")]
    missed = [at_most(1, "slow"), faster_than("ours", name="slow"), at_most_times(2, "ours", "slow")]
    assert [target.met(figures) for target in met] == [True] * 4
    assert [target.met(figures) for target in missed] == [False] * 3


def test_a_plot_places_values_on_a_logarithmic_scale() -> None:
    """Ten times as long is as far to the right each time, and every mark says its value."""
    drawing = ElementTree.fromstring(svg("times", [Line("a < b", [("ours", 0.1), ("rg", 10.0), ("grep", 1.0)], 1.0)]))
    space = "{http://www.w3.org/2000/svg}"
    titles = [t.text for t in drawing.iter(f"{space}title")]
    circle = next(drawing.find(f"{space}g[{n}]/{space}circle") for n in (3,))
    targets = [float(line.attrib["x1"]) for line in drawing.iter(f"{space}line") if line.get("class") == "target"]

    assert titles == ["times", "grep: 1 ms", "rg: 10 ms", "ours: 0.1 ms"]
    assert circle is not None and float(circle.attrib["cx"]) == 290
    assert targets[1] == pytest.approx((290 + 920) / 2)


def test_a_plot_of_nothing_is_refused() -> None:
    """An empty picture would look like a result."""
    with pytest.raises(ValueError, match="nothing was measured"):
        svg("times", [])


def test_a_section_is_replaced_between_its_markers() -> None:
    """What a person wrote around it stays, and a document without markers is refused."""
    document = "before\n<!-- begin x -->\nold\n<!-- end x -->\nafter\n"

    assert replace_section(document, "x", "new") == "before\n<!-- begin x -->\nnew\n<!-- end x -->\nafter\n"
    with pytest.raises(SectionError, match="<!-- begin y -->"):
        replace_section(document, "y", "new")
