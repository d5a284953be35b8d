"""Operations that change files, and the look at a diff before it is taken."""

import contextlib
import shutil
from functools import partial
from pathlib import Path

from bench.nativetools.code import large_file
from bench.nativetools.setting import Catalogue, Setting, native
from bench.race import Operation, at_most
from bench.sampling import Call, Contestant, Resident
from tools._native import EditError, apply_edits, plan_edits

BLOCK_LINES = 8
PLACES = 8

ADDED = "settings.py"
"""The file that the diff adds."""
SECRETS = (
    'AWS_KEY = "' + "AKIA" + "Q3EGRHV7ZX5NWB2K" + '"',
    'TOKEN = "' + "ghp_" + "a8Xw2LmQ9rT4vB7nK1cZ6yJ3hD5gF0pS8uE2" + '"',
    "-----BEGIN " + "PRIVATE KEY-----",
)
"""What is hidden in the diff; in pieces, so that this file holds none."""


def edits(setting: Setting) -> Catalogue:
    """All edits of one large file, and secrets in a diff that adds it."""
    return {
        "edit-exact": partial(exact, setting),
        "edit-indent": partial(re_indented, setting),
        "edit-refused": partial(refused, setting),
        "edit-written": partial(written, setting),
        "secrets": partial(secrets, setting),
    }


def exact(setting: Setting) -> Operation:
    """A block that stands in the file as it is given, found and replaced but not written."""
    path = _copy(setting)
    asked = [(block, block.replace("\n", "  # changed\n", 1)) for block in blocks(path.read_text(encoding="utf-8"))]
    note = f"{BLOCK_LINES} lines are found and replaced in a {_kilobytes(path)} kB file, read anew; not written"
    contestants = _planned(setting, path, asked)
    return Operation("exact edit, planned", note, contestants, len(asked), [at_most(0.1)])


def re_indented(setting: Setting) -> Operation:
    """A block given with another indentation."""
    path = _copy(setting)
    asked = [
        (_indent(block), _indent(block.replace("\n", "  # changed\n", 1)))
        for block in blocks(path.read_text(encoding="utf-8"))
    ]
    note = "the same blocks, given with four spaces more"
    return Operation("re-indented edit, planned", note, _planned(setting, path, asked), len(asked))


def refused(setting: Setting) -> Operation:
    """A block that stands nowhere: the answer shows what is nearest."""
    path = _copy(setting)
    asked = [(_spoil(block), "pass\n") for block in blocks(path.read_text(encoding="utf-8"))]
    note = "every second line of the blocks is another one; the refusal shows the nearest places"
    contestants = _planned(setting, path, asked)
    return Operation("failed edit with hint", note, contestants, len(asked), [at_most(5)])


def written(setting: Setting) -> Operation:
    """An edit that ends on disk, there and back."""
    path = _copy(setting)
    block = blocks(path.read_text(encoding="utf-8"))[0]
    forms = (block, block.replace("\n", "  # changed\n", 1))

    def ours(question: int) -> int:
        edit = {"path": path.name, "search": forms[question], "replace": forms[1 - question]}
        return int(apply_edits(path.parent, [edit]).written)

    note = "the same with the file written, synchronised to disk and renamed into place"
    return Operation("exact edit, written", note, [Call("ours", ours)], len(forms))


def secrets(setting: Setting) -> Operation:
    """A large file is added; three secrets are in it."""
    look = native("secrets_in_diff")
    text = large_file(setting.projects[0].root).read_text(encoding="utf-8")
    diff = _diff_with_secrets(text)
    contestants: list[Contestant] = [Call("ours", lambda _: len(look(diff)), False)]
    if "detect-secrets" in setting.rivals.programs:
        worker = setting.resident("secrets_worker.py", "detect-secrets", folder=str(setting.scratch), path=ADDED)
        contestants.append(Resident("detect-secrets", worker, "scan", lambda _: {"diff": diff}, comparable=False))
    note = f"{len(diff) // 1000} kB of added lines, {len(SECRETS)} secrets among them"
    return Operation("secrets in a diff", note, contestants, 1, [at_most(2)])


def blocks(text: str) -> list[str]:
    """Blocks of whole lines from all over a text, each one unique in it."""
    lines = text.splitlines(keepends=True)
    step = max(1, len(lines) // PLACES)
    found = ["".join(lines[at : at + BLOCK_LINES]) for at in range(step // 2, len(lines) - BLOCK_LINES, step)]
    return [block for block in found if text.count(block) == 1 and block.strip()][:PLACES]


def _copy(setting: Setting) -> Path:
    """A copy of the large file, as it was at first."""
    original = large_file(setting.projects[0].root)
    return Path(shutil.copy(original, setting.scratch))


def _planned(setting: Setting, path: Path, asked: list[tuple[str, str]]) -> list[Contestant]:
    def ours(question: int) -> int:
        search, replace = asked[question]
        with contextlib.suppress(EditError):
            return len(plan_edits(path.parent, [{"path": path.name, "search": search, "replace": replace}]).files)
        return 0

    contestants: list[Contestant] = [Call("ours", ours)]
    if "aider-chat" in setting.rivals.programs:
        worker = setting.resident("aider_worker.py", "aider-chat", path=str(path))
        contestants.append(
            Resident("aider", worker, "edit", lambda q: {"search": asked[q][0], "replace": asked[q][1]}, False)
        )
    return contestants


def _indent(block: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in block.splitlines(keepends=True))


def _spoil(block: str) -> str:
    lines = block.splitlines(keepends=True)
    return "".join(f"never_written_{at} = {line.strip()!r}\n" if at % 2 else line for at, line in enumerate(lines))


def _diff_with_secrets(text: str) -> str:
    lines = text.splitlines()
    for place, secret in enumerate(SECRETS, start=1):
        lines.insert(place * len(lines) // (len(SECRETS) + 1), secret)
    head = f"--- /dev/null\n+++ b/{ADDED}\n@@ -0,0 +1,{len(lines)} @@\n"
    return head + "".join(f"+{line}\n" for line in lines)


def _kilobytes(path: Path) -> int:
    return path.stat().st_size // 1000
