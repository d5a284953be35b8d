"""Escape sequences in what models, files and tools say: a terminal shows them and never obeys."""

import json
from pathlib import Path

import pytest

from orchestrator.fold import view_of
from orchestrator.lines import line_of
from tests.modelserver.scenario import Rule
from tests.security.hostile import attacked

ATTACKS = {
    "the title of the window": "\x1b]0;owned\x07",
    "the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "a link that is another": "\x1b]8;;http://evil/\x1b\\safe\x1b]8;;\x1b\\",
    "an answer that types itself": "\x1b[6n\x1b[c",
    "lines that were there": "\x1b[2J\x1b[H",
    "a line over another": "red\rVERIFIED",
    "reordered text": "\u202egnp.exe",
    "eight-bit orders": "\x9b2J\x9d0;owned\x9c",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_order_of_a_model_reaches_the_terminal(tmp_path: Path, attack: str) -> None:
    """In a title, an objection and a reason: live lines and the report hold no control character."""
    title = json.dumps({"kind": "small", "title": f"Repair {attack} it", "files": ["price.py"], "tests": []})
    objection = json.dumps({"accept": False, "findings": [{"file": f"a{attack}.py", "line": 1, "problem": attack}]})

    fate = attacked(
        tmp_path,
        Rule(title, role="orchestrator", nth=1),
        Rule(objection, role="reviewer", nth=1),
        Rule(json.dumps({"choice": "stop", "reason": attack}), role="orchestrator", nth=2),
    )

    view = view_of(fate.events)
    told = [fate.report, *filter(None, (line_of(view, event) for event in fate.events))]
    assert not [text for text in told if any(c != "\n" and (c < " " or "\x7f" <= c <= "\x9f") for c in text)]
    assert not [text for text in told if "\u202e" in text]
