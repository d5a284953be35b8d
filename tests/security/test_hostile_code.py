"""Code that does harm when a check runs it: in every kind of sandbox, as root and as an ordinary user."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import NOBODY, in_child
from workspace import cgroup, limits
from workspace.process import Completed
from workspace.sandbox import Bubblewrap, Sandbox, Supervised

KINDS = ("bubblewrap", "landlock")
HOME = Path.home()


def box_of(kind: str) -> Sandbox:
    """A sandbox of this kind."""
    return Bubblewrap(shutil.which("bwrap") or "") if kind == "bubblewrap" else Supervised(confined=True)


@pytest.fixture(params=KINDS)
def box(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind that confines."""
    return box_of(request.param)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a lane, a neighbour of it, and a repository's git directory, open to every user of the machine."""
    folder = Path(tempfile.mkdtemp(prefix="place-"))
    for name in ("lane", "neighbour", "repo.git/hooks"):
        (folder / name).mkdir(parents=True)
    (folder / "neighbour" / "key").write_text("a key that is nobody's business\n")
    (folder / "repo.git" / "config").write_text("[core]\n")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ran(box: Sandbox, command: str, place: Path, *, timeout: float = 20.0) -> Completed:
    """Run an attack in the lane; it knows the folder around as ``$P``."""
    return box.run(command, place / "lane", timeout=timeout, env={"P": str(place)})


HARM = {
    "write beside the lane": ("echo x > $P/neighbour/new", "neighbour/new"),
    "write over a neighbour": ("echo x > $P/neighbour/key", ""),
    "remove a neighbour": ("rm -r $P/neighbour", ""),
    "write through a link": ("ln -s $P/neighbour/key l; echo x > l", ""),
    "write through a linked folder": ("ln -s $P/neighbour d; echo x > d/new", "neighbour/new"),
    "rename out of the lane": ("echo x > f; mv f $P/neighbour/new", "neighbour/new"),
    "a hard link out of the lane": ("ln $P/neighbour/key h && echo x > h", ""),
    "plant a hook": ("printf '#!/bin/sh' > $P/repo.git/hooks/post-commit", "repo.git/hooks/post-commit"),
    "change git's configuration": ("echo '[core] fsmonitor = x' >> $P/repo.git/config", ""),
    "a file in the system": ("echo x > /usr/bin/orchestrator-planted", ""),
    "a file in the user's home": (f"echo x > {HOME}/.orchestrator-planted", ""),
    "a device": ("mknod d b 8 0 && cat d", ""),
    "mount over the system": ("mount -t tmpfs x /usr && echo mounted", ""),
    "another namespace": ("unshare -r mount -t tmpfs x $P/neighbour && echo mounted", ""),
}


@pytest.mark.parametrize("name", HARM)
def test_nothing_outside_the_lane_is_changed(box: Sandbox, place: Path, name: str) -> None:
    """The attack fails, and says so in its own output or exit code."""
    command, planted = HARM[name]

    done = ran(box, f"({command}) && echo it worked", place)

    assert "it worked" not in done.output, done.output
    assert (place / "neighbour" / "key").read_text() == "a key that is nobody's business\n"
    assert (place / "repo.git" / "config").read_text() == "[core]\n"
    assert not planted or not (place / planted).exists()
    assert not Path("/usr/bin/orchestrator-planted").exists() and not (HOME / ".orchestrator-planted").exists()


LOOKS = {
    "a neighbour": "cat $P/neighbour/key",
    "a neighbour through a link": "ln -s $P/neighbour/key l; cat l",
    "the environment of its parent": "cat /proc/$PPID/environ; cat /proc/1/environ; env",
    "the users' passwords": "cat /etc/shadow",
    "the user's home": f"ls -a {HOME}; cat {HOME}/.bashrc",
    "the memory of another process": f"head -c 100 /proc/{os.getpid()}/mem",
    "the command line of another process": f"cat /proc/{os.getpid()}/cmdline",
}


@pytest.mark.parametrize("name", LOOKS)
def test_nothing_secret_is_seen(box: Sandbox, place: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files, nor variables, nor other processes give anything away."""
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-endpoint-7Hq3")

    done = ran(box, LOOKS[name], place)

    for secret in ("nobody's business", "key-of-the-endpoint", "root:", "PS1"):
        assert secret not in done.output
    if "cmdline" in LOOKS[name] and box.kind == "bubblewrap":
        assert "pytest" not in done.output


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "::1"])
def test_no_address_can_be_reached(box: Sandbox, place: Path, listener: int, host: str) -> None:
    """Neither a server of this machine, nor the one that hands out a cloud's credentials."""
    attempt = f"import socket; socket.create_connection(({host!r}, {listener}), 3); print('reached')"

    assert "reached" not in ran(box, f'python3 -c "{attempt}"', place).output


def test_a_command_that_may_use_the_network_may_do_nothing_else(box: Sandbox, place: Path, listener: int) -> None:
    """It reaches a server; what lies around the lane stays hidden and closed."""
    reach = f"import socket; socket.create_connection(('127.0.0.1', {listener}), 3); print('reached')"
    command = f'python3 -c "{reach}"; cat $P/neighbour/key; echo x > $P/neighbour/new'

    done = box.run(command, place / "lane", timeout=20, env={"P": str(place)}, network=True)

    assert "reached" in done.output and "nobody's business" not in done.output
    assert not (place / "neighbour" / "new").exists()


@pytest.mark.parametrize("kind", ["SOCK_DGRAM", "SOCK_STREAM", "SOCK_RAW"])
def test_nothing_is_sent_to_the_network(box: Sandbox, place: Path, kind: str) -> None:
    """Not by datagrams either, which need no connection: a name server would pass a secret on."""
    sender = f"import socket; s = socket.socket(socket.AF_INET, socket.{kind}); s.sendto(b'x', ('10.255.255.1', 53))"

    done = ran(box, f'python3 -c "{sender}; print(1)"', place)

    assert done.exit_code != 0, done.output


BOMB = """import os
started = 0
try:
    while started < 500:
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "30"])
        started += 1
except OSError:
    print(started)
"""


def test_a_fork_bomb_runs_out_of_processes(box: Sandbox, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reaches its limit, whoever's it is, and the machine goes on."""
    monkeypatch.setattr(limits, "MOST_PROCESSES", 50)
    (place / "lane" / "bomb.py").write_text(BOMB)

    done = ran(box, "python3 bomb.py", place)

    apart = box.kind == "bubblewrap" or cgroup.home() is not None  # else counted with what else the user does meanwhile
    assert 10 < int(done.output.splitlines()[-1]) < (60 if apart else 100), done.output
    assert not leftovers(place), "no process and no control group stays"


def leftovers(place: Path) -> list[str]:
    """Processes that work in a folder or below it."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd").startswith(str(place)):
                found.append(entry.name)
        except OSError:
            continue
    return [*found, *map(str, Path("/sys/fs/cgroup").glob(f"*/{cgroup.NAME}{os.getpid()}-*"))]


def test_the_group_of_a_caller_that_was_killed_is_swept_away(place: Path) -> None:
    """Whoever comes next removes what nobody owns any more."""
    if cgroup.home() is None:
        pytest.skip("no control groups can be made here")

    def killed() -> None:
        with cgroup.bounded(10) as group:
            (place / "group").write_text(group[-1])
            os._exit(0)

    assert in_child(killed) == 0
    left = Path((place / "group").read_text()).parent
    assert left.is_dir()
    assert in_child(lambda: ran(box_of("bubblewrap"), "true", place)) == 0
    assert not left.exists()


def test_endless_output_is_bounded(box: Sandbox, place: Path) -> None:
    """Beginning and end are kept, the rest is counted, and memory is not used up."""
    done = ran(box, "head -c 300000000 /dev/zero | tr '\\0' x; echo the end", place, timeout=60)

    assert done.truncated and len(done.output) < 1_100_000 and done.output.rstrip().endswith("the end")


DAEMONS = "for i in 1 2 3 4 5 6 7 8 9 10; do setsid sh -c 'sleep 60; echo x > late' > /dev/null 2>&1 & done"


def test_what_stays_in_the_background_ends(box: Sandbox, place: Path) -> None:
    """Daemons in sessions of their own do not outlive their command."""
    ran(box, f"{DAEMONS}; echo started", place)

    assert not leftovers(place)


def test_an_ordinary_users_daemons_are_gone_when_their_command_has_ended(place: Path) -> None:
    """Not a moment later: nothing is written any more when the tree is looked at. No control group ends them here."""

    def work() -> None:
        for _ in range(20):
            ran(box_of("bubblewrap"), f"{DAEMONS}; echo started", place)
            assert not leftovers(place)

    assert in_child(work, user=NOBODY) == 0


def test_the_caller_cannot_be_ended(box: Sandbox, place: Path) -> None:
    """Neither by number nor all at once."""
    done = ran(box, f"kill -9 {os.getpid()}; kill -9 -1; echo still here", place)

    assert done.exit_code != 0 or "still here" in done.output


def test_a_clock_that_stands_still_ends_it(box: Sandbox, place: Path) -> None:
    """A command that ignores every polite signal is over when its time is."""
    began = time.monotonic()

    done = ran(box, "trap '' TERM INT HUP; while :; do :; done", place, timeout=1.0)

    assert done.timed_out and time.monotonic() - began < 10


@pytest.mark.parametrize("name", HARM)
def test_an_ordinary_user_is_as_safe(place: Path, name: str) -> None:
    """The same attacks, started by somebody without any rights."""
    command, planted = HARM[name]

    def attack() -> None:
        done = ran(box_of("bubblewrap"), f"({command}) && echo it worked", place)
        assert "it worked" not in done.output, done.output

    assert in_child(attack, user=NOBODY) == 0
    assert (place / "neighbour" / "key").read_text() == "a key that is nobody's business\n"
    assert not planted or not (place / planted).exists()
