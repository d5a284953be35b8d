"""Seatbelt: the sandbox of macOS, by `sandbox-exec` and a profile. Untested: written from documentation alone.

The profile allows what macOS programs need to start, and takes away the network, every write but to the folders of the
command, and every read below the homes of people but of what is shown on purpose. Of several rules that fit, the last
one counts.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAM = "/usr/bin/sandbox-exec"

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/tty")


def available() -> bool:
    """Whether this is a Mac that has the program."""
    return sys.platform == "darwin" and shutil.which(PROGRAM) is not None


def confined(
    argv: Sequence[str], readable: Sequence[Path], writable: Sequence[Path], *, network: bool = False
) -> list[str]:
    """The command under a profile for these folders."""
    return [PROGRAM, "-p", profile(readable, writable, network=network), *argv]


def profile(readable: Sequence[Path], writable: Sequence[Path], *, network: bool = False) -> str:
    """The rules, in the language of the profile."""
    shown = [*readable, *writable]
    return "\n".join(
        [
            "(version 1)",
            "(allow default)",
            *([] if network else ["(deny network*)"]),
            "(deny file-write*)",
            '(deny file-read* (subpath "/Users") (subpath "/private/var/root") (subpath "/private/var/folders"))',
            "(deny signal (target others))",
            "(deny process-info* (target others))",
            '(deny mach-lookup (global-name-regex #"^com\\.apple\\.(pasteboard|securityd|coreservices)"))',
            *(f"(allow file-read* {place})" for place in places(shown)),
            *(f"(allow file-write* {place})" for place in places(writable)),
            *(f"(allow file-write* (literal {json.dumps(device)}))" for device in DEVICES),
        ]
    )


def places(paths: Sequence[Path]) -> list[str]:
    """Filters for paths and all below them, by the names that the kernel sees behind links."""
    return [f"(subpath {json.dumps(str(path.resolve()), ensure_ascii=False)})" for path in sorted(set(paths))]
