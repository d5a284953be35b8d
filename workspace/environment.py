"""Environment: the variables that a command in the sandbox sees; none of the user's own are among them."""

import os
from pathlib import Path

from workspace.toolchains import Toolchains

SAME_EVERYWHERE = {
    "CARGO_NET_OFFLINE": "true",
    "CARGO_TERM_COLOR": "never",
    "CARGO_TERM_PROGRESS_WHEN": "never",
    "CI": "true",
    "COLUMNS": "120",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GOFLAGS": "-buildvcs=false",
    "GOPROXY": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "PIP_NO_INDEX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TERM": "dumb",
    "TZ": "UTC",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_offline": "true",
    "npm_config_update_notifier": "false",
}
"""No colours, no progress bars, no network, one language, one time zone: the same code prints the same text."""


def inside(tools: Toolchains, cwd: Path, scratch: Path, temporary: Path) -> dict[str, str]:
    """The environment of a command in ``cwd`` whose tools keep caches in ``scratch``."""
    nearest = [cwd / ".venv" / "bin", cwd / "venv" / "bin", cwd / "node_modules" / ".bin"]
    system = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]
    path = [*(str(folder) for folder in nearest if folder.is_dir()), *tools.path, *system]
    return {
        **SAME_EVERYWHERE,
        **tools.env,
        "PATH": os.pathsep.join(dict.fromkeys(path)),
        "HOME": str(temporary / "home"),
        "TMPDIR": str(temporary),
        "CARGO_TARGET_DIR": str(scratch / "cargo"),
        "GOCACHE": str(scratch / "go"),
        "GRADLE_USER_HOME": str(scratch / "gradle"),
        "npm_config_cache": str(scratch / "npm"),
        "XDG_CACHE_HOME": str(scratch / "cache"),
    }
