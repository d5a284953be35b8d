"""Tools that look: they answer from the index and change nothing."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from tools.catalogue.checking import Check, check
from tools.catalogue.outlined import outlined
from tools.catalogue.tool import LAST_NUMBER, AnyTool, Arguments, Short, Texts, Tool
from tools.workbench import Workbench

MOST_HITS = 200
"""Most hits that one result shows; all are counted."""


Globs = Annotated[
    Texts,
    Field(
        validation_alias=AliasChoices("paths", "path", "glob", "globs", "include"),
        description="only these paths: src/**, *.py, src, py; ! excludes",
    ),
]
Hits = Annotated[int, Field(ge=1, le=MOST_HITS)]


Number = Annotated[int, Field(ge=0, le=LAST_NUMBER)]
"""A line or column; 0 is taken for the first one."""


def open_end(value: object) -> object:
    """Models write -1 for the last line."""
    return None if value == -1 else value


class Search(Arguments):
    """Arguments of ``search``."""

    patterns: Annotated[
        Texts, Field(validation_alias=AliasChoices("patterns", "pattern", "query"), description="one or more texts")
    ]
    regex: bool = False
    word: bool = Field(False, description="whole words only")
    case: Literal["smart", "sensitive", "ignore"] = "smart"
    paths: Globs = ()
    context: int = Field(0, ge=0, le=20, description="lines around each hit")
    limit: Hits = 50


def search(bench: Workbench, asked: Search) -> str:
    """Lines that match, ranked."""
    return bench.index.search(
        asked.patterns,
        regex=asked.regex,
        word=asked.word,
        case=asked.case,
        globs=asked.paths,
        context=asked.context,
        limit=asked.limit,
        token=bench.token,
    ).render()


class Find(Arguments):
    """Arguments of ``find``."""

    query: Annotated[Short, Field(validation_alias=AliasChoices("query", "name", "pattern", "glob"))]
    limit: Hits = 20


def find(bench: Workbench, asked: Find) -> str:
    """Files by name."""
    return bench.index.find(asked.query, asked.limit).render()


class Read(Arguments):
    """Arguments of ``read``."""

    path: Annotated[Short, Field(validation_alias=AliasChoices("path", "file", "filename"))]
    start: Annotated[
        Number | None, Field(validation_alias=AliasChoices("start", "start_line"), description="first line, from 1")
    ] = None
    end: Annotated[
        Number | None,
        BeforeValidator(open_end),
        Field(validation_alias=AliasChoices("end", "end_line"), description="last line"),
    ] = None
    column: Number = Field(1, description="where to look in a very long first line")


def read(bench: Workbench, asked: Read) -> str:
    """Lines of one file with their numbers."""
    return bench.index.read(asked.path, asked.start, asked.end, column=asked.column).render()


class Outline(Arguments):
    """Arguments of ``outline``."""

    path: Annotated[Short, Field(validation_alias=AliasChoices("path", "file"))]
    limit: Hits = MOST_HITS


def outline(bench: Workbench, asked: Outline) -> str:
    """What a file defines, a line each."""
    return outlined(asked.path, bench.index.outline(asked.path), asked.limit)


class Named(Arguments):
    """Arguments of tools that take the name of a symbol."""

    name: Annotated[
        Short,
        Field(
            validation_alias=AliasChoices("name", "symbol", "query"),
            min_length=1,
            description="plain (save) or qualified (Model.save)",
        ),
    ]
    limit: Hits = 20


def symbol(bench: Workbench, asked: Named) -> str:
    """Where a name is defined, and how."""
    return bench.index.symbol(asked.name, limit=asked.limit).render()


def references(bench: Workbench, asked: Named) -> str:
    """Where a name is used."""
    return bench.index.references(asked.name, limit=asked.limit).render()


class RepoMap(Arguments):
    """Arguments of ``repo_map``."""

    focus: Annotated[Texts, Field(description="files that matter most")] = ()
    names: Annotated[Texts, Field(description="symbols that matter most")] = ()
    tokens: int = Field(1024, ge=128, le=16_000, description="size of the answer")


def repo_map(bench: Workbench, asked: RepoMap) -> str:
    """The definitions that matter most."""
    return bench.index.repo_map(
        focus=asked.focus, names=asked.names, budget_tokens=asked.tokens, token=bench.token
    ).render()


class Structural(Arguments):
    """Arguments of ``structural_search``."""

    pattern: str = Field(max_length=10_000, description="code with holes: $X one node, $$$ARGS any number")
    language: Short | None = Field(None, description="such as python, typescript; by file name otherwise")
    paths: Globs = ()
    limit: Hits = 50


def structural_search(bench: Workbench, asked: Structural) -> str:
    """Code of a given shape."""
    return bench.index.structural_search(
        asked.pattern, asked.language, globs=asked.paths, limit=asked.limit, token=bench.token
    ).render()


LOOKING: tuple[AnyTool, ...] = (
    Tool("search", "Find lines by text or regex in all project files, several patterns at once.", Search, search),
    Tool("find", "Find files by glob, part of the path, or letters in order.", Find, find),
    Tool("read", "Read a file or a range of its lines.", Read, read),
    Tool("outline", "List what a file defines, with line ranges.", Outline, outline),
    Tool("symbol", "Show where a function, class or other name is defined, with its signature.", Named, symbol),
    Tool(
        "references",
        "Show where a name is used: definitions, imports, calls; comments only counted.",
        Named,
        references,
    ),
    Tool("repo_map", "Overview of the most important definitions, around given files or names.", RepoMap, repo_map),
    Tool(
        "structural_search",
        "Find code by its shape, white space and names aside: `$X.save($$$ARGS)`.",
        Structural,
        structural_search,
    ),
    Tool(
        "check",
        "Look for mistakes in files without running them: syntax, undefined names, imports, calls, leftovers, secrets.",
        Check,
        check,
    ),
)
