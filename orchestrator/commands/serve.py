"""The action ``runs serve``: runs as pages that follow them, in a browser on this machine."""

import os
from argparse import Namespace

from orchestrator.attend import interruptible
from orchestrator.errors import UsageError
from orchestrator.project import state_folder
from workspace.browser import show_page


def serve(options: Namespace) -> int:
    """Serve until Ctrl-C."""
    from orchestrator.live.server import Server

    home = state_folder(os.environ, make=True)
    try:
        server = Server(home, options.port)
    except (OSError, OverflowError) as fault:
        why = getattr(fault, "strerror", None) or "there is no such port"
        raise UsageError(f"Port {options.port} cannot be used ({why}).", fix="Leave --port away.") from None
    with server, interruptible():
        print(f"Runs: {server.access.link}\nOnly this link opens them. Ctrl-C ends.", flush=True)
        try:
            if not options.no_browser:
                show_page(server.access.link_for_once())
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nEnded.")
    return 0
