"""Tools that change files: every guard looks first, all files of a change are written or none."""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from tools._native import FileEdit, apply_edits, edits_of_diff
from tools.catalogue.looking import Globs
from tools.catalogue.tool import AnyTool, Arguments, Short, Tool
from tools.edit import Change, Problem, carry_out, defects
from tools.workbench import Workbench


class OneEdit(BaseModel):
    """One place, one whole file, or one file to delete."""

    model_config = ConfigDict(extra="forbid")

    path: Short
    search: str | None = Field(None, description="lines as they stand now; empty creates the file")
    replace: str | None = Field(None, description="what they become")
    content: str | None = Field(None, description="instead: the whole new file")
    delete: Literal[True] | None = Field(None, description="instead: remove the file")

    def plain(self) -> dict[str, object]:
        """The edit as the native module takes it."""
        return self.model_dump(exclude_none=True)


class Edit(Arguments):
    """Arguments of ``edit``."""

    edits: tuple[OneEdit, ...] = ()
    diff: Annotated[str | None, Field(validation_alias=AliasChoices("diff", "patch"))] = Field(
        None, description="instead of edits: a unified diff"
    )
    preview: bool = Field(False, description="only say what would happen")

    @model_validator(mode="before")
    @classmethod
    def one_edit_is_a_list(cls, given: object) -> object:
        """Takes what models send: the parts of one edit by themselves, one edit without a list, a list as text."""
        if not isinstance(given, Mapping):
            return given
        single = {key: value for key, value in given.items() if key in OneEdit.model_fields}
        rest = {key: value for key, value in given.items() if key not in single}
        edits = rest.get("edits", single or ())
        if isinstance(edits, str):
            with suppress(ValueError):
                edits = json.loads(edits)
        return rest | {"edits": [edits] if isinstance(edits, Mapping) else edits}

    @model_validator(mode="after")
    def one_of_both(self) -> "Edit":
        """Refuses nothing at all, and both ways at once."""
        if bool(self.edits) == bool(self.diff):
            raise ValueError('give either "edits" or "diff"')
        return self

    def plain(self) -> Sequence[Mapping[str, object]]:
        """All edits as the native module takes them."""
        return edits_of_diff(self.diff) if self.diff else [edit.plain() for edit in self.edits]


def edit(bench: Workbench, asked: Edit) -> str:
    """Look at a change with every guard, and write it."""
    edits = asked.plain()
    return changed(
        bench, lambda dry_run: apply_edits(bench.root, edits, dry_run=dry_run, journal=bench.journal), asked.preview
    )


def changed(bench: Workbench, change: Change, preview: bool, meant: Collection[str] = ()) -> str:
    """Carry out a change, or only say what it would be; raises ChangeRefused with every reason in both cases.

    ``meant`` are codes of findings that are the purpose of the change.
    """
    if preview:
        planned = change(True)
        if problems := looked_at(bench, planned.files, meant):
            raise ChangeRefused(problems)
        return f'{planned.render()}\nNext: the same call with "preview": false writes it.\n'
    written = carry_out(change, lambda files: looked_at(bench, files, meant))
    if written.problems:
        raise ChangeRefused(written.problems)
    bench.index.update(written.files)
    amount = f"{len(written.files)} file{'s' * (len(written.files) != 1)}"
    return f"{amount} changed; written\n" + "".join(f"{path}: {how}\n" for path, how in written.how.items())


def looked_at(bench: Workbench, files: Sequence[FileEdit], meant: Collection[str]) -> list[Problem]:
    """What is wrong with the planned files on this workbench."""
    refused = [
        Problem("guard", file.path, 0, f"protected ({reason}); no tool changes it")
        for file in files
        if (reason := bench.protected(file.path))
    ]
    return refused or defects(files, bench.index, meant)


class ChangeRefused(ValueError):
    """Nothing was written; the message has a line for each reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("nothing was written\n" + "\n".join(told(problem) for problem in problems))


def told(problem: Problem) -> str:
    """One reason: place, then what is wrong there."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return f"{place}: {problem.message}" if place and not problem.message.startswith(place) else problem.message


class Rename(Arguments):
    """Arguments of ``rename``."""

    name: Short = Field(description="the name as it is, without its class or module")
    to: Short = Field(description="the new name")
    paths: Globs = ()
    preview: bool = Field(True, description="only show what would change; false writes it")


def rename(bench: Workbench, asked: Rename) -> str:
    """A name becomes another one wherever code uses it."""
    return changed(
        bench,
        lambda dry_run: bench.index.rename(
            asked.name, asked.to, globs=asked.paths, dry_run=dry_run, journal=bench.journal
        ),
        asked.preview,
        meant=("lost-symbol",),
    )


class Replace(Arguments):
    """Arguments of ``structural_replace``."""

    pattern: str = Field(max_length=10_000, description="code with holes, as for structural_search")
    replacement: str = Field(description="what it becomes; the same holes stand for what they matched")
    language: Short | None = None
    paths: Globs = ()
    preview: bool = Field(True, description="only show what would change; false writes it")


def structural_replace(bench: Workbench, asked: Replace) -> str:
    """Code of one shape becomes code of another."""
    return changed(
        bench,
        lambda dry_run: bench.index.structural_replace(
            asked.pattern,
            asked.replacement,
            asked.language,
            globs=asked.paths,
            dry_run=dry_run,
            journal=bench.journal,
        ),
        asked.preview,
    )


CHANGING: tuple[AnyTool, ...] = (
    Tool(
        "edit",
        "Change files: search and replace, whole files, deletions, or a unified diff. Every guard looks at it first; "
        "all of it is written, or nothing.",
        Edit,
        edit,
        writes=True,
    ),
    Tool("rename", "Rename a name wherever code uses it; strings and comments stay.", Rename, rename, writes=True),
    Tool(
        "structural_replace",
        "Replace code of one shape by code of another, in all files at once.",
        Replace,
        structural_replace,
        writes=True,
    ),
)
