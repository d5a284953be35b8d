"""The benchmark of the native tools, on a tiny project and without rivals from the network."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import native
from bench.corpora import made_up_paths, paths
from bench.nativetools.results import Report, markdown
from bench.nativetools.setting import Setting, django
from bench.rivals import gather

ROOT = Path(__file__).parents[3]


@pytest.fixture
def setting(project: Path, tmp_path: Path) -> Iterator[Setting]:
    """The tiny project, a hundred names, and what the system has."""
    (tmp_path / "scratch").mkdir()
    made = Setting((django(project),), paths(tmp_path, 100), gather("none", tmp_path), tmp_path / "scratch")
    yield made
    made.close()


def measure(setting: Setting, *only: str) -> Report:
    return native.measure(setting, list(only), 1, "python bench/native.py")


def test_every_operation_is_measured_or_said_not_to_be_built(setting: Setting) -> None:
    """No operation fails, and each one with figures has ours first."""
    report = measure(setting, "*")

    assert [row.key for row in report.rows] == list(native.catalogue(setting))
    assert [row.figures[0].name for row in report.rows if not row.not_built] == ["ours"] * sum(
        not row.not_built for row in report.rows
    )
    assert all(figures.median > 0 for row in report.rows for figures in row.figures)
    assert [(m.name, m.megabytes > 0, m.limit) for m in report.memory] == [("ours", True, 150)]


def test_contestants_answer_alike(setting: Setting) -> None:
    """What git finds is what we find, and nothing is in doubt."""
    report = measure(setting, "django-rare", "django-twelve", "django-absent", "glob")

    by_name = {f.name: f.answers for f in report.rows[0].figures}
    assert by_name["git grep"] == by_name["ours"] == [2, 0, 0, 0, 0, 0, 0, 0]
    assert [row.doubts for row in report.rows] == [[], [], [], []]


def test_edits_change_nothing_but_the_copy(setting: Setting, project: Path) -> None:
    """Exact blocks are found, spoilt ones are refused, and the project stays as it was."""
    before = (project / "shop/models.py").read_bytes()
    report = measure(setting, "edit-*")
    answers = {row.key: set(row.figures[0].answers) for row in report.rows}

    assert answers == {"edit-exact": {1}, "edit-indent": {1}, "edit-refused": {0}, "edit-written": {1}}
    assert (project / "shop/models.py").read_bytes() == before


def test_a_target_that_needs_an_absent_rival_is_not_judged(setting: Setting) -> None:
    """Without ripgrep nobody can say whether we are faster; the plain limit is judged all the same."""
    report = measure(setting, "django-rare")
    targets = dict(report.rows[0].targets)

    assert targets["≥ 50 times faster than rg"] is None
    assert targets["≤ 0.5 ms"] is not None
    assert "≥ 50 times faster than rg: not judged" in markdown(report)


def test_a_report_is_a_table_a_plot_and_json(setting: Setting, tmp_path: Path) -> None:
    """All three name the operation; the table says who is absent and why, and names no folder of this machine."""
    report = measure(setting, "django-regex")
    table = markdown(report)

    assert "regular expression, Django" in table and "regular expression, Django" in native.picture(report)
    assert json.loads(json.dumps(asdict(report)))["rows"][0]["key"] == "django-regex"
    assert "frizbee left out by --rivals=none" in table
    assert str(tmp_path) not in table


def test_made_up_paths_are_the_same_each_time() -> None:
    """Figures of two days are about the same names."""
    first = list(made_up_paths(500))
    assert first == list(made_up_paths(500))
    assert len(set(first)) == 500


def test_the_command_explains_itself() -> None:
    """It can be started from anywhere."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench/native.py", "--help"], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--rivals" in done.stdout
