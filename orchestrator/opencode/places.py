"""Where OpenCode keeps its configuration, and where OpenCode itself is."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.version import installed_version
from workspace.errors import WorkspaceError
from workspace.process import run as run_process

PACKAGE = "opencode-orchestrator"
"""The plugin's name at npm; the Python package has the same one, and the same version."""

OLDEST = (1, 18)
"""The oldest OpenCode that the plugin works with."""


def global_file(env: Mapping[str, str]) -> Path:
    """The user's configuration: what OPENCODE_CONFIG names, else in OPENCODE_CONFIG_DIR or the usual folder."""
    if named := env.get("OPENCODE_CONFIG"):
        return Path(named).expanduser()
    folder = env.get("OPENCODE_CONFIG_DIR")
    base = env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or "~").expanduser() / ".config"
    return one_of(Path(folder).expanduser() if folder else Path(base) / "opencode")


def project_file(root: Path) -> Path:
    """The project's configuration: in ``.opencode``, unless there is one in the project's folder itself."""
    inner = one_of(root / ".opencode")
    outer = one_of(root)
    return outer if outer.exists() and not inner.exists() else inner


def one_of(folder: Path) -> Path:
    """The configuration file of a folder: with comments where there is one, else the plain one."""
    commented = folder / "opencode.jsonc"
    return commented if commented.exists() else folder / "opencode.json"


def specification() -> str:
    """The plugin in the version that belongs to this package: a bare name is never refreshed by OpenCode."""
    own = installed_version()
    return f"{PACKAGE}@{own}" if own else PACKAGE


@dataclass(frozen=True)
class Found:
    """OpenCode on this machine."""

    path: str
    version: tuple[int, ...]

    @property
    def title(self) -> str:
        """Its version and place in words."""
        return f"{'.'.join(map(str, self.version)) or 'unknown version'} at {self.path}"


def opencode(env: Mapping[str, str]) -> Found | None:
    """The OpenCode on the PATH; None where there is none or it does not run."""
    path = shutil.which("opencode", path=env.get("PATH"))
    if path is None:
        return None
    try:
        said = run_process([path, "--version"], cwd=Path.cwd(), timeout=20).output
    except (WorkspaceError, OSError):
        return None
    numbers = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    return Found(path, tuple(map(int, numbers.groups())) if numbers else ())
