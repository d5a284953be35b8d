"""Sandbox: where every command of a run is executed, and what it can reach there."""

import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from workspace import cgroup, landlock, limits, namespace, seatbelt
from workspace.environment import inside
from workspace.errors import SandboxMissing
from workspace.process import MAX_OUTPUT, Completed
from workspace.process import run as run_process
from workspace.toolchains import SYSTEM, Toolchains, toolchains

Kind = Literal["bubblewrap", "landlock", "seatbelt", "none"]

SETTINGS = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "crypto-policies", "fonts", "group", "host.conf",
    "hosts", "java*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.*", "localtime", "maven", "mime.types",
    "nsswitch.conf", "os-release", "passwd", "pki", "protocols", "python3*", "services", "ssl", "terminfo", "timezone",
)  # fmt: skip
"""What programs read in /etc that is no secret."""

MISSING = (
    "There is no way to confine commands here, so nothing is run. Install bubblewrap (for example: apt install "
    "bubblewrap), or pass --unsafe to run commands with all your rights."
)


class Sandbox(Protocol):
    """A way of running commands."""

    @property
    def kind(self) -> Kind:
        """Which way it is."""

    def describe(self) -> str:
        """One sentence for people."""

    def run(
        self,
        command: str,
        cwd: Path,
        *,
        timeout: float,
        writable: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        scratch: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_output: int = MAX_OUTPUT,
        network: bool = False,
    ) -> Completed:
        """Run a shell command in ``cwd``, which it may write to, as it may to ``writable`` and a private /tmp.

        It sees the system, the toolchains of the user's PATH and ``readable``, and an environment of its own, to which
        ``env`` is added. Tools keep their caches in ``scratch``, else in the private /tmp. At most ``timeout`` seconds.
        With ``network`` the machine's network can be reached.
        """


def choose_sandbox(*, unsafe: bool) -> Sandbox:
    """The strongest sandbox that works here; raises SandboxMissing where none does and ``unsafe`` is false."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap and works(bubblewrap):
        return Bubblewrap(bubblewrap)
    if landlock.version() or seatbelt.available():
        return Supervised(confined=True)
    if unsafe:
        return Supervised(confined=False)
    raise SandboxMissing(MISSING)


@functools.cache
def works(bubblewrap: str) -> bool:
    """Whether bubblewrap can do here what is asked of it; many systems forbid it to ordinary users.

    It is tried in a folder that is there anyway: a kill at this moment must not leave one behind.
    """
    return Bubblewrap(bubblewrap).run("exit 7", Path(tempfile.gettempdir()), timeout=10).exit_code == 7


def own_toolchains() -> Toolchains:
    """The toolchains of this process's PATH and its own interpreter."""
    return toolchains(os.environ.get("PATH", os.defpath), Path.home(), sys.executable)


class Bubblewrap:
    """Namespaces: nothing of the machine is there but what is shown, and no network."""

    kind: Kind = "bubblewrap"

    def __init__(self, program: str) -> None:
        self._program = program

    def describe(self) -> str:
        """One sentence for people."""
        return "Commands run in bubblewrap: no network, read-only system, home hidden, only their own folder writable."

    def run(
        self,
        command: str,
        cwd: Path,
        *,
        timeout: float,
        writable: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        scratch: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_output: int = MAX_OUTPUT,
        network: bool = False,
    ) -> Completed:
        """See :meth:`Sandbox.run`."""
        tools = own_toolchains()
        variables = inside(tools, cwd, scratch or Path("/tmp/scratch"), Path("/tmp")) | dict(env or {})
        shown = [*tools.readable, *readable]
        written = [cwd, *([scratch] if scratch else []), *writable]
        options = [
            *isolation(network), *system(network),
            *binds("--ro-bind-try", shown), *binds("--bind", written), "--remount-ro", "/",
            *(part for name, value in variables.items() for part in ("--setenv", name, value)),
            "--chdir", str(cwd), "--", *limits.limited(command, timeout=timeout, processes=limits.MOST_PROCESSES),
        ]  # fmt: skip
        with cgroup.bounded(limits.MOST_PROCESSES) as group, namespace.kept() as told:
            argv = [*group, self._program, "--info-fd", str(told), *options]
            return run_process(argv, cwd=cwd, env={}, timeout=timeout, max_output=max_output, handed=(told,))


def isolation(network: bool) -> list[str]:
    """Own namespaces, no rights, no terminal, no environment."""
    shared = ["--share-net"] if network else []
    return ["--unshare-all", *shared, "--cap-drop", "ALL", "--new-session", "--clearenv"]


def system(network: bool) -> list[str]:
    """The read-only system, with devices, processes and temporary files of its own."""
    arguments: list[str] = []
    for folder in SYSTEM:
        if os.path.islink(folder):
            arguments += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            arguments += ["--ro-bind", folder, folder]
    arguments += binds("--ro-bind-try", [*settings(), *(NAMES if network else [])])
    return [*arguments, "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--dir", "/tmp/home"]


NAMES = [Path("/etc/resolv.conf")]
"""What a command with a network needs beyond that, to find a name."""


def settings() -> list[Path]:
    """The harmless part of /etc that is there."""
    return sorted(path for name in SETTINGS for path in Path("/etc").glob(name))


def binds(how: str, paths: Sequence[Path]) -> list[str]:
    """Mount each path at its own place, outer ones first so that none hides another."""
    return [part for path in sorted(set(paths)) for part in (how, str(path), str(path))]


class Supervised:
    """No namespaces: the kernel's rules forbid files and network, or nothing is forbidden; background processes end."""

    def __init__(self, *, confined: bool) -> None:
        self._confined = confined

    @property
    def kind(self) -> Kind:
        """Which of them it is."""
        if not self._confined:
            return "none"
        return "seatbelt" if sys.platform == "darwin" else "landlock"

    def describe(self) -> str:
        """One sentence for people."""
        if not self._confined:
            return "Commands run WITHOUT a sandbox, with all your rights: install bubblewrap."
        if self.kind == "seatbelt":
            return (
                "Commands run under macOS' sandbox-exec, by a profile that nobody has tried yet: no network, no home."
            )
        closed = landlock.version() >= 4 or landlock.call_filter(os.uname().machine)
        return (
            f"Commands run under Landlock: home and system cannot be written, home not read, "
            f"{'no network' if closed else 'the network is open'}; processes are visible, and rights of your files "
            "can be changed. bubblewrap confines more."
        )

    def run(
        self,
        command: str,
        cwd: Path,
        *,
        timeout: float,
        writable: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        scratch: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_output: int = MAX_OUTPUT,
        network: bool = False,
    ) -> Completed:
        """See :meth:`Sandbox.run`."""
        tools = own_toolchains()
        with tempfile.TemporaryDirectory(prefix="orchestrator-", dir=scratch, ignore_cleanup_errors=True) as folder:
            private = Path(folder)
            (private / "home").mkdir()
            variables = inside(tools, cwd, scratch or private / "scratch", private) | dict(env or {})
            written = [cwd, private, *([scratch] if scratch else []), *writable]
            shown = [
                *map(Path, SYSTEM),
                *settings(),
                *(NAMES if network else []),
                Path("/proc"),
                Path("/sys/devices/system/cpu"),
                *tools.readable,
            ]
            policy = {
                "confine": self._confined,
                "network": network,
                "parent": os.getpid(),
                "readable": [*map(str, [*shown, *readable]), "/dev/random", "/dev/urandom"],
                "writable": [*map(str, written), "/dev/null", "/dev/full", "/dev/zero"],
            }
            supervisor = [sys.executable, "-I", "-S", landlock.__file__, json.dumps(policy)]
            argv = limits.limited(command, timeout=timeout, processes=limits.beside_others())
            if sys.platform == "linux":
                argv = [*supervisor, *argv]
            elif self._confined:
                argv = seatbelt.confined(argv, [*shown, *readable], written, network=network)
            with cgroup.bounded(limits.MOST_PROCESSES) as group:
                return run_process([*group, *argv], cwd=cwd, env=variables, timeout=timeout, max_output=max_output)
