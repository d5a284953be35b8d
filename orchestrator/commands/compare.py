"""The command ``runs compare``: two runs side by side."""

import os
import sys
from argparse import Namespace

from orchestrator.fork.compare import compare as compared
from orchestrator.fork.show import MOST_LINES, shown
from orchestrator.project import state_folder
from orchestrator.result import line_of
from orchestrator.watch import console_on
from orchestrator.words import clean
from workspace.run import Run


def compare(options: Namespace) -> int:
    """Tell where two runs part, and what came of each; with the difference of their ends where it is short."""
    from rich.text import Text

    from orchestrator.commands.runs import style_of

    home = state_folder(os.environ)
    found = compared(Run.open(home, options.a), Run.open(home, options.b))
    if options.json:
        print(line_of(found.record()))
        return 0
    console = console_on(sys.stdout)
    console.print(shown(found))
    lines = found.diff.splitlines()
    if lines and (options.diff or len(lines) <= MOST_LINES):
        console.print()
        for line in lines:
            console.print(Text(clean(line), style_of(line)), soft_wrap=True)
    elif lines:
        print(f"\nthe difference, {len(lines)} lines: add --diff")
    return 0
