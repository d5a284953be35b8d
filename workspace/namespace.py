"""The end of a namespace of processes: when its first process is gone, so is all that was started in it.

bwrap can bind itself to the process that starts it, but only once it runs, and what it starts only later still. Whoever
is killed in between leaves a command that goes on, or a sandbox that waits for ever; so a keeper stands by instead.
Source: pid_namespaces(7), bwrap(1), prctl(2) on PR_SET_PDEATHSIG.
"""

import contextlib
import select
import subprocess
from collections.abc import Iterator

from workspace.cgroup import SECONDS
from workspace.process import end_notice

KEEPER = """
while read -r line; do
  case $line in *child-pid*) first=${line##*: } first=${first%,} ;; esac
done
kill -KILL "$first"
echo "$first"
"""
"""Hears from bwrap which process is the first; ends it once nobody can write any more, and says which it was."""


@contextlib.contextmanager
def kept() -> Iterator[int]:
    """A descriptor for bwrap's ``--info-fd``: its namespace ends on leaving, and with this process, however that ends.

    bwrap ends as soon as it knows the command's exit code, a moment before its first process has ended the others.
    """
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd="/", env={}, start_new_session=True,
    )  # fmt: skip
    assert keeper.stdin is not None
    try:
        yield keeper.stdin.fileno()
    finally:
        first, _ = keeper.communicate()
        with contextlib.suppress(ValueError):  # it was never started
            _wait_for(int(first))


def _wait_for(process: int) -> None:
    with end_notice(process) as notice:
        if notice is not None:
            over = select.poll()
            over.register(notice, select.POLLIN)
            over.poll(SECONDS * 1000)
