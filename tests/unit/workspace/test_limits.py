"""How many processes a command may have where it shares its user's count."""

import subprocess

from workspace import limits

SLEEPERS = 40


def test_the_processes_of_the_user_come_on_top_of_what_a_command_may_have() -> None:
    """Else a user with many processes could start no command, and one with few could be flooded."""
    before = limits.beside_others()
    sleepers = [subprocess.Popen(["sleep", "60"]) for _ in range(SLEEPERS)]
    try:
        more = limits.beside_others() - before
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()
    assert before > limits.MOST_PROCESSES and SLEEPERS // 2 < more < 2 * SLEEPERS


def test_the_limit_holds_in_the_shell_that_runs_the_command() -> None:
    """Whichever shell it is: one says -p, another -u."""
    argv = limits.limited("ulimit -p 2>/dev/null | grep 1234 || ulimit -u", timeout=10, processes=1234)
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "1234\n"
