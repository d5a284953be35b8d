"""Right answers in the form that a prompt asks for: whole files, or blocks that apply to the files as it shows them."""

from collections.abc import Callable, Mapping

from tests.modelserver.edits import Edit, block, whole
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.shown import files_shown


def right(files: Mapping[str, str]) -> Callable[[Request], Reply]:
    """Return what answers with these texts of files, by path, whatever an earlier attempt has left in them.

    A file that the prompt does not show is written anew; one that is right already is left out.
    """

    def answer(request: Request) -> Reply:
        shown = files_shown(request)
        wanted = [(path, text) for path, text in files.items() if shown.get(path) != text]
        if request.wanted_form == "whole":
            return Reply("\n".join(whole(Edit(path, text)) for path, text in wanted))
        return Reply("\n".join(block(_smallest(path, shown.get(path, ""), text)) for path, text in wanted))

    return answer


def _smallest(path: str, old: str, new: str) -> Edit:
    """Return the edit without the lines that both texts begin and end with, as long as its old text stays unique."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    shortest = min(len(before), len(after))
    same = next((n for n in range(shortest) if before[n] != after[n]), shortest)
    tail = next((n for n in range(shortest - same) if before[-1 - n] != after[-1 - n]), shortest - same)
    while True:
        searched = "".join(before[same : len(before) - tail])
        place = len("".join(before[:same]))
        if (searched and old.find(searched) == old.rfind(searched) == place) or (same == 0 and tail == 0):
            return Edit(path, "".join(after[same : len(after) - tail]), searched)
        same, tail = max(0, same - 1), max(0, tail - 1)
