"""The command ``watch``: follow a run that another process drives, whichever program started it."""

import os
import sys
import time
from argparse import Namespace

from orchestrator.commands.change import driver_of
from orchestrator.errors import UsageError
from orchestrator.project import state_folder
from orchestrator.summary import summary
from orchestrator.watch import REFRESH, Watch, console_on, display_for
from workspace.run import Run


def watch(options: Namespace) -> int:
    """Show the run until nobody drives it any more, then how it ended; Ctrl-C ends the watching alone."""
    run = Run.open(state_folder(os.environ), options.run)
    display = display_for(sys.stdout, headless=options.headless, manner=options.manner or "")
    with Watch(run.folder / "events.jsonl", display, None) as follower:
        while driver_of(run) is not None:
            follower.tick()
            time.sleep(REFRESH)
    if not follower.view.started:
        raise UsageError(
            f"Run {run.id[:8]} has written nothing down yet.", fix=f"Start it: orchestrator resume {run.id[:8]}"
        )
    console = console_on(sys.stdout)
    console.print(summary(follower.view, plain=console.options.ascii_only))
    return 0
