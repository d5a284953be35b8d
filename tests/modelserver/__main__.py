"""Start the model server from a shell, to rehearse a set-up against a scripted model.

    python -m tests.modelserver --scenario FILE.json --log requests.jsonl

It prints one JSON line with base_url and the model names, and ends when its stdin does, at --life, or at Ctrl-C.
"""

import argparse
import contextlib
import json
import sys
import threading
from pathlib import Path

from tests.modelserver.faults import CATALOGUE
from tests.modelserver.load import load
from tests.modelserver.server import Server

LOG_SECONDS = 5.0
"""How long the end may wait for the last requests to be logged."""


def main() -> int:
    """Serve the scenarios of the given files until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.modelserver", description="A scripted OpenAI-wire model server."
    )
    parser.add_argument("--scenario", type=Path, action="append", default=[], help="a .json or .py file; repeatable")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--log", type=Path, help="write every request to this file, one JSON object a line")
    parser.add_argument("--life", type=float, help="end after so many seconds")
    parser.add_argument("--faults", action="store_true", help="list the kinds of faults and end")
    given = parser.parse_args()
    if given.faults:
        print("\n".join(sorted(CATALOGUE)))
        return 0
    try:
        scenarios = [scenario for path in given.scenario for scenario in load(path)]
    except (OSError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    with Server(scenarios, port=given.port, log=given.log, life=given.life) as server:
        print(json.dumps({"base_url": server.base_url, "models": sorted(server.scenarios)}), flush=True)
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.wait()
        server.settled(requests=0, ended=len(server.requests), timeout=LOG_SECONDS)
        print(json.dumps({"counters": dict(server.counters)}), flush=True)
    return 0


def _stop_at_end_of_input(server: Server) -> None:
    sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    sys.exit(main())
