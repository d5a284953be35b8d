"""The profile for macOS: what it allows and takes away can be read here; no Mac has tried it."""

from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from workspace.seatbelt import confined, profile


def test_the_profile_takes_away_network_writes_and_homes(snapshot: SnapshotAssertion) -> None:
    """The last rule that fits counts: what is shown and what is written come after what is denied."""
    assert profile([Path("/opt/tools"), Path("/usr")], [Path("/lanes/t1")]) == snapshot


def test_no_name_of_a_folder_can_end_its_rule() -> None:
    """A quote in a path stays inside its string."""
    rules = profile([], [Path('/lanes/a")(allow default)')]).splitlines()
    assert [rule for rule in rules if "lanes" in rule] == [
        f'(allow {what}* (subpath "/lanes/a\\")(allow default)"))' for what in ("file-read", "file-write")
    ]


def test_the_command_follows_the_profile() -> None:
    """Arguments stay as they are."""
    argv = confined(["/bin/sh", "-c", "exit 7"], [], [])
    assert argv[:2] == ["/usr/bin/sandbox-exec", "-p"] and argv[3:] == ["/bin/sh", "-c", "exit 7"]
