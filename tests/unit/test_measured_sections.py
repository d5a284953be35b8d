"""Figures in the documents: each stands in a section, and one command writes each section."""

import re
from collections import Counter
from pathlib import Path

from bench.document import SectionError, replace_section
from upkeep.benchmarks import SECTIONS

ROOT = Path(__file__).parents[2]


def test_every_section_of_figures_has_its_command_and_every_command_its_section() -> None:
    """No table is left that nobody can write anew."""
    marked = Counter[tuple[str, str]]()
    for path in ROOT.glob("docs/*.md"):
        for name in re.findall(r"<!-- begin (.+?) -->", path.read_text("utf-8")):
            marked[f"docs/{path.name}", name] += 1
    assert marked == Counter((section.document, section.name) for section in SECTIONS)


def test_every_command_of_a_section_is_there() -> None:
    """Scripts and modules by the names that stand in the list."""
    for section in SECTIONS:
        for command in section.commands:
            script, module, *_ = [*command.split(), ""]
            path = Path(module.replace(".", "/")) / "__main__.py" if script == "-m" else Path(script)
            assert (ROOT / path).is_file(), command


def test_a_section_is_replaced_between_its_markers_only() -> None:
    """What stands around it stays; a document without the markers is refused."""
    document = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
    assert replace_section(document, "x", "new\n") == "a\n<!-- begin x -->\nnew\n<!-- end x -->\nb\n"
    try:
        replace_section(document, "y", "new")
    except SectionError as fault:
        assert "<!-- begin y -->" in str(fault)
    else:
        raise AssertionError("a section without a place was written")
