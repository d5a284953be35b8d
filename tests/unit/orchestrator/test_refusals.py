"""Bad input through the real command: one sentence, the documented exit code, no traceback, nothing left behind."""

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import tools
from nodes.bounds import MAX_REQUEST
from tests.modelserver.server import Server
from tests.world import Done, World


def refused(done: Done, code: int, *said: str) -> None:
    """The command said all of this in one line on standard error, and nothing on standard output."""
    assert done.code == code, done.err
    assert done.err.startswith("orchestrator: ")
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert [text for text in said if text not in done.err] == []


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_missing_folder(world: World) -> None:
    """A root that does not exist is named, with the flag that names another."""
    refused(world.run("auto", "x", "--root", "nowhere"), 2, "nowhere", "--root")


def test_a_root_that_is_a_file(world: World) -> None:
    """A file is not a project."""
    refused(world.run("auto", "x", "--root", "calc.py"), 2, "calc.py", "--root")


@pytest.mark.parametrize("root", ["/", os.path.expanduser("~")])
def test_a_root_that_would_copy_everything(world: World, root: str) -> None:
    """Neither the whole disk nor a home folder is taken for a project."""
    refused(world.run("auto", "x", "--root", root), 2, "is not a project", "--root")


def test_a_state_directory_inside_the_project(world: World) -> None:
    """The state directory would be copied into itself."""
    world.env["ORCHESTRATOR_HOME"] = str(world.project / ".state")

    refused(world.run("auto", "x"), 2, "lies inside the project", "ORCHESTRATOR_HOME")


def without_superpowers() -> None:
    """In the child, before the command starts: root keeps its name, but may no longer read what nobody may read."""
    drop_from_bounding_set, read_anything, search_anything = 24, 1, 2
    prctl = ctypes.CDLL(None).prctl
    if os.getuid() == 0:
        assert [prctl(drop_from_bounding_set, c, 0, 0, 0) for c in (read_anything, search_anything)] == [0, 0]


def test_an_unreadable_folder(world: World) -> None:
    """A folder without the right to read it is refused, and named."""
    world.project.chmod(0o000)

    done = world.run("auto", "x", "--root", str(world.project), cwd=world.folder, preexec_fn=without_superpowers)

    world.project.chmod(0o700)
    refused(done, 2, str(world.project), "read")


@pytest.mark.parametrize("library", [None, b"built for another machine"])
def test_a_missing_native_module(world: World, library: bytes | None) -> None:
    """Where the native module is missing, or was built for another system, one sentence says so and how to mend it."""
    installed = Path(tools.__file__).parent
    copy = shutil.copytree(installed, world.folder / "path" / "tools", ignore=shutil.ignore_patterns("*.so", "*.pyi"))
    if library is not None:
        (copy / "_native.abi3.so").write_bytes(library)
    world.env["PYTHONPATH"] = str(copy.parent)

    refused(world.run("auto", "x"), 2, "native tools cannot be loaded", "_native", "pip install --force-reinstall")


@pytest.mark.parametrize("request_text", ["", "   \n"])
def test_an_empty_request(world: World, request_text: str) -> None:
    """A request must say something."""
    refused(world.run("auto", request_text), 2, "The request is empty", "orchestrator auto")


def test_no_request_at_all(world: World) -> None:
    """`auto` alone is answered with an example."""
    refused(world.run("auto"), 2, "The request is empty")


def test_a_request_that_is_too_long(world: World) -> None:
    """A book does not fit; a file does."""
    done = world.run("auto", "-", stdin=subprocess.PIPE)
    assert done.code == 2

    process = world.start("auto", "-", stdin=subprocess.PIPE)
    out, err = process.communicate("x" * (MAX_REQUEST + 1), timeout=30)
    refused(Done(process.returncode, out, err), 2, f"longer than {MAX_REQUEST} characters")


def test_a_bad_flag(world: World) -> None:
    """An unknown flag is named."""
    refused(world.run("auto", "x", "--frobnicate"), 2, "--frobnicate", "--help")


def test_a_bad_value(world: World) -> None:
    """A value out of range is quoted with what was expected."""
    refused(world.run("auto", "x", "--max-calls", "0"), 2, "--max-calls", "at least 1", "'0'")


def test_an_unknown_command(world: World) -> None:
    """A near miss is suggested."""
    refused(world.run("atuo", "x"), 2, "did you mean 'auto'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n "budget": {"calls": 3}', ":2: expected"),
        ('{\n "buget": {}}', 'Did you mean "budget"?'),
        ('{\n "parallel": "two"}', "must be a valid integer"),
    ],
)
def test_a_bad_configuration(world: World, text: str, said: str) -> None:
    """Syntax, unknown key, wrong type: the file, the line and the fix."""
    (world.project / "orchestrator.jsonc").write_text(text)

    refused(world.run("auto", "x"), 2, "orchestrator.jsonc:2", said)


def test_a_bad_variable(world: World) -> None:
    """The variable is named."""
    world.env["ORCHESTRATOR_PARALLEL"] = "many"

    refused(world.run("auto", "x"), 2, "ORCHESTRATOR_PARALLEL", "'many'")


def test_no_model_at_all(world: World) -> None:
    """One sentence with the three ways out, and no run is left behind."""
    refused(world.run("auto", "x"), 2, "OPENAI_API_KEY", "Ollama", "orchestrator model fetch local")

    assert world.runs() == []


def test_an_embedded_model_that_was_not_fetched(world: World) -> None:
    """The command that fetches it is given."""
    refused(world.run("auto", "x", "--model", "local:1.5b"), 2, "orchestrator model fetch local:1.5b")


def test_a_gguf_that_does_not_exist(world: World) -> None:
    """The path is named."""
    refused(world.run("auto", "x", "--model", "none.gguf"), 2, "none.gguf")


def test_an_endpoint_that_is_down(world: World) -> None:
    """Nothing listens: exit code 5, the address, the flag; without a model name and with one."""
    url = f"http://127.0.0.1:{free_port()}/v1"

    refused(world.run("auto", "x", "--base-url", url), 5, url, "--base-url")
    done = world.run("auto", "x", "--base-url", url, "--model", "m", "--json", "--unsafe")
    assert (done.code, done.result["outcome"]) == (5, "provider")
    assert "Traceback" not in done.err


def test_an_address_that_is_none(world: World) -> None:
    """An endpoint must be an http address."""
    refused(world.run("auto", "x", "--base-url", "localhost:8080"), 5, "localhost:8080", "http://HOST/v1")


@pytest.mark.parametrize("command", ["show", "diff", "resume", "cancel", "apply", "undo"])
def test_an_unknown_run(world: World, command: str) -> None:
    """Every command that takes a run says where the list of runs is."""
    refused(world.run(command, "abcd1234"), 2, "abcd1234", "orchestrator runs")


def test_the_last_run_of_none(world: World) -> None:
    """`last` without a run says how to start one."""
    refused(world.run("show", "last"), 2, "no run yet", "orchestrator auto")


def broken_run(world: World, name: str, record: str = "{") -> None:
    """A run folder whose record cannot be read."""
    folder = world.home / "runs" / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(record)


def test_an_ambiguous_run(world: World) -> None:
    """A beginning that two runs share is refused."""
    broken_run(world, "abcd1111")
    broken_run(world, "abcd2222")

    refused(world.run("show", "abcd"), 2, "2 runs begin with 'abcd'")


def test_a_broken_run_folder(world: World) -> None:
    """The folder is named, and the list of runs passes it over."""
    broken_run(world, "abcd1111")

    refused(world.run("show", "abcd1111"), 1, "abcd1111", "is damaged")
    assert world.run("runs").code == 0


def test_a_replay_of_an_unknown_run(world: World) -> None:
    """The recording must exist."""
    refused(world.run("auto", "x", "--model", "replay:abcd1234"), 2, "abcd1234", "orchestrator runs")


def test_an_event_file_that_cannot_be_written(world: World, model: Server) -> None:
    """The flag and the reason are named before anything is asked."""
    refused(world.run("auto", "x", "--events", str(world.project)), 2, "--events")

    assert model.requests == []


def test_a_refusal_for_a_script(world: World) -> None:
    """With --json the last line is a result object even when nothing was done."""
    done = world.run("auto", "x", "--root", "nowhere", "--json")

    assert (done.code, done.result["exit"], done.result["outcome"]) == (2, 2, "usage")
    assert "nowhere" in done.result["reason"]


def test_an_unwritable_state_directory(world: World) -> None:
    """A file where the state directory should be is named, and no traceback is shown."""
    world.home.write_text("not a folder")
    world.env |= {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "ORCHESTRATOR_MODEL": "m"}

    done = world.run("auto", "x")

    assert done.code in (1, 2)
    assert str(world.home) in done.err and "Traceback" not in done.err


def test_a_reader_that_has_gone(world: World) -> None:
    """`orchestrator … | head` ends without a complaint."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestrator", "--help"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=world.environment(),
    )
    os.close(writer)
    _, err = process.communicate(timeout=30)

    assert "Traceback" not in err and "BrokenPipe" not in err


def test_help_without_arguments(world: World) -> None:
    """`orchestrator` alone teaches how to start."""
    done = world.run()

    assert done.code == 2
    assert "orchestrator doctor" in done.out


def test_the_version_is_cheap(world: World) -> None:
    """`--version` loads nothing heavy: neither the graph, nor a model client, nor pydantic, nor rich."""
    code = (
        "import sys\n"
        "from orchestrator.main import main\n"
        "try:\n    main(['--version'])\n"
        "except SystemExit:\n    pass\n"
        "import json\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=world.folder)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))

    assert loaded.isdisjoint(
        {"langgraph", "langchain_core", "openai", "pydantic", "rich", "httpx", "sqlite3", "asyncio"}
    )
