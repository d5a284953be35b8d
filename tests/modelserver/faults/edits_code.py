"""E6 to E12: edits that apply and do harm: code that is broken, cut, lost, or left over from a chat."""

from collections.abc import Callable
from dataclasses import replace

from tests.modelserver import code
from tests.modelserver.catalogue import EDITORS, WRITERS, Turn, fault
from tests.modelserver.edits import Edit, edits_in, rewritten
from tests.modelserver.reply import Outcome
from tests.modelserver.shown import Function, files_shown, functions_in


@fault("E6", "syntax", roles=EDITORS)
def syntax(turn: Turn) -> Outcome | None:
    """The result does not parse: brackets that nothing closes."""
    return _new_text(turn, lambda edit: code.unparsable(edit.new))


@fault("E6", "indent", roles=EDITORS)
def indent(turn: Turn) -> Outcome | None:
    """The result does not parse: a line that is one space too far in. Only where indentation counts."""
    return _new_text(turn, lambda edit: code.misindented(edit.new) if edit.suffix == "py" else edit.new)


@fault("E7", "undefined", hows=("name", "attribute", "arity", "import"), roles=EDITORS)
def undefined(turn: Turn) -> Outcome | None:
    """A name, an attribute or a package that nobody defined, or a call with too many arguments."""
    return _new_text(turn, lambda edit: code.with_statement(edit.new, turn.how, edit.suffix))


@fault("E8", "lazy", hows=("", *code.COMMENTS, "dots", "prose"), options=("words",), roles=WRITERS)
def lazy(turn: Turn) -> Outcome | None:
    """A placeholder in the place of the rest, in any style of comments, as dots, or in bare words.

    In a whole file everything after its first function is replaced, in an edit its last line. Option `words`.
    """

    def shortened(edit: Edit) -> str:
        style = turn.how or code.style_of(edit.suffix)
        words = turn.text("words", "... rest of the code remains unchanged ...")
        return _with_placeholder(edit, code.comment(words, style))

    return _new_text(turn, shortened)


@fault("E9", "symbol_loss", roles=WRITERS)
def symbol_loss(turn: Turn) -> Outcome | None:
    """A public function is gone without a word: left out of a whole file, or replaced by nothing."""
    found = edits_in(turn.due)
    if found is None:
        return None
    for number, edit in enumerate(found.all):
        text = edit.new if edit.old is None else files_shown(turn.request).get(edit.path, "")
        lost = _other_function(text, edit)
        if lost is None:
            continue
        if edit.old is None:
            shorter = replace(edit, new=edit.new.replace(lost.text, "", 1))
            return found.written([*found.all[:number], shorter, *found.all[number + 1 :]])
        return found.written([*found.all, Edit(edit.path, "", lost.text)])
    return None


@fault("E10", "leftover", hows=("fence", "conflict", "marker", "chat"), roles=EDITORS)
def leftover(turn: Turn) -> Outcome | None:
    """A fence, a conflict marker, a marker of the edit format, or chat, written into the file."""
    lines = {
        "fence": "````python\n",
        "conflict": "<<<<<<< HEAD\n",
        "marker": "<<<<<<< SEARCH\n",
        "chat": "Sure! Here is the corrected version of the file:\n",
    }
    return _new_text(turn, lambda edit: lines[turn.how] + edit.new)


@fault("E11", "cut_file", roles=WRITERS)
def cut_file(turn: Turn) -> Outcome | None:
    """A whole file that ends after its first function and still parses."""

    def shorter(edit: Edit) -> str:
        functions = functions_in(edit.new) if edit.old is None else []
        if len(functions) < 2:
            return edit.new
        return edit.new[: edit.new.index(functions[1].text)].rstrip("\n") + "\n"

    return _new_text(turn, shorter)


@fault("E12", "half_patch", hows=("one_file", "two_files"), roles=WRITERS)
def half_patch(turn: Turn) -> Outcome | None:
    """One edit that applies and one that does not, in one file or in two."""
    found = edits_in(turn.due)
    if found is None:
        return None
    first = found.all[0]
    path = first.path if turn.how == "one_file" else _another_file(turn, first.path)
    return found.written([*found.all, Edit(path, "VALUE = 2\n", "VALUE_THAT_WAS_NEVER_HERE = 1\n")])


def _new_text(turn: Turn, change: Callable[[Edit], str]) -> Outcome | None:
    """Change the new text of the first edit that the change has something for."""

    def changed(edit: Edit) -> Edit | None:
        new = change(edit)
        return None if new == edit.new else replace(edit, new=new)

    return rewritten(turn.due, changed)


def _with_placeholder(edit: Edit, placeholder: str) -> str:
    functions = functions_in(edit.new)
    if edit.old is None and len(functions) > 1:
        kept = edit.new[: edit.new.index(functions[1].text)]
        return f"{kept.rstrip()}\n\n{placeholder}\n"
    lines = edit.new.splitlines(keepends=True)
    indent = code.indent_of(lines[-1]) if lines else ""
    kept_lines = lines[:-1] if len(lines) > 1 else lines
    return "".join([*kept_lines, f"{indent}{placeholder}\n"])


def _other_function(text: str, edit: Edit) -> Function | None:
    """Return the last public function of a text that the edit does not touch."""
    touched = (edit.old or "").strip()
    others = [each for each in functions_in(text) if each.public and (not touched or touched not in each.text)]
    if edit.old is None and len(others) < 2:
        return None
    return others[-1] if others else None


def _another_file(turn: Turn, path: str) -> str:
    return next((each for each in files_shown(turn.request) if each != path), f"other_{path.rpartition('/')[2]}")
