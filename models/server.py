"""The child process that serves a GGUF on this machine: `python -m models.server MODEL.gguf THREADS`.

Loopback only, a random port, a key of its own making for each start. When the model is loaded it prints one JSON line
with base_url, api_key and pid; the pipe that this line goes through is the only way out for the key. It ends when its
stdin ends, which happens when its parent ends, however that ends. A native crash stays in here.

Without arguments it only tries whether the runtime can be loaded. Where it cannot, one JSON line says why: ``fault``.
"""

import json
import os
import secrets
import sys
import threading

CONTEXT_TOKENS = 8192
"""Prompt and answer together; one request at a time has all of it."""

PROMPT_CACHE_MIB = 256

NO_RUNTIME = 3
"""Exit code when the runtime is not installed, or cannot be loaded."""

NOT_LOADED = 4
"""Exit code when the runtime cannot load the file."""


def main(arguments: list[str]) -> int:
    """Load the model, say where it listens, and serve until stdin ends; returns the exit code otherwise."""
    try:
        import xllamacpp  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as fault:
        print(json.dumps({"fault": str(fault)}), flush=True)
        return NO_RUNTIME
    if not arguments:
        return 0
    threading.Thread(target=_end_with_parent, daemon=True).start()
    model, threads = arguments[0], int(arguments[1])
    key = secrets.token_urlsafe(24)
    try:
        server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), model, threads, key))
    except (RuntimeError, ValueError, OSError):
        return NOT_LOADED
    address = server.listening_address
    print(json.dumps({"base_url": f"{address}/v1", "api_key": key, "pid": os.getpid()}), flush=True)
    threading.Event().wait()
    return 0


def _parameters(p, model: str, threads: int, key: str):  # type: ignore[no-untyped-def]
    """Set what matters; the values that happen to be defaults today are set because they matter most."""
    p.model.path = model
    p.model_alias = {"local"}
    p.n_ctx = CONTEXT_TOKENS
    p.n_parallel = 1
    p.cache_ram_mib = PROMPT_CACHE_MIB
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = threads
    p.hostnames, p.port = ["127.0.0.1"], 0
    p.api_keys = [key]
    p.ui = False
    p.endpoint_slots = False
    p.endpoint_props = False
    p.offline = True
    p.verbosity = 0
    return p


def _end_with_parent() -> None:
    while os.read(0, 4096):  # a buffered read would abort the interpreter where it ends first
        pass
    os._exit(0)  # no native teardown: it may hang, and nothing is left to save


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
