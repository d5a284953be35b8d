"""Execute the notebooks and keep their outputs: python notebooks/execute.py [NAME ...]"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

HERE = Path(__file__).parent
SECONDS = 180
"""How long one cell may take."""


def executed(path: Path) -> Any:
    """The notebook with its outputs, without what is only of this machine or this moment; raises CellExecutionError."""
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": HERE}}
    with TemporaryDirectory() as sockets:
        local = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=place, config=local).execute()
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for number, cell in enumerate(notebook.cells, 1):
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("needs_background", None)  # they are read on any
        cell.id = f"cell-{number:02}"
    return notebook


def figures(notebook: Any) -> list[str]:
    """Every picture among the outputs, in base64."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


def main() -> None:
    names = sys.argv[1:]
    for path in sorted(HERE.glob("*.ipynb")):
        if not names or any(path.name.startswith(name) for name in names):
            notebook = executed(path)
            nbformat.write(notebook, path)
            print(f"{path.name}: {len(notebook.cells)} cells, {len(figures(notebook))} figures", flush=True)


if __name__ == "__main__":
    main()
