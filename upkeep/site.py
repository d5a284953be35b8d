"""Hooks of the documentation's site: pages that are made from the code, and the drawing of the graph."""

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

MARK = "<!-- drawing: graph -->"


def on_files(files: Any, config: Any) -> Any:
    """Add the reference of commands, and the pages that lie at the top of the repository."""
    from orchestrator.manual import reference

    made = {"COMMANDS.md": reference()}
    for name in ("CONTRIBUTING.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md"):
        made[name] = re.sub(r"\]\(docs/", "](", (ROOT / name).read_text("utf-8"))
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    files.append(File.generated(config, "assets/mermaid.min.js", content=mermaid()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Draw the graph where a page asks for it."""
    return markdown.replace(MARK, f"```mermaid\n{drawing()}\n```") if MARK in markdown else markdown


def drawing() -> str:
    """The compiled graph with its lane opened, as Mermaid; the nodes of the lane are labelled by their own names."""
    from graph.build import build

    drawn = build().compile(name="auto").get_graph(xray=True).draw_mermaid(with_styles=False)
    text = re.sub(r"lane\\3a(\w+)", r"lane_\1", drawn.replace("&nbsp;", " "))
    head, _, rest = text.partition("\n")
    names = sorted(set(re.findall(r"\b(?:lane_)?__(?:start|end)__|\blane_\w+", rest)))
    labels = [f"\t{name}{shape(label_of(name))};" for name in names]
    return "\n".join([head, *labels, rest])


def shape(label: str) -> str:
    """Beginning and end are round, what works is a box."""
    return f'(["{label}"])' if label in ("start", "end") else f'["{label}"]'


def label_of(name: str) -> str:
    """What stands in a node."""
    return name.removeprefix("lane_").strip("_")


def mermaid() -> str:
    """The library that draws in the reader's browser; `make docs` fetches it from npm once."""
    return (ROOT / "build/site/node_modules/mermaid/dist/mermaid.min.js").read_text("utf-8")
