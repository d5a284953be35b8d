"""Long calls of tools._native end early: by a deadline, by another thread, by Ctrl-C."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tools._native import CancelToken, Index

SLOW = r"(?:[ab]+x|[0-9a-f]{30,}[xyz])+$"
"""Takes seconds over the project below: every line is tried from many places."""

ASKER = """
import sys
from tools._native import Index
index = Index(sys.argv[1])
print("searching", flush=True)
try:
    index.search([f"(?=[a-z0-9]*{n}x)[a-z0-9]*y$" for n in range(40)], regex=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 100 files of 60 kB."""
    root = tmp_path_factory.mktemp("project")
    lines = "".join(f"{n:032x}{'ab' * 40}\n" for n in range(500))
    for number in range(100):
        (root / f"{number:03}.txt").write_text(lines)
    return root


def test_a_deadline_gives_what_was_found_and_says_so_first(project: Path) -> None:
    """A search that may take one millisecond is partial, in its numbers and in the first word of its text."""
    found = Index(project).search(SLOW, regex=True, token=CancelToken(0.001))

    assert (found.partial, found.complete) == ("deadline", False)
    assert found.files_searched + found.not_reached == 100
    assert found.render().startswith("PARTIAL, the time was over: ")
    assert f"{found.not_reached} not reached" in found.render().splitlines()[0]


def test_a_search_that_ends_in_time_is_whole(project: Path) -> None:
    """A deadline that is not reached changes nothing."""
    found = Index(project).search("00ab", token=CancelToken(600), limit=1)

    assert (found.partial, found.not_reached, found.files_searched) == (None, 0, 100)


def test_a_token_cancels_from_another_thread(project: Path) -> None:
    """The searching thread comes back soon after another one has cancelled, and the token stays cancelled."""
    index, token = Index(project), CancelToken()
    patterns = [f"(?=[a-z0-9]*{n}x)[a-z0-9]*y$" for n in range(40)]
    timer = threading.Timer(0.2, token.cancel)
    timer.start()
    found = index.search(patterns, regex=True, token=token)
    timer.join()

    assert (found.partial, token.cancelled) == ("cancelled", True)
    assert index.search("00ab", token=token).files_searched == 0


def test_times_that_make_no_sense_are_refused() -> None:
    """A negative time or none at all is an error of the caller; a very long one is just very long."""
    for seconds in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="negative"):
            CancelToken(seconds)
    assert not CancelToken(1e300).cancelled
    assert CancelToken(0).cancelled


def test_ctrl_c_ends_a_long_search(project: Path) -> None:
    """SIGINT raises KeyboardInterrupt in the middle of a native call, in a real process."""
    process = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(project)], stdout=subprocess.PIPE, text=True, preexec_fn=default_interrupt
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "searching\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=5) == ("interrupted\n", None)


def default_interrupt() -> None:
    """Undo that shells let background jobs ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
