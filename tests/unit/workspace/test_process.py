"""Child processes: bounded, ended as a whole, never in the way."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workspace.scenes import in_child
from workspace.capture import Capture
from workspace.git import git
from workspace.process import CommandEnded, CommandMissing, Completed, kill_all, run, start_child

LEAVE_ONE_BEHIND = "sleep 300 & echo $!; "


def sh(script: str, folder: Path, *, timeout: float = 20, max_output: int = 100_000) -> Completed:
    """Run a shell script."""
    return run(["/bin/sh", "-c", script], cwd=folder, timeout=timeout, max_output=max_output)


def is_gone(pid: int) -> bool:
    """True once the process has ended; waits a moment for the kernel to take it away."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        os.sched_yield()
    return False


def test_output_of_both_streams_comes_in_its_order_with_the_exit_code(tmp_path: Path) -> None:
    """stdout and stderr are one text, and the exit code is the command's."""
    done = sh("echo one; echo two >&2; echo three; exit 5", tmp_path)
    assert (done.output, done.exit_code, done.timed_out) == ("one\ntwo\nthree\n", 5, False)


def test_stdin_is_closed(tmp_path: Path) -> None:
    """A command that reads gets the end at once instead of waiting for a person."""
    assert sh("cat; echo over", tmp_path).output == "over\n"


def test_large_input_and_output_do_not_block_each_other(tmp_path: Path) -> None:
    """More than a pipe holds goes in and comes out in one go."""
    data = b"x" * 1_000_000
    done = run(["cat"], cwd=tmp_path, timeout=20, input=data)
    assert done.output == data.decode()


def test_endless_output_ends_with_the_time_and_stays_small(tmp_path: Path) -> None:
    """A command that prints for ever is stopped; of its output the head and the tail are kept."""
    done = sh("echo begin; yes abcdefg", tmp_path, timeout=0.5, max_output=10_000)
    assert done.timed_out and done.truncated
    assert done.output.startswith("begin\n") and len(done.output) < 10_100
    assert "bytes cut" in done.output


def test_the_time_limit_ends_background_processes_too(tmp_path: Path) -> None:
    """What a command started in the background does not outlive it when it is stopped."""
    done = sh(LEAVE_ONE_BEHIND + "wait", tmp_path, timeout=0.3)
    assert done.timed_out
    assert is_gone(int(done.output))


def test_a_background_process_that_holds_the_pipe_does_not_hold_the_caller(tmp_path: Path) -> None:
    """The command is over when its own process is; what it left behind is ended."""
    done = sh(LEAVE_ONE_BEHIND, tmp_path, timeout=60)
    assert not done.timed_out and done.seconds < 10
    assert is_gone(int(done.output))


def test_a_command_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    """SIGTERM is a request; the end comes all the same."""
    done = sh("trap '' TERM; echo $$; while :; do sleep 0.05; done", tmp_path, timeout=0.3)
    assert done.timed_out and done.seconds < 10
    assert is_gone(int(done.output))


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message says which program is missing."""
    with pytest.raises(CommandMissing, match="no-such-program"):
        run(["no-such-program"], cwd=tmp_path, timeout=1)


def test_kill_all_ends_a_command_and_its_caller_does_not_take_it_for_a_result(tmp_path: Path) -> None:
    """An interrupted command raises: half an output must never count as evidence."""
    caught: list[BaseException] = []

    def work() -> None:
        try:
            sh(f"touch {tmp_path}/started; sleep 300", tmp_path, timeout=300)
        except CommandEnded as end:
            caught.append(end)

    thread = threading.Thread(target=work)
    thread.start()
    while not (tmp_path / "started").exists():
        os.sched_yield()
    kill_all()
    thread.join(10)
    assert not thread.is_alive() and len(caught) == 1


def test_a_child_speaks_in_lines_and_ends_when_its_stdin_closes() -> None:
    """A server hands over its first line and ends by itself."""
    code = "import sys; print('{\"ready\": 1}', flush=True); sys.stdin.read(); sys.exit(9)"
    child = start_child([sys.executable, "-c", code], env=dict(os.environ), nice=3)
    assert next(child.lines(timeout=20)) == '{"ready": 1}'
    assert child.poll() is None
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 3
    assert child.close() == 9
    assert child.close() == 9


def test_a_silent_child_does_not_hold_its_reader() -> None:
    """Reading lines ends with the time, and closing ends a child that does not listen."""
    child = start_child(["sleep", "300"])
    assert list(child.lines(timeout=0.1)) == []
    child.close()
    assert is_gone(child.pid)


def test_lines_end_when_the_child_does() -> None:
    """A last line without a line end is a line too, and the exit code is known then."""
    child = start_child(["/bin/sh", "-c", "printf 'a\\nb'; exit 3"])
    assert list(child.lines(timeout=20)) == ["a", "b"]
    assert child.poll() == 3
    child.close()


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(2, 60))
def test_a_capture_keeps_head_and_tail_and_counts_the_rest(blocks: list[bytes], most: int) -> None:
    """Short output is kept whole; of longer output both ends are, and the number of bytes between is right."""
    capture = Capture(most)
    for block in blocks:
        capture.add(block)
    whole, half = b"".join(blocks), max(1, most // 2)
    if len(whole) <= 2 * half:
        assert capture.text() == whole.decode("utf-8", "replace") and not capture.truncated
    else:
        cut = f"\n[... {len(whole) - 2 * half} bytes cut ...]\n".encode()
        assert capture.text() == (whole[:half] + cut + whole[-half:]).decode("utf-8", "replace")
        assert capture.truncated


def test_kill_all_ends_a_git_that_works_and_the_caller_hears_of_it(tmp_path: Path) -> None:
    """git is a child like any other: it does not go on behind an interruption, and its end is no result."""
    os.mkfifo(tmp_path / "fifo")
    outcome: list[object] = []

    def work() -> None:
        try:
            outcome.append(git("hash-object", "fifo", cwd=tmp_path))
        except CommandEnded as ended:
            outcome.append(ended)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    kill_all()
    thread.join(10)
    assert len(outcome) == 1 and isinstance(outcome[0], CommandEnded)


def test_nothing_is_started_any_more_once_all_was_ended_for_good(tmp_path: Path) -> None:
    """A thread that goes on until this process is gone can leave nothing behind."""

    def work() -> None:
        kill_all(for_good=True)
        with pytest.raises(CommandEnded):
            run(["sh", "-c", "sleep 9"], cwd=tmp_path, timeout=9)

    assert in_child(work) == 0
