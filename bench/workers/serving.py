"""The loop of a worker: it reads requests as lines of JSON, times the calls, and answers in lines of JSON."""

import json
import os
import sys
import time
from collections.abc import Callable


def serve(*functions: Callable[..., int]) -> None:
    """Answer until standard input ends. What the functions print goes to standard error."""
    answers_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    calls = {function.__name__: function for function in functions}
    for line in sys.stdin:
        request = json.loads(line)
        call = calls[request["call"]]
        walls, answers = [], []
        cpu = time.process_time()
        for arguments in request["arguments"]:
            started = time.perf_counter()
            answers.append(call(**arguments))
            walls.append(time.perf_counter() - started)
        cpu = time.process_time() - cpu
        print(json.dumps({"walls": walls, "cpu": cpu, "answers": answers}), file=answers_to, flush=True)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
