"""The embedded model's server as seen by its parent: started, checked, and ended with it."""

import json
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from models import pins
from models.errors import NoModel
from models.fetch import verified
from models.server import NOT_LOADED
from workspace import process

READY_SECONDS = 180.0
"""How long loading may take on a slow disk."""

_NICE = 7
"""The server yields to everything else on the machine."""


@dataclass(slots=True)
class LocalServer:
    """A running server of one GGUF on the loopback address."""

    base_url: str
    api_key: str = field(repr=False)
    _child: process.Child

    @classmethod
    def start(cls, gguf: Path, size: str, *, others: float) -> "LocalServer":
        """Start the server and wait until the model is loaded; `others` is how many cores other programs use.

        `size` is the pinned size that the file is said to be, any other name for a user's own file; a file of a pinned
        size is verified first, and deleted if it is wrong. Raises NoModel, with the reason, when there can be no local
        model here: that is a normal outcome, not a crash.
        """
        if size in pins.SIZES and not verified(gguf, pins.load(size)):
            raise NoModel(f"{gguf.name} was damaged and has been deleted. Run: orchestrator model fetch local:{size}")
        command = [sys.executable, "-m", "models.server", str(gguf), str(threads(others, os.cpu_count() or 1))]
        child = process.start_child(command, cwd=Path(__file__).parents[1], nice=_NICE)
        ready = _said(child.lines(timeout=READY_SECONDS))
        if "base_url" not in ready:
            fault = _no_runtime(ready["fault"]) if ready else NoModel(_why(child.poll(), gguf))
            child.close()
            raise fault
        return cls(ready["base_url"], ready["api_key"], child)

    @property
    def pid(self) -> int:
        """The child's process id, for those who measure it."""
        return self._child.pid

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    def close(self) -> None:
        """End the child: it ends by itself when its stdin does."""
        self._child.close()


def threads(others: float, cores: int) -> int:
    """Return how many threads to use: two where two cores are nearly idle, else one, since two would spin in vain."""
    return 2 if cores - others >= 1.5 else 1


def try_runtime(gguf: Path) -> None:
    """Load the runtime for a model in a process of its own, without the model; raises NoModel where that cannot be."""
    done = process.run([sys.executable, "-m", "models.server"], cwd=Path(__file__).parents[1], timeout=READY_SECONDS)
    if said := _said(done.output.splitlines()):
        raise _no_runtime(said["fault"])
    if done.exit_code:
        raise NoModel(_why(done.exit_code, gguf))


def _said(lines: Iterable[str]) -> dict[str, str]:
    """Return what the child says, when the model is loaded or when there is no runtime; empty if it says nothing."""
    return next((json.loads(line) for line in lines if line.startswith("{")), {})


def _no_runtime(fault: str) -> NoModel:
    """Return the failure of a runtime that is not there or does not load, with the way out."""
    if "No module named" in fault:
        fix = "Install the extra [local]: pip install 'opencode-orchestrator[local]'"
        return NoModel("The runtime of the embedded model is not installed.", fix=fix)
    fix = "Run: pip install --force-reinstall xllamacpp"
    if "libgomp" in fault:
        fix = "Install that library: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora)."
    return NoModel(f"The runtime of the embedded model cannot be loaded here ({fault}).", fix=fix)


def _why(code: int | None, gguf: Path) -> str:
    """Return one sentence for a child that was never ready, and the way out."""
    ways = "Use an endpoint instead (OPENAI_BASE_URL, --base-url), or start Ollama, LM Studio or llama-server."
    if code == NOT_LOADED:
        return f"The runtime cannot load {gguf.name}: it is no GGUF model that it knows. {ways}"
    if code is not None and -code == signal.SIGILL:
        return f"The embedded model needs a processor with AVX2, FMA, F16C and BMI2, which this one lacks. {ways}"
    return f"The runtime ended while it loaded {gguf.name} ({_ended(code)}): no local model here. {ways}"


def _ended(code: int | None) -> str:
    """Say how a child ended."""
    if code is None:
        return f"not ready after {READY_SECONDS:g} s"
    return f"signal {-code}; too little memory, or a file that it cannot read" if code < 0 else f"exit code {code}"
