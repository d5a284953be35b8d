"""Search, checks and edits for coding agents, in Rust.

Everything happens in this process: nothing is spawned, no socket is opened, every call releases the GIL. Lines and
columns count from 1, columns in characters. Paths in results are POSIX and relative to the root. Every result has
``render()``, the text for a model: the first line is the truth (totals, how much is shown, what was skipped), the same
files and question give the same bytes, and no absolute path occurs in it.

Arguments may be sloppy: ``./a``, ``a/``, ``a//b`` and absolute paths inside the root all name the same file.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Literal, final

__all__ = [
    "CancelToken",
    "Cancelled",
    "EditConflict",
    "EditError",
    "EditResult",
    "FileEdit",
    "FindResult",
    "Finding",
    "Hit",
    "Index",
    "NativeError",
    "PathEscapeError",
    "PatternError",
    "ReadResult",
    "Reference",
    "ReferenceResult",
    "RepoMap",
    "SearchResult",
    "StructuralMatch",
    "StructuralResult",
    "Symbol",
    "SymbolResult",
    "apply_edits",
    "check",
    "edits_of_diff",
    "plan_edits",
    "recover_edits",
    "resolve",
    "secret_values",
    "secrets_in",
    "secrets_in_diff",
]

class NativeError(Exception):
    """Any refusal or failure of the native tools. Raised itself only for a fault in them (a Rust panic).

    What only the system refuses is raised as Python raises it (``FileNotFoundError``, ``IsADirectoryError``,
    ``PermissionError``, ``OSError`` with its ``errno``), with the same three attributes.
    """

    path: str | None
    """The file that it is about, if it is about one."""

    line: int | None
    """The first line that it is about, from 1, if it is about lines."""

    hint: str | None
    """What to do about it, where that stands apart from what is wrong; the message ends with it."""

class PatternError(NativeError, ValueError):
    """A pattern or path glob cannot be used: it is empty, or the glob does not compile."""

class PathEscapeError(NativeError, PermissionError):
    """A path is refused: it leads out of the root, by name or by a link, holds a NUL byte, or names git's own data."""

class EditError(NativeError, ValueError):
    """An edit cannot be applied; nothing was written. The message is for the author of the edit: it names the lines
    that are ambiguous, or shows the nearest places with their line numbers."""

class EditConflict(EditError):
    """The disk is no longer what the edit started from, or another edit is under way; nothing was written."""

class Cancelled(NativeError):
    """The call was cancelled, or its time was over, before there was a part worth having."""

@final
class CancelToken:
    """Stops the calls that it is given to, from any thread; a stopped call ends within about 0.1 s."""

    def __new__(cls, timeout_seconds: float | None = None) -> CancelToken:
        """A token that also stops by itself, so many seconds from now. Raises ``ValueError`` if they are negative."""

    def cancel(self) -> None:
        """Stop every call that has this token, now and later."""

    @property
    def cancelled(self) -> bool:
        """Whether it stops calls: it was cancelled, or its time is over."""

@final
class Hit:
    """One matching line."""

    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int:
        """Where the first match in the line begins."""

    @property
    def text(self) -> str:
        """The line without its ending; a long one is cut to a window around the match, and says so."""

    @property
    def before(self) -> list[str]:
        """The lines before it, as far as context was asked for."""

    @property
    def after(self) -> list[str]:
        """The lines after it."""

@final
class SearchResult:
    """What a search found, counted over all files, and the hits that are shown."""

    @property
    def hits(self) -> list[Hit]:
        """The shown hits: files that define what was looked for first, then sources, tests, generated files."""

    @property
    def total(self) -> int:
        """Number of matching lines in all searched files, shown or not."""

    @property
    def files(self) -> int:
        """Number of files with such lines."""

    @property
    def files_searched(self) -> int: ...
    @property
    def complete(self) -> bool:
        """Whether every matching line is among the hits."""

    @property
    def skipped(self) -> dict[str, int]:
        """What was not searched, by reason: ``binary``, ``too big`` (over 4 MB), ``unreadable``, ``symbolic link``,
        ``nested repository``, ``tool-made folder`` and so on."""

    @property
    def notes(self) -> list[str]:
        """How the question was understood where that is not plain, such as a broken regex searched literally."""

    @property
    def rest(self) -> list[tuple[str, int]]:
        """Files with matching lines that are not shown, and how many, in order of rank."""

    @property
    def partial(self) -> Literal["deadline", "cancelled"] | None:
        """Why the search stopped before it was through; all numbers are those of the files that it searched."""

    @property
    def not_reached(self) -> int:
        """Number of files that a stopped search did not come to."""

    def render(self) -> str:
        """The result for a model. An empty one explains itself: other case, similar names, words on their own."""

@final
class ReadResult:
    """Consecutive lines of one file."""

    @property
    def path(self) -> str: ...
    @property
    def text(self) -> str:
        """The lines exactly as they are, endings included; empty for a binary file."""

    @property
    def start(self) -> int:
        """Number of the first line in ``text``; 0 if there is none."""

    @property
    def end(self) -> int:
        """Number of the last line in ``text``; 0 if there is none."""

    @property
    def total_lines(self) -> int: ...
    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is in ``text``."""

    @property
    def binary(self) -> bool: ...
    @property
    def lossy(self) -> bool:
        """Whether some bytes were no UTF-8; they stand in ``text`` as U+FFFD."""

    @property
    def crlf(self) -> bool: ...
    @property
    def column(self) -> int:
        """Column at which ``text`` begins; it is not 1 only where a single line did not fit ``max_chars``."""

    @property
    def within(self) -> str | None:
        """Qualified name of the innermost symbol that all the lines are part of, if they are not the whole file."""

    def render(self) -> str:
        """One line that says what it is and what it is part of, then the lines with their numbers; a very long line is
        shown through a window, and says so."""

@final
class FindResult:
    """Files that were found by name."""

    @property
    def paths(self) -> list[str]:
        """The best paths, best first."""

    @property
    def total(self) -> int:
        """How many paths match."""

    @property
    def searched(self) -> int: ...
    @property
    def similar(self) -> list[str]:
        """Existing paths with a similar name, where nothing matches."""

    def render(self) -> str: ...

@final
class Symbol:
    """A named thing that a file defines."""

    @property
    def name(self) -> str: ...
    @property
    def qualified_name(self) -> str:
        """Its name below the file, joined in the language's way: ``Class.method``, ``outer.<locals>.inner``,
        ``Type::function``, ``Module::Class#method``."""

    @property
    def kind(
        self,
    ) -> Literal[
        "function", "method", "class", "interface", "trait", "struct", "enum", "type", "module", "constant", "variable",
        "property", "macro",
    ]: ...  # fmt: skip
    @property
    def start(self) -> int:
        """First line, decorators and attributes included."""

    @property
    def end(self) -> int: ...
    @property
    def line(self) -> int:
        """The line that holds the name."""

    @property
    def signature(self) -> str:
        """The header on one line, without colon and body, at most 240 characters."""

    @property
    def documented(self) -> bool:
        """Whether it has a docstring or a comment directly before it."""

@final
class Finding:
    """A problem that an edit brought in."""

    @property
    def source(self) -> Literal["syntax", "static", "guard"]:
        """``syntax``: it does not parse. ``static``: it would fail when run. ``guard``: the edit itself went wrong."""

    @property
    def path(self) -> str:
        """The file, as it was named in the question."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def code(self) -> str:
        """A rule of Ruff such as ``F821``; ``syntax-error``, ``duplicate-key``, ``undefined-name``,
        ``constant-assigned``; across files ``unresolved-import``, ``undeclared-import``, ``missing-attribute``,
        ``call-arity``; or a guard: ``conflict-marker``, ``edit-marker``, ``stray-fence``, ``elision``,
        ``bare-ellipsis``, ``secret``, ``lost-symbol``, ``removed-but-used``."""

    @property
    def message(self) -> str: ...
    @property
    def blocking(self) -> bool:
        """Whether the edit must not be written like this. What does not block is advice: true but harmless (an unused
        import), or seen by a check that is sometimes wrong."""

    def render(self) -> str:
        """One line for a model: place, message and code; advice is marked as such."""

@final
class FileEdit:
    """One file before and after a patch."""

    @property
    def path(self) -> str:
        """The file that is changed: as asked, or the one file of that name that holds the SEARCH text."""

    @property
    def before(self) -> str | None:
        """Its text before; ``None`` if the patch creates it."""

    @property
    def after(self) -> str | None:
        """Its text afterwards; ``None`` if the patch removes it."""

    @property
    def how(self) -> str:
        """How each edit found its place: ``exact``, ``white space at line ends differs``, ``re-indented by +4 spaces``,
        ``exact, part of a line``, ``punctuation differs``, ``"..." stands for lines 3 to 9``, ``first and last line
        match, …``, ``97 % alike, no other place is near``, ``inserted before line 3``, ``created``, ``whole file``,
        ``deleted``."""

@final
class EditResult:
    """What a patch did, or would do."""

    @property
    def files(self) -> list[FileEdit]:
        """The changed files in the order in which the edits name them."""

    @property
    def written(self) -> bool:
        """Whether it was written; false for a dry run."""

    def render(self) -> str:
        """How many files, then for each its path and how its edits were matched; of what is not written yet also a
        small diff of each, as far as they fit."""

@final
class Reference:
    """One use of a name in code."""

    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def kind(self) -> Literal["definition", "import", "call", "other"]:
        """What the code does with the name."""

    @property
    def test(self) -> bool:
        """Whether the file holds tests, by its path."""

    @property
    def inside(self) -> str:
        """Qualified name of the function or type around it; empty at the top of a file."""

    @property
    def text(self) -> str:
        """The line without its indentation; a long one is cut to a window around the name, and says so."""

@final
class ReferenceResult:
    """Where a name is used, counted over all files, and the uses that are shown."""

    @property
    def hits(self) -> list[Reference]:
        """The shown uses: definitions, imports, calls, other uses, then those in tests."""

    @property
    def total(self) -> int:
        """Number of uses, shown or not."""

    @property
    def files(self) -> int:
        """Number of files with such uses."""

    @property
    def in_text(self) -> int:
        """How often the name is a word in comments, strings and other text of source files."""

    @property
    def other_files(self) -> list[tuple[str, int]]:
        """Files in no known language that hold the word, and how often."""

    @property
    def unparsed(self) -> list[str]:
        """Files that hold the word and could not be parsed within bounds; their uses are not counted."""

    @property
    def partial(self) -> Literal["cancelled", "deadline"] | None:
        """Why some files were not looked at."""

    @property
    def complete(self) -> bool:
        """Whether every use is among the hits, and every file with the word was parsed."""

    @property
    def rest(self) -> list[tuple[str, int]]:
        """Files with uses that are not shown, and how many."""

    def render(self) -> str:
        """The result for a model: totals by kind, then the uses grouped by kind and file."""

@final
class SymbolResult:
    """The definitions of a name."""

    @property
    def definitions(self) -> list[tuple[str, Symbol]]:
        """The shown definitions, each with the path of its file."""

    @property
    def total(self) -> int:
        """Number of definitions, shown or not."""

    def render(self) -> str:
        """The result for a model: each definition's place, kind and first lines; an empty one names close names."""

@final
class RepoMap:
    """The definitions that the rest of the code leans on most."""

    @property
    def files(self) -> list[tuple[str, list[Symbol]]]:
        """Files with their chosen symbols in the order of the lines; the most important file first."""

    @property
    def tokens(self) -> int:
        """Size of the rendered map in tokens of about four characters."""

    @property
    def total_files(self) -> int:
        """Number of files with definitions, on the map or not."""

    @property
    def total_definitions(self) -> int:
        """Number of definitions, on the map or not."""

    @property
    def partial(self) -> Literal["cancelled", "deadline"] | None:
        """Why some files were not read."""

    def render(self) -> str:
        """The map for a model: how much of the project it shows, then signatures grouped by file."""

@final
class StructuralMatch:
    """One piece of code that matches a pattern."""

    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def text(self) -> str:
        """The matching source."""

    @property
    def captures(self) -> dict[str, str]:
        """What each named hole holds, by its name without ``$``."""

@final
class StructuralResult:
    """What a structural search found, counted over all files, and the matches that are shown."""

    @property
    def matches(self) -> list[StructuralMatch]:
        """The shown matches: sources, then tests, then generated files, by path and line."""

    @property
    def total(self) -> int:
        """Number of matches, shown or not."""

    @property
    def files(self) -> int:
        """Number of files with matches."""

    @property
    def files_searched(self) -> int: ...
    @property
    def languages(self) -> list[str]:
        """Languages whose files were searched."""

    @property
    def unparsed(self) -> list[str]:
        """Files that could not be parsed within bounds."""

    @property
    def partial(self) -> Literal["cancelled", "deadline"] | None:
        """Why the search stopped before its end."""

    @property
    def complete(self) -> bool:
        """Whether every match is shown, and every file of the languages was parsed."""

    @property
    def notes(self) -> list[str]:
        """What is not plain about the result, such as languages in which the pattern does not parse."""

    @property
    def rest(self) -> list[tuple[str, int]]:
        """Files with matches that are not shown, and how many."""

    def render(self) -> str:
        """The result for a model: totals, then the matches grouped by file."""

@final
class Index:
    """The files below one root, held in memory. Safe to use from several threads.

    The set is the tracked files and the untracked ones that are not ignored. Tracked files are read from git's index,
    so one that ``.gitignore`` names is still there; folders that tools make (``node_modules``, virtual environments,
    caches) are left out unless tracked; nested repositories and symbolic links are not followed. Works without git.
    """

    def __new__(
        cls,
        root: str | PathLike[str],
        *,
        git_index: str | PathLike[str] | None = None,
        budget_bytes: int = 536_870_912,
    ) -> Index:
        """List the files below ``root``.

        ``git_index``: an index file that lists the tracked files, for a work tree without a ``.git`` of its own.
        ``budget_bytes``: contents held in memory at most; what does not fit is read again for each search.
        Raises ``OSError`` if the root is no readable folder.
        """

    @property
    def root(self) -> str:
        """The root as it was given."""

    @property
    def skipped(self) -> dict[str, int]:
        """What the list leaves out, by reason."""

    @property
    def ready(self) -> bool:
        """Whether the postings are made, so that searches are as fast as they get; results are the same before."""

    def wait_ready(self, token: CancelToken | None = None) -> bool:
        """Wait until ``ready``. The answer is false if the token stopped the waiting."""

    def files(self) -> list[str]:
        """Paths of all files, sorted."""

    def refresh(self) -> list[str]:
        """Look at the disk again, after a command has run. Gives the paths that were added, removed or changed.

        They are compared with the last look. The first look is that of the first question.
        """

    def update(self, paths: Sequence[str]) -> None:
        """Take over own edits: these files are looked at again, new ones join the set, gone ones leave it.

        Raises ``PathEscapeError``.
        """

    def search(
        self,
        patterns: str | Sequence[str],
        *,
        regex: bool = False,
        word: bool = False,
        case: Literal["smart", "sensitive", "ignore"] = "smart",
        globs: str | Sequence[str] = ...,
        limit: int = 50,
        context: int = 0,
        budget_chars: int = 6000,
        token: CancelToken | None = None,
    ) -> SearchResult:
        """Find the lines that match at least one pattern, in one pass.

        Patterns are literal unless ``regex`` (syntax of Rust's regex crate, and lookaround and backreferences, which
        are tried line by line with a limit of steps); one that does not compile is searched literally. The result says
        how it was. A pattern with a line break matches across lines. ``word``: a match begins and ends at the edge of a
        word. ``case="smart"`` ignores case unless a pattern holds a capital letter. ``globs`` choose paths: ``src/**``,
        ``*.py``, ``src``, ``py``, and ``!tests/**`` for "not". ``limit`` and ``budget_chars`` bound what is shown,
        never what is counted; the first line and one hit are always shown. A ``token`` that stops the search leaves a
        partial result, which says so; a signal handler that raises ends it with that exception. Raises
        ``PatternError``.
        """

    def references(
        self, name: str, *, limit: int = 50, budget_chars: int = 6000, token: CancelToken | None = None
    ) -> ReferenceResult:
        """Where code of every language uses ``name``: names of the syntax tree, not words in strings and comments.

        Of a qualified name the last part is looked for. ``limit`` and ``budget_chars`` bound what is shown, never what
        is counted. A token that stops the question leaves what was found so far.
        """

    def repo_map(
        self,
        *,
        focus: Sequence[str] = ...,
        names: Sequence[str] = ...,
        budget_tokens: int = 1024,
        token: CancelToken | None = None,
    ) -> RepoMap:
        """A map of the definitions that matter most, ranked by how the code refers to them.

        ``focus``: files at hand; what they refer to ranks high. ``names``: names that matter; their definitions are on
        the map. ``budget_tokens``: size of ``render()`` at most, in tokens of four characters; its first line is always
        there. Raises ``PathEscapeError``.
        """

    def structural_search(
        self,
        pattern: str,
        language: str | None = None,
        *,
        globs: str | Sequence[str] = ...,
        limit: int = 50,
        budget_chars: int = 6000,
        token: CancelToken | None = None,
    ) -> StructuralResult:
        """Find code by its structure: source with holes in ast-grep's syntax.

        ``$NAME`` stands for one part, the same wherever it is repeated; ``$_`` for one that does not matter;
        ``$$$NAMES`` for any number of arguments or statements. ``language``: by default every language in which the
        pattern parses. Raises ``PatternError`` for a pattern that parses in none, or an unknown language.
        """

    def structural_replace(
        self,
        pattern: str,
        replacement: str,
        language: str | None = None,
        *,
        globs: str | Sequence[str] = ...,
        dry_run: bool = True,
        journal: str | PathLike[str] | None = None,
    ) -> EditResult:
        """Replace what matches ``pattern``, outermost matches first; ``replacement`` may use the pattern's holes.

        All files or none; by default nothing is written, and ``render()`` shows what would be. ``journal`` as in
        ``apply_edits``. Raises ``PatternError`` where nothing matches or the replacement uses a hole that the pattern
        does not have, ``EditError``, ``OSError``.
        """

    def rename(
        self,
        name: str,
        to: str,
        *,
        globs: str | Sequence[str] = ...,
        dry_run: bool = True,
        journal: str | PathLike[str] | None = None,
    ) -> EditResult:
        """Rename a name in code of every language; words in strings and comments are left alone, counted and said.

        Scopes are not resolved: every identifier of that text is renamed, and a new name that is used already is said.
        All files or none; by default nothing is written. ``journal`` as in ``apply_edits``. Raises ``PatternError``
        where no code uses the name, ``EditError`` where the new one cannot stand as a name, ``OSError``.
        """

    def symbol(self, name: str, *, limit: int = 5, budget_chars: int = 4000) -> SymbolResult:
        """Where ``name`` is defined, plain (``save``) or qualified (``Model.save``, ``Cart::total``), each definition
        with its first lines. Sources come before tests. The first one is always shown."""

    def read(
        self, path: str, start: int | None = None, end: int | None = None, max_chars: int = 20_000, *, column: int = 1
    ) -> ReadResult:
        """Read lines ``start`` to ``end`` of a file from disk (all by default; ends outside the file are moved in).

        Whole lines up to ``max_chars`` characters; of a first line that is too long, the part around ``column``, such
        as a hit of a search has. Raises ``FileNotFoundError`` (its message names the closest paths),
        ``IsADirectoryError``, ``PathEscapeError``.
        """

    def find(self, query: str, limit: int = 20) -> FindResult:
        """Find files by name: a glob, part of a path, or letters in order. Raises ``PatternError``."""

    def outline(self, path: str) -> list[Symbol]:
        """The symbols of a file in the order of their lines; an empty list for a file in no known language.

        Python, JavaScript, TypeScript, TSX, Rust, Go, Java, C, C++, C#, Ruby, PHP, Bash, Kotlin, Swift and Lua. A file
        that does not parse gives what could be parsed. Raises as ``read``.
        """

    def outlines(self, paths: Sequence[str]) -> list[list[Symbol]]:
        """The outline of each of several files, made on all processors. Raises as ``outline``."""

    def definitions(self, name: str) -> list[tuple[str, Symbol]]:
        """Where files define ``name``, plain (``save``) or qualified (``Model.save``), sorted by path and line."""

    def check(self, changes: Sequence[tuple[str, str | None, str | None]]) -> list[Finding]:
        """Problems that a patch brings into the project, in the order of files and lines.

        A change is a path, the text before (``None``: it is new) and the text afterwards (``None``: it is removed).
        Everything that the function ``check`` finds in each file, and what no longer fits together: imports that lead
        nowhere, packages that nothing declares, names that a module does not have, calls that do not fit what they
        call, symbols that are gone and still used. Files that the patch leaves alone are looked at where they use what
        it changes. What was so before the patch is not told.
        """

def check(path: str, after: str, before: str | None = None) -> list[Finding]:
    """Problems of a file's new text that its old text did not have, in the order of their lines.

    Python: syntax errors (of many, the first 20) and the rules of Ruff whose violation fails when the line runs.
    JavaScript and TypeScript: syntax errors, names that nothing declares, assigned constants. JSON (with comments where
    that is the custom), YAML and TOML: exact parsers, keys that occur twice. Other languages: what their grammars do
    not accept, as advice. Every file: the guards (markers, fences, elisions, secrets, lost public symbols). Nothing on
    disk is looked at; ``path`` only tells the language. ``before=None`` means a new file.
    """

def secrets_in(text: str) -> list[tuple[int, str]]:
    """Line and kind of every secret in a text: keys and tokens of known form, random values under telling names.

    The value itself is never repeated. Examples and placeholders are none.
    """

def secret_values(text: str) -> list[str]:
    """The secrets of a text themselves, each once: for those who hide them; of a private key all of it."""

def secrets_in_diff(diff: str) -> list[tuple[str, int, str]]:
    """File, line in the new file and kind of every secret that a unified diff adds; one that only moves is none."""

def apply_edits(
    root: str | PathLike[str],
    edits: Sequence[Mapping[str, object]],
    *,
    dry_run: bool = False,
    journal: str | PathLike[str] | None = None,
) -> EditResult:
    """Apply a patch: all its files, or none.

    An edit is ``{"path", "search", "replace"}`` (lines as they stand, and what they become; an empty search creates the
    file), the same with ``"line"`` (a hunk of a diff: of equal places the one nearest to that line, or any if it is
    ``None``), ``{"path", "content"}`` (the whole file) or ``{"path", "delete": True}``. Later edits see what earlier
    ones did. A search is matched exactly, else without white space at line ends, else with every line indented by the
    same more or less, else as part of a line, else with plain punctuation for typographic, else by the parts between
    lines of ``...`` that both sides have, else by its first and last line, else (three lines or more, half of them the
    same) where one place is 90 % alike and no other near that; a rung with several matches refuses. Lines that the
    replacement repeats from the search stay as the file has them. Line endings, final newline, byte order mark,
    encoding (UTF-8, and UTF-16 with a byte order mark), owner and mode are kept. With ``dry_run`` nothing is written.

    ``journal``: a folder outside the root, made if it is missing, from which ``recover_edits`` ends the patch if this
    process is killed. One edit at a time may use it.

    Raises ``EditError`` (not found, ambiguous, changes nothing, a folder, binary, not UTF-8), ``EditConflict`` (changed
    on disk meanwhile, the journal is in use or holds an interrupted patch), ``PathEscapeError`` (outside the root,
    through a symbolic link, in ``.git``), ``OSError`` (what was already written is put back), ``ValueError`` or
    ``TypeError`` (the mapping is no edit).
    """

def recover_edits(
    root: str | PathLike[str], journal: str | PathLike[str]
) -> Literal["nothing", "completed", "rolled back"]:
    """End a patch that was interrupted: it is written whole, or undone if that is not possible.

    Files that somebody changed since are never overwritten. Raises ``EditConflict`` (neither is possible without doing
    so, the journal is damaged, in use or of another root), ``OSError``.
    """

def edits_of_diff(diff: str) -> list[dict[str, str | int | bool | None]]:
    """Turn a unified diff, as git or a model writes it, into edits for ``apply_edits``, one for each hunk.

    Wrong or missing counts and line numbers, missing ``a/`` and ``b/``, CRLF and text around the diff are tolerated.
    Raises ``EditError`` with the ``line`` of the diff: no diff, a rename, a binary patch, a change of mode, lines that
    belong to no hunk.
    """

def plan_edits(root: str | PathLike[str], edits: Sequence[Mapping[str, object]]) -> EditResult:
    """Say what ``apply_edits`` would do, without writing."""

def resolve(root: str | PathLike[str], path: str) -> str:
    """The one form of a path: relative to the root, POSIX, without dots; ``"."`` for the root itself.

    The file need not exist, but what exists of the path, links followed, must stay inside. Raises ``PathEscapeError``.
    """
