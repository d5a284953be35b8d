"""The command ``studio``: LangGraph Studio on the runs of this machine."""

import importlib.util
import json
import os
import threading
from argparse import Namespace
from pathlib import Path

from models.threads import announce_threads
from orchestrator.errors import UsageError
from orchestrator.project import state_folder
from workspace.records import atomic_write
from workspace.run import list_runs
from workspace.studio import serve

NEWEST = 50
"""Runs of the command line that Studio lists."""


def studio(options: Namespace) -> int:
    """Start the server and list the runs there; ends with Ctrl-C."""
    if importlib.util.find_spec("langgraph_cli") is None:
        raise UsageError("LangGraph's server is not installed.", fix="pip install 'opencode-orchestrator[studio]'")
    home = state_folder(os.environ, make=True)
    config = configuration(home)
    url = f"http://127.0.0.1:{options.port}"
    runs = [run.id for run in list_runs(home)[:NEWEST] if run.checkpoints_path.exists()]
    threading.Thread(target=announce_threads, args=(url, "auto", runs), daemon=True).start()
    print(f"Studio: https://smith.langchain.com/studio/?baseUrl={url}\nIts page is fetched, your data stay here.")
    more = ["--no-browser"] if options.no_browser else []
    # The server copies a saver under strict reading, which ends in a recursion of its own; ours reads strictly itself.
    env = {"ORCHESTRATOR_HOME": str(home), "LANGGRAPH_STRICT_MSGPACK": "false"}
    return serve(home, config, options.port, more, env)


def configuration(home: Path) -> Path:
    """What the server is told: the graph by the name of its module, the saver by its file, which it wants so."""
    from orchestrator.studio import saver

    told = {
        "dependencies": ["."],
        "graphs": {
            "auto": {
                "path": "orchestrator.studio.graph:graph",
                "description": "Six agents that plan, write, review and fix until executed checks say that it works",
            }
        },
        "checkpointer": {"path": f"{saver.__file__}:saver"},
    }
    path = home / "langgraph.json"
    atomic_write(path, json.dumps(told, indent=1).encode())
    return path
