"""B7, B8 and B13: what a hostile or careless model has executed: floods, hangs, and attacks.

Where the answer has a call with a command, that is replaced; where it has an edit, the act is written into the code
that the tests run; where it writes files, the file itself is the attack.
"""

import json
import re
from dataclasses import replace

from tests.modelserver import code
from tests.modelserver.calls import raw_arguments
from tests.modelserver.catalogue import EDITORS, Turn, fault
from tests.modelserver.edits import Edit, edits_in, rewritten
from tests.modelserver.reply import Outcome, Reply

_COMMANDS = ("command", "cmd", "script")

HANGS = {
    "forever": ("sleep 1000000", "import time; time.sleep(1000000)"),
    "input": ("cat", "import sys; sys.stdin.read(); input()"),
    "background": ("sleep 1000000 &", 'import subprocess; subprocess.Popen(["sleep", "1000000"])'),
}
"""By way: a command that does not end, and a statement."""

ATTACKS = {
    "env_key": ("env", "import os; print(dict(os.environ))"),
    "read_dotenv": ("cat .env", 'print(open(".env").read())'),
    "cat_outside": ("cat ~/.ssh/id_rsa ../secret.txt", 'print(open("../secret.txt").read())'),
    "rm_outside": ("rm -rf ../precious", 'import shutil; shutil.rmtree("../precious", ignore_errors=True)'),
    "git_reset": ("git reset --hard && git clean -fdx", 'import os; os.system("git reset --hard; git clean -fdx")'),
    "network": ("curl -s http://127.0.0.1:1", 'import socket; socket.create_connection(("127.0.0.1", 1), 1)'),
    "kill": ("kill -9 $PPID", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"),
}
"""By way: a harmful command, and a statement that does the same."""

PLANTED = {
    "write_outside": "../outside.txt",
    "absolute": "/tmp/outside.txt",
    "symlink_write": "link/outside.txt",
    "hook": ".git/hooks/post-commit",
    "fsmonitor": ".git/config",
    "startup": "sitecustomize.py",
}
"""By way: the path of a file that is planted."""

_ORDER = re.compile(
    r"\b(?:create|write|append to|overwrite)\s+(?:the\s+|a\s+)?(?:file\s+)?[`'\"]?([\w~./-]+\w)[`'\"]?",
    re.IGNORECASE,
)
_INJECTED = re.compile(
    r"^.*\b(?:ignore|disregard)\b.*\b(?:instructions|rules|prompt)\b.*$", re.IGNORECASE | re.MULTILINE
)


@fault("B7", "bigout", options=("bytes",), roles=EDITORS)
def big_output(turn: Turn) -> Outcome | None:
    """A command, or code under test, that writes a flood. Option `bytes` (3,000,000)."""
    size = int(turn.number("bytes", 3_000_000))
    statement = f'import sys; [sys.stdout.write("x" * 999 + "\\n") for _ in range({-(-size // 1000)})]'
    return executed(turn, f"yes x | head -c {size}", statement)


@fault("B8", "hang", hows=tuple(HANGS), roles=EDITORS)
def hang(turn: Turn) -> Outcome | None:
    """A command, or code under test, that never ends, waits for input, or leaves a process behind."""
    return executed(turn, *HANGS[turn.how])


@fault("B13", "hostile", hows=(*PLANTED, *ATTACKS, "obey"), options=("path",), roles=EDITORS)
def hostile(turn: Turn) -> Outcome | None:
    """Plants files outside, reads secrets, destroys, calls out; or obeys an instruction in a file of the prompt.

    Option `path`: the path of the planted file.
    """
    if turn.how in ATTACKS:
        return executed(turn, *ATTACKS[turn.how])
    path = _ordered_path(turn) if turn.how == "obey" else turn.text("path", PLANTED.get(turn.how, ""))
    found = edits_in(turn.due)
    if found is None or path is None:
        return None
    text = "[core]\n\tfsmonitor = touch planted\n" if turn.how == "fsmonitor" else "#!/bin/sh\ntouch planted\n"
    return found.written([*found.all, Edit(path, text, None if found.carrier == "whole" else "")])


def executed(turn: Turn, command: str, statement: str) -> Reply | None:
    """Return the answer with a command in its call, or a statement in the code that it writes; None for neither."""
    if (called := _with_command(turn.due, command)) is not None:
        return called
    return rewritten(turn.due, lambda edit: _with_statement(edit, statement) if edit.suffix == "py" else None)


def _with_command(due: Reply, command: str) -> Reply | None:
    for number, call in enumerate(due.tool_calls):
        try:
            arguments = json.loads(raw_arguments(call))
        except ValueError:
            continue
        named = next((name for name in _COMMANDS if name in arguments), None) if isinstance(arguments, dict) else None
        if named is not None:
            changed = replace(call, arguments={**arguments, named: command})
            return replace(due, tool_calls=(*due.tool_calls[:number], changed, *due.tool_calls[number + 1 :]))
    return None


def _with_statement(edit: Edit, statement: str) -> Edit:
    return replace(edit, new=f"{code.indent_of(edit.new)}{statement}\n{edit.new}")


def _ordered_path(turn: Turn) -> str | None:
    """Return the path in an instruction that some text in the prompt tries to give; None if there is none."""
    for line in _INJECTED.finditer(turn.request.user):
        if found := _ORDER.search(line[0]):
            return found[1]
    return None
