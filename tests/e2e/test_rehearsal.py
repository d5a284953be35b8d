"""The rehearsal that users are offered: the sample project, the model server from a shell, and faults by name."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.world import World

ROOT = Path(__file__).parents[2]


def test_the_sample_is_repaired_under_faults(world: World) -> None:
    """One server error and one lazy edit of the coder later the end is verified, and the log shows both."""
    shutil.copytree(ROOT / "examples" / "sample", world.project, dirs_exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tests.modelserver",
        "--fault",
        "T4",
        "--fault",
        "E8",
        "--role",
        "coder",
        "--life",
        "90",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[0]
        world.env |= {"OPENAI_BASE_URL": address, "ORCHESTRATOR_MODEL": "sample", "OPENAI_API_KEY": "key-for-tests"}

        done = world.run("auto", "Make the failing tests pass.", "--check", "python3 -m pytest -q", "--json")

        server.send_signal(signal.SIGTERM)
        said = server.stdout.read()
    assert done.code == 0, done.err
    assert {task["outcome"] for task in done.result["tasks"]} == {"verified"} and len(done.result["tasks"]) == 4
    assert "e500" in said and "lazy" in said and "fault:lazy              1" in said
