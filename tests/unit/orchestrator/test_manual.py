"""What is made from the parsers: help with examples, completion, the reference of commands."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.arguments import COMMANDS, GROUPS, parse
from orchestrator.exits import EXIT_OF_OUTCOME
from orchestrator.main import main
from orchestrator.manual import parsers, reference

ROOT = Path(__file__).parents[3]
WORDS = {" ".join(words): parser for words, parser in parsers() if words}


@pytest.mark.parametrize("words", WORDS)
def test_every_help_has_an_example(words: str) -> None:
    """Commands and their actions alike; the example begins with the words that it is an example of."""
    assert f"example:\n  orchestrator {words}" in WORDS[words].format_help()


@pytest.mark.parametrize("words", WORDS)
def test_every_flag_says_what_it_does(words: str) -> None:
    """A flag or an argument without a sentence would have to be guessed."""
    assert [action.dest for action in WORDS[words]._actions if not action.help and action.dest != "action"] == []


def test_the_help_of_the_whole_lists_every_command_once() -> None:
    """In groups by what a person wants; a command of no group stands at the end."""
    text = dict(parsers())[()].format_help()
    listed = re.findall(
        r"^    ([a-z]+)(?:\s{2,}|$)", text.partition("commands:")[2].partition("start here:")[0], re.MULTILINE
    )
    assert sorted(listed) == sorted(COMMANDS)
    assert set().union(*GROUPS.values()) <= set(COMMANDS)


def test_help_names_every_exit_code() -> None:
    """So do the man page and the README."""
    for text in (
        dict(parsers())[()].format_help(),
        (ROOT / "upkeep/manual.txt").read_text("utf-8"),
        (ROOT / "README.md").read_text("utf-8"),
    ):
        for outcome, code in EXIT_OF_OUTCOME.items():
            assert re.search(rf"\b{code}\b\s+{outcome}\b", text), (outcome, text[:80])


def test_the_reference_has_every_command() -> None:
    """With its flags as the help prints them."""
    assert all(f"`orchestrator {words}`" in reference() for words in WORDS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The shell itself reads it without complaint, where it is here."""
    assert main(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    if program := shutil.which(shell):
        assert subprocess.run([program, "-n", script], capture_output=True, text=True).stderr == ""


def test_bash_completes_commands_flags_and_folders(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is begun is ended: a command, a flag of an action, a folder after --root."""
    main(["completion", "bash"])
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    (tmp_path / "project").mkdir()
    (tmp_path / "profile.txt").touch()
    for words, ends in (
        (["rep"], "report"),
        (["runs", "prune", "--ke"], "--keep"),
        (["doctor", "--root", "pro"], "project"),
    ):
        line = " ".join(f"'{word}'" for word in ["orchestrator", *words])
        ask = (
            f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
            f"_shtab_orchestrator orchestrator '{words[-1]}' '{words[-2] if len(words) > 1 else 'orchestrator'}'; "
            'echo "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True)
        assert done.stdout.split() == [ends], done.stderr


def test_an_action_that_is_missing_is_named() -> None:
    """The sentence says which there are."""
    from orchestrator.errors import UsageError

    with pytest.raises(UsageError, match=r"ACTION \(list or fetch or probe\)"):
        parse(["model"])
