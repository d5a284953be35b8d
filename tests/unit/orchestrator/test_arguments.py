"""The command line: what it accepts, and how it refuses."""

import pytest

from orchestrator.arguments import COMMANDS, FLAGS, flags_of, parse
from orchestrator.errors import UsageError
from orchestrator.main import HOME_OF_COMMAND


def test_every_command_has_a_home() -> None:
    """What the help lists is what can be carried out."""
    assert set(HOME_OF_COMMAND) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` of each command ends with a line that can be copied."""
    with pytest.raises(SystemExit) as done:
        parse([name, "--help"])

    assert done.value.code == 0
    assert f"example:\n  orchestrator {name}" in capsys.readouterr().out


def test_flags_that_are_not_given_stay_unset() -> None:
    """A flag's absence says nothing, so that lower layers speak."""
    assert flags_of(parse(["auto", "x"])) == {}


def test_each_flag_sets_its_key() -> None:
    """All flags of `auto` at once arrive at their places."""
    line = (
        "auto x --model m --base-url http://h/v1 --check a --check b --max-calls 1 --max-tokens 2 --max-cost 0.5 "
        "--max-seconds 9 --max-task-calls 4 --parallel 3 --no-apply --approve-plan "
        "--approve-apply --headless --unsafe"
    )
    assert flags_of(parse(line.split())) == {
        "model": {"spec": "m", "base_url": "http://h/v1"},
        "checks": ["a", "b"],
        "budget": {"calls": 1, "tokens": 2, "cost": 0.5, "seconds": 9.0, "task_calls": 4},
        "parallel": 3,
        "apply": False,
        "approve_plan": True,
        "approve_apply": True,
        "headless": True,
        "unsafe": True,
    }
    assert len(FLAGS) == 14


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("aut x", "there is no command 'aut', did you mean 'auto'"),
        ("xyzzy", "there is no command 'xyzzy'"),
        ("auto x --max-calls none", "--max-calls: expected a whole number of at least 1, got 'none'"),
        ("auto x --max-cost -1", "--max-cost: expected a number above 0, got '-1'"),
        ("auto x --max-seconds inf", "--max-seconds: expected a number above 0"),
        ("auto x --parallel 0", "--parallel: expected a whole number of at least 1"),
        ("auto x --frobnicate", "unrecognized arguments: --frobnicate"),
        ("auto x --max 3", "unrecognized arguments: --max"),
        ("auto x y", "unrecognized arguments: y"),
        ("plan", "the following arguments are required: TASK"),
        ("show", "the following arguments are required: RUN"),
        ("model", "the following arguments are required: ACTION"),
    ],
)
def test_a_bad_line_is_one_sentence_with_the_way_to_help(line: str, said: str) -> None:
    """Every refusal names what was wrong and where the help is."""
    with pytest.raises(UsageError) as caught:
        parse(line.split())

    assert said in str(caught.value)
    assert str(caught.value).endswith("--help")
