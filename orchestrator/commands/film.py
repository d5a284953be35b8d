"""``show --play``, ``--cast`` and ``--film``: a run again, as it was seen when it happened."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from orchestrator.film import Clock, cast, frames, play
from orchestrator.fold import Event
from orchestrator.moving_picture import moving_picture
from orchestrator.picture import write_drawing
from orchestrator.summary import summary
from orchestrator.watch import console_on, display_for
from orchestrator.words import clean


def film(options: Namespace, events: Sequence[Event]) -> int:
    """Write the recordings that are wanted, then play."""
    if options.cast == "-":
        sys.stdout.write(cast(events, options.speed))
    elif options.cast:
        written(options.cast, cast(events, options.speed))
    if options.film:
        written(options.film, moving_picture(list(frames(events, options.speed))))
    if options.play:
        clock = Clock()
        view = play(events, display_for(sys.stdout, headless=False, clock=clock), clock, options.speed)
        console = console_on(sys.stdout)
        console.print(summary(view, plain=console.options.ascii_only))
    return 0


def written(name: str, text: str) -> None:
    """Write a file, and say so."""
    write_drawing(Path(name), text)
    print(f"written: {clean(name)}", file=sys.stderr)
