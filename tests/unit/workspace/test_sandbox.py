"""The sandbox: the same promises on every kind that confines, on real processes."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.leftovers import processes, stray
from tests.unit.workspace.scenes import NOBODY, in_child
from workspace import landlock
from workspace.errors import SandboxMissing
from workspace.process import Completed
from workspace.sandbox import Bubblewrap, Sandbox, Supervised, choose_sandbox, works

BUBBLEWRAP = shutil.which("bwrap") or ""


@pytest.fixture(params=["bubblewrap", "landlock"])
def box(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind that confines."""
    return Bubblewrap(BUBBLEWRAP) if request.param == "bubblewrap" else Supervised(confined=True)


@pytest.fixture(params=["bubblewrap", "landlock", "none"])
def any_box(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind."""
    kinds: dict[str, Sandbox] = {"bubblewrap": Bubblewrap(BUBBLEWRAP), "landlock": Supervised(confined=True)}
    return kinds.get(request.param, Supervised(confined=False))


@pytest.fixture
def lane(tmp_path: Path) -> Path:
    """A folder that commands may write to."""
    (tmp_path / "lane").mkdir()
    return tmp_path / "lane"


def ran(box: Sandbox, command: str, lane: Path, **options: object) -> Completed:
    """Run a command that is expected to end soon."""
    return box.run(command, lane, **{"timeout": 20, **options})  # type: ignore[arg-type]


def test_the_lane_is_writable_and_is_the_current_folder(any_box: Sandbox, lane: Path) -> None:
    """A command works in its lane."""
    done = ran(any_box, "pwd; echo hello > file", lane)
    assert (done.output, done.exit_code) == (f"{lane}\n", 0)
    assert (lane / "file").read_text() == "hello\n"


def test_nothing_else_is_writable(box: Sandbox, lane: Path, tmp_path: Path) -> None:
    """Neither the system, nor home, nor a neighbour of the lane, nor a link out of it can be written to."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (lane / "link").symlink_to(outside)
    places = ["mine", "/usr/x", "/etc/x", "/x", str(Path.home() / "x"), str(outside / "x"), "link/x", "/var/tmp/x"]
    done = ran(box, " ".join(f"(echo 1 > {place}) 2>/dev/null && echo wrote {place};" for place in places), lane)
    assert done.output == "wrote mine\n"
    assert list(outside.iterdir()) == []
    assert not (Path.home() / "x").exists()


def test_a_private_temporary_folder_is_writable_and_gone_afterwards(any_box: Sandbox, lane: Path) -> None:
    """TMPDIR and HOME are there for the command alone, and empty each time."""
    done = ran(any_box, 'echo 1 > "$TMPDIR/mark" && echo 1 > "$HOME/mark" && echo "$TMPDIR"', lane)
    assert done.exit_code == 0
    assert not (Path(done.output.strip()) / "mark").exists()
    assert ran(any_box, 'ls "$TMPDIR/mark" "$HOME/mark" 2>/dev/null', lane).output == ""


def test_scratch_is_kept_between_commands(any_box: Sandbox, lane: Path, tmp_path: Path) -> None:
    """Caches of tools lie in the scratch folder and survive."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    ran(any_box, 'mkdir -p "$CARGO_TARGET_DIR" && echo kept > "$CARGO_TARGET_DIR/x"', lane, scratch=scratch)
    assert ran(any_box, 'cat "$CARGO_TARGET_DIR/x"', lane, scratch=scratch).output == "kept\n"


def test_home_cannot_be_read(box: Sandbox, lane: Path, tmp_path: Path) -> None:
    """Keys and settings of the user's are out of reach, and so is every folder that was not asked for."""
    (tmp_path / "secret").write_text("hidden treasure")
    done = ran(box, f"cat {tmp_path}/secret ~/.ssh/id_rsa {Path.home()}/.gitconfig /etc/shadow 2>&1", lane)
    assert "treasure" not in done.output and "root:" not in done.output
    assert done.exit_code != 0


def test_readable_folders_are_readable_only(box: Sandbox, lane: Path, tmp_path: Path) -> None:
    """What is shown on purpose can be read and not changed."""
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "file").write_text("shown\n")
    done = ran(box, f"cat {tmp_path}/shown/file; echo 1 > {tmp_path}/shown/new", lane, readable=[tmp_path / "shown"])
    assert done.output.startswith("shown\n")
    assert not (tmp_path / "shown" / "new").exists()


def test_no_variable_of_the_user_is_seen(any_box: Sandbox, lane: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in the environment do not reach a command; what the caller adds does."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    done = ran(any_box, "env; tr '\\0' '\\n' < /proc/$PPID/environ", lane, env={"ADDED": "by the caller"})
    assert "sk-secret" not in done.output
    assert "ADDED=by the caller" in done.output and "PYTHONDONTWRITEBYTECODE=1" in done.output


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_trying_a_sandbox_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for a moment: a kill would leave it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = tmp_path.stat().st_mtime_ns

    assert works.__wrapped__(BUBBLEWRAP)

    assert tmp_path.stat().st_mtime_ns == before


def test_there_is_no_network(box: Sandbox, lane: Path, listener: socket.socket) -> None:
    """Not even a server on this machine can be reached."""
    port = listener.getsockname()[1]
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
    assert ran(box, f'{sys.executable} -c "{code}"', lane).exit_code != 0
    assert ran(Supervised(confined=False), f'{sys.executable} -c "{code}"', lane).exit_code == 0


def test_processes_outside_are_not_seen_by_bubblewrap(lane: Path) -> None:
    """Only the command's own processes exist inside."""
    done = ran(Bubblewrap(BUBBLEWRAP), f"ls -d /proc/{os.getpid()} 2>/dev/null; ls -d /proc/[0-9]* | wc -l", lane)
    assert int(done.output) < 8


def test_a_process_outside_cannot_be_signalled(box: Sandbox, lane: Path) -> None:
    """A command cannot end what it did not start."""
    if box.kind == "landlock" and landlock.version() < 6:
        assert "processes are visible" in box.describe()
    else:
        assert ran(box, f"kill -0 {os.getpid()}", lane).exit_code != 0


DAEMON = "setsid sh -c 'exec 3>alive; echo up >&3; : > started; sleep 300' </dev/null >/dev/null 2>&1 & "
WAIT = "until [ -e started ]; do sleep 0.01; done; "


@pytest.mark.parametrize(("rest", "timeout"), [("exit 0", 60), ("sleep 300", 1.5)], ids=["by itself", "stopped"])
def test_daemons_end_with_the_command(any_box: Sandbox, lane: Path, rest: str, timeout: float) -> None:
    """A background process ends with its command, even in a session of its own, however the command ends."""
    os.mkfifo(lane / "alive")
    pipe = os.open(lane / "alive", os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = ran(any_box, DAEMON + WAIT + rest, lane, timeout=timeout)
        assert done.timed_out == (rest != "exit 0") and done.seconds < 20
        assert os.read(pipe, 10) == b"up\n"
        # The end of the pipe comes when the last process that could write to it is gone.
        assert select.select([pipe], [], [], 5)[0] and os.read(pipe, 10) == b""
    finally:
        os.close(pipe)


def test_the_exit_code_is_the_commands(any_box: Sandbox, lane: Path) -> None:
    """Ordinary codes come through; a signal is reported as a shell does."""
    assert ran(any_box, "exit 5", lane).exit_code == 5
    assert ran(any_box, "kill -9 $$", lane).exit_code == 137


def test_one_process_cannot_take_all_memory(any_box: Sandbox, lane: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is limited, with room for programs that reserve much and use little."""
    monkeypatch.setattr("workspace.limits.memory", lambda: 300 << 20)
    done = ran(any_box, "python3 -c 'x = bytearray(1 << 30)'", lane)
    assert done.exit_code != 0 and "MemoryError" in done.output
    assert ran(any_box, "python3 -c 'print(1)'", lane).output == "1\n"


def test_no_file_can_fill_the_disk(any_box: Sandbox, lane: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of one file is limited."""
    monkeypatch.setattr("workspace.limits.MOST_FILE", 1 << 20)
    assert ran(any_box, "head -c 5000000 /dev/zero > big", lane).exit_code != 0
    assert (lane / "big").stat().st_size <= 1 << 20


def test_a_command_ends_with_a_caller_that_is_killed(any_box: Sandbox, lane: Path) -> None:
    """kill -9 of the whole product leaves no command behind."""
    child = os.fork()
    if child == 0:
        ran(any_box, "while :; do date +%s%N > beat; sleep 0.05; done", lane, timeout=60)
        os._exit(0)
    deadline = time.monotonic() + 30
    while not (lane / "beat").exists() and time.monotonic() < deadline:
        os.sched_yield()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    last = ""
    while (now := (lane / "beat").read_text()) != last and time.monotonic() < deadline:
        last = now
        time.sleep(0.5)
    assert now == last


@pytest.mark.parametrize("moment", range(12))
def test_a_command_ends_with_a_caller_that_is_killed_as_it_starts(any_box: Sandbox, lane: Path, moment: int) -> None:
    """Whenever that is: nothing of the command or of its sandbox is left, waiting or at work."""
    caller = os.fork()
    if caller == 0:
        ran(any_box, "sleep 60", lane)
        os._exit(0)
    while not [about for about in processes(lane) if not about.startswith(f"{caller} ")]:
        time.sleep(0.0005)
    time.sleep(moment / 1000)
    os.kill(caller, signal.SIGKILL)
    os.waitpid(caller, 0)
    assert stray(lane, patience=5) == []


@pytest.mark.parametrize("moment", ["fork", "waitpid", "kill"])
def test_a_supervisor_ends_all_whenever_it_is_told_to(lane: Path, moment: str) -> None:
    """Told as it starts the command, as it sees the end of it, as it ends what is left: nothing stays."""
    script = f"""
import os, signal, sys
from workspace.landlock import supervise

def told(*given, real=os.{moment}, supervisor=os.getpid()):
    result = real(*given)
    if os.getpid() == supervisor:
        signal.raise_signal(signal.SIGTERM)
    return result

os.{moment} = told
sys.exit(supervise(["/bin/sh", "-c", "sleep 60 & sleep 60 & exit 0"], os.getppid()))
"""
    path = {"PYTHONPATH": str(Path(landlock.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=lane, env=path, timeout=30, check=False, capture_output=True
    )
    assert done.returncode == (128 + signal.SIGTERM if moment == "fork" else 0)
    assert stray(lane, patience=5) == []


@pytest.mark.parametrize("confined", [True, False])
def test_a_command_that_interrupts_its_supervisor_leaves_nothing(lane: Path, confined: bool) -> None:
    """What it started in a session of its own is ended all the same."""
    ran(Supervised(confined=confined), "setsid sleep 60 & kill -INT $PPID; sleep 60", lane)
    assert stray(lane, patience=5) == []


def test_no_right_is_left_in_the_namespace(lane: Path) -> None:
    """Inside bubblewrap nothing can be mounted, even when the user is root."""
    done = ran(Bubblewrap(BUBBLEWRAP), "grep CapEff /proc/self/status; mount -t tmpfs none . 2>&1", lane)
    assert "CapEff:\t0000000000000000" in done.output
    assert done.exit_code != 0


@pytest.mark.parametrize("program", ["python3 -c 'import pytest'", f"{sys.executable} -c 'import pytest, langgraph'"])
def test_interpreters_work_inside(box: Sandbox, lane: Path, program: str) -> None:
    """The Python of the PATH and the product's own find their packages."""
    done = ran(box, program, lane)
    assert (done.output, done.exit_code) == ("", 0)


def test_toolchains_work_inside(box: Sandbox, lane: Path) -> None:
    """What the user's PATH offers runs, wherever it is installed."""
    wanted = ["node --version", "cargo --version", "rustc --version", "go version", "git --version"]
    here = [program for program in wanted if shutil.which(program.split()[0])]
    done = ran(box, " && ".join(here), lane)
    assert done.exit_code == 0 and len(done.output.splitlines()) == len(here)


def test_an_ordinary_user_is_confined_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root's rights, and with folders of another user's on the PATH that may not be looked at."""
    closed = tmp_path / "closed"
    (closed / "bin").mkdir(parents=True)
    closed.chmod(0)
    monkeypatch.setenv("PATH", f"{closed}/bin:/root/bin:{os.environ['PATH']}")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)

    def work() -> None:
        box = choose_sandbox(unsafe=False)
        done = ran(
            box, "id -u; echo 1 > here; echo 1 > /usr/here; cat /etc/shadow; kill -0 1 && mount -t tmpfs x .", folder
        )
        assert box.kind == "bubblewrap" and done.exit_code != 0
        assert done.output.startswith(f"{os.geteuid()}\n") and "root:" not in done.output

    try:
        assert in_child(work, user=NOBODY) == 0
        assert (folder / "here").read_text() == "1\n"
    finally:
        closed.chmod(0o700)
        shutil.rmtree(folder)


def test_bubblewrap_is_chosen_where_it_works() -> None:
    """The strongest kind comes first, whatever is allowed."""
    assert choose_sandbox(unsafe=False).kind == choose_sandbox(unsafe=True).kind == "bubblewrap"


def test_landlock_is_chosen_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bubblewrap is not installed, the kernel's own means are used, and said so."""
    monkeypatch.setenv("PATH", "/nonexistent")
    chosen = choose_sandbox(unsafe=False)
    assert chosen.kind == "landlock" and "no network" in chosen.describe()


def test_a_bubblewrap_that_does_not_work_is_not_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is there but forbidden is found out by trying."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert choose_sandbox(unsafe=False).kind == "landlock"


def test_nothing_runs_unconfined_unless_the_user_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any sandbox the message names both ways out; only the user's word opens the unsafe one."""
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with pytest.raises(SandboxMissing, match=r"Install bubblewrap.*--unsafe"):
        choose_sandbox(unsafe=False)
    chosen = choose_sandbox(unsafe=True)
    assert chosen.kind == "none" and "WITHOUT" in chosen.describe()
