"""Names the runs of the command line to LangGraph's server, which lists only the threads that it was told of."""

import http.client
import json
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit

from models.probe import connection_to

START_SECONDS = 60.0
"""How long the server may take to start."""


def announce_threads(url: str, graph: str, runs: Sequence[str]) -> None:
    """Wait until the server answers, then make a thread for each run; what fails is only not listed."""
    end = time.monotonic() + START_SECONDS
    while _asked(url, "GET", "/ok", None) != 200:
        if time.monotonic() > end:
            return
        time.sleep(0.3)
    for run in runs:
        body = {"thread_id": run, "if_exists": "do_nothing", "graph_id": graph, "metadata": {"graph_id": graph}}
        _asked(url, "POST", "/threads", body)


def _asked(url: str, method: str, path: str, body: object) -> int:
    """The status of an answer, 0 where there was none."""
    try:
        with closing(connection_to(urlsplit(url), 5.0)) as connection:
            payload = None if body is None else json.dumps(body)
            connection.request(method, path, payload, {"content-type": "application/json"})
            return int(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return 0
