"""The notebooks: executed on the recorded runs without a fault, with figures, and with nothing of any machine."""

import base64
import json
import re
import socket
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import chromium

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore"),  # of the packages that execute and render them, not of this project
]

FOLDER = Path(__file__).parents[2] / "notebooks"
BUILD = Path(__file__).parent / "build"
FIGURES = {
    "01-a-run-step-by-step": 3,
    "02-why-did-it-need-three-attempts": 3,
    "03-fork-and-compare": 2,
    "04-cost-and-time": 5,
    "05-many-runs": 4,
}
"""How many figures each notebook has."""

MACHINE = re.compile(
    rf"/home/|/root\b|/Users/|/tmp/|site-packages|127\.0\.0\.1:\d|\b{re.escape(socket.gethostname())}\b"
)
"""What only this machine has, or this moment."""


@pytest.fixture(scope="module")
def execute() -> Iterator[Any]:
    """The program that executes them."""
    pytest.importorskip("nbclient")
    sys.path.insert(0, str(FOLDER))
    yield import_module("execute")
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser."""
    with chromium() as opened:
        yield opened


def texts(notebook: Any) -> str:
    """Every text among the outputs."""
    said = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            said += [output.get("text", ""), *(data[kind] for kind in data if kind.startswith("text/"))]
    return "\n".join("".join(each) for each in said)


@pytest.mark.parametrize("name", FIGURES)
def test_it_is_executed_on_the_recorded_runs(execute: Any, name: str) -> None:
    """No cell fails, the figures are there, and nobody's paths and names stand in what is shown."""
    notebook = execute.executed(FOLDER / f"{name}.ipynb")
    figures = [base64.b64decode(figure) for figure in execute.figures(notebook)]
    assert len(figures) == FIGURES[name] and all(figure.startswith(b"\x89PNG") for figure in figures)
    assert not MACHINE.search(texts(notebook))


@pytest.mark.parametrize("name", FIGURES)
def test_it_is_kept_with_its_outputs(name: str) -> None:
    """As it reads on a code host: executed from top to bottom, each figure there."""
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    pictures = [o for cell in cells for o in cell["outputs"] if "image/png" in o.get("data", {})]
    assert len(pictures) == FIGURES[name] and not MACHINE.search(texts(notebook))


def test_the_recorded_runs_are_of_no_machine_and_small() -> None:
    """Made in one neutral folder, and less than 3 MB in all."""
    files = [path for path in (FOLDER / "recorded").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    said = b"\n".join(path.read_bytes() for path in files).decode("utf-8", "replace")
    assert not re.search(r"/home/|/root/|/Users/|site-packages", said)
    assert set(re.findall(r"/tmp/[\w.-]+", said)) == {"/tmp/orchestrator-recording"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["02-why-did-it-need-three-attempts", "04-cost-and-time"])
def test_it_reads_well_in_a_browser(browser: Any, name: str, theme: str) -> None:
    """As a page, light and dark: every figure is shown, and nothing is wider than the window. The picture is kept."""
    exporter = pytest.importorskip("nbconvert").HTMLExporter(theme=theme)
    BUILD.mkdir(exist_ok=True)
    path = BUILD / f"{name}-{theme}.html"
    path.write_text(exporter.from_filename(str(FOLDER / f"{name}.ipynb"))[0], "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(path.as_uri())
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(widths) == FIGURES[name] and all(width > 300 for width in widths)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=str(path.with_suffix(".png")), full_page=True)
    page.close()
