"""detect-secrets: secrets in a diff."""

import os
from pathlib import Path

from detect_secrets.core.scan import scan_diff
from detect_secrets.settings import default_settings
from serving import serve


def hold(folder: str, path: str) -> int:
    """Be where a file of that name exists; diffs of files that do not exist are passed over."""
    os.chdir(folder)
    Path(path).touch()
    return 1


def scan(diff: str) -> int:
    """How many secrets it names."""
    with default_settings():
        return len(list(scan_diff(diff)))


if __name__ == "__main__":
    serve(hold, scan)
