"""Tools that look: they answer from the index and change nothing."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from tools.catalogue.tool import AnyTool, Arguments, Tool
from tools.workbench import Workbench

MOST_HITS = 200
"""Most hits that one result shows; all are counted."""


def as_list(value: object) -> object:
    """A single text where a list is expected is a list of one."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Globs = Annotated[
    Texts,
    Field(
        validation_alias=AliasChoices("paths", "path", "glob", "globs", "include"),
        description="only these paths: src/**, *.py, src, py; ! excludes",
    ),
]
Hits = Annotated[int, Field(ge=1, le=MOST_HITS)]


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

    query: Annotated[str, Field(validation_alias=AliasChoices("query", "name", "pattern", "glob"))]
    limit: Hits = 20


def find(bench: Workbench, asked: Find) -> str:
    """Files by name."""
    return bench.index.find(asked.query, asked.limit).render()


class Read(Arguments):
    """Arguments of ``read``."""

    path: Annotated[str, Field(validation_alias=AliasChoices("path", "file", "filename"))]
    start: int | None = Field(None, description="first line, from 1")
    end: int | None = Field(None, description="last line")


def read(bench: Workbench, asked: Read) -> str:
    """Lines of one file with their numbers."""
    return bench.index.read(asked.path, asked.start, asked.end).render()


class Outline(Arguments):
    """Arguments of ``outline``."""

    path: Annotated[str, Field(validation_alias=AliasChoices("path", "file"))]


def outline(bench: Workbench, asked: Outline) -> str:
    """What a file defines, a line each."""
    symbols = bench.index.outline(asked.path)
    lines = [f"{len(symbols)} symbols in {asked.path}" if symbols else f"no symbols found in {asked.path}"]
    for symbol in symbols:
        depth = symbol.qualified_name.count(".")
        lines.append(f"{symbol.start:>5}-{symbol.end:<5} {'  ' * depth}{symbol.kind} {symbol.signature}")
    return "\n".join(lines) + "\n"


class Named(Arguments):
    """Arguments of tools that take the name of a symbol."""

    name: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("name", "symbol", "query"),
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

    pattern: str = Field(description="code with holes: $X one node, $$$ARGS any number")
    language: str | None = Field(None, description="such as python, typescript; by file name otherwise")
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
)
