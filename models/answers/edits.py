"""What an answer asks for: edits as plain records, whatever format they were written in."""

from typing import Literal, TypeAlias

from typing_extensions import TypedDict


class Replace(TypedDict):
    """Replace `search` in a file by `replace`; an empty `search` means a file that does not exist yet."""

    path: str
    search: str
    replace: str


class Write(TypedDict):
    """Make `content` the whole of a file."""

    path: str
    content: str


class Delete(TypedDict):
    """Remove a file."""

    path: str
    delete: Literal[True]


Edit: TypeAlias = Replace | Write | Delete


class AnswerFormatError(ValueError):
    """An answer that is not in its format; the message tells the model exactly what is wrong, and where."""
