"""The picture of the README, drawn from the events of a recorded run: docs/run.jsonl becomes docs/run.svg.

usage: picture.py [RUN]     RUN: take the events of this run of this machine first
"""

import json
import os
import sys
from pathlib import Path

from orchestrator.film import frames
from orchestrator.moving_picture import moving_picture
from workspace.run import Run, state_home

DOCS = Path(__file__).parents[1] / "docs"
RECORDING, PICTURE = DOCS / "run.jsonl", DOCS / "run.svg"

SPEED = 4.0
"""Times the pace of the run: a small model on two cores takes minutes, and a reader has half of one."""


def drawn() -> str:
    """The picture of the recording."""
    events = [json.loads(line) for line in RECORDING.read_text("utf-8").splitlines()]
    return moving_picture(list(frames(events, SPEED)))


if __name__ == "__main__":
    if sys.argv[1:]:
        run = Run.open(state_home(os.environ), sys.argv[1])
        RECORDING.write_bytes((run.folder / "events.jsonl").read_bytes())
    PICTURE.write_text(drawn(), "utf-8")
    print(f"written: {PICTURE.relative_to(DOCS.parent)}")
