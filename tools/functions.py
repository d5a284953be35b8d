"""Functions: one function under repair inside its file, and the ways to put text in its place.

Text is spliced by position, so every byte outside the replaced part stays as it is: comments, line ends, tabs.
"""

import ast
from dataclasses import dataclass

from tools.definitions import FunctionNode, body_after_docstring, find, first_line, is_unwritten, parse, split_lines


class FunctionMissing(LookupError):
    """The source holds no function of that name."""


@dataclass(frozen=True)
class Target:
    """One function under repair; line numbers here count from 0, ends are exclusive."""

    source: str
    function: str
    """Qualified: ``name``, ``Class.method``, ``outer.inner``."""
    lines: tuple[str, ...]
    """The whole source, with line ends."""
    start: int
    """First line, decorators included."""
    body: int
    """First line after signature and docstring; equal to ``end`` where only a docstring stands."""
    end: int
    outer: str
    """The white space before ``def``."""
    indent: str
    """The white space before the statements of the body."""
    inline: int | None
    """Where the statements begin in the source when they share a line with the signature; else None."""
    unwritten: bool
    newline: str
    node: FunctionNode

    @classmethod
    def of(cls, source: str, function: str) -> "Target":
        """Find the function; raises FunctionMissing, and SyntaxError where the source cannot be parsed."""
        node = find(parse(source), function)
        if node is None or node.end_lineno is None:
            raise FunctionMissing(f"there is no function {function} in this file")
        lines = tuple(split_lines(source))
        outer = leading_space(lines[node.lineno - 1])
        statements = body_after_docstring(node)
        body, inline = statements_at(node, statements, lines)
        return cls(
            source=source,
            function=function,
            lines=lines,
            start=first_line(node) - 1,
            body=body,
            end=node.end_lineno,
            outer=outer,
            indent=indent_of(node, lines, outer, statements if inline is None else []),
            inline=inline,
            unwritten=is_unwritten(node),
            newline=newline_of(lines),
            node=node,
        )

    @property
    def name(self) -> str:
        """The function's own name, without the classes and functions around it."""
        return self.node.name

    @property
    def head(self) -> str:
        """Decorators, signature and docstring, as they stand."""
        if self.inline is not None:
            return self.source[self.offset(self.start) : self.inline].rstrip()
        return "".join(self.lines[self.start : self.body]).rstrip()

    @property
    def text(self) -> str:
        """The whole function, as it stands."""
        return self.source[self.offset(self.start) : self.text_end(self.end - 1)]

    def offset(self, line: int) -> int:
        """Where a line begins in the source."""
        return sum(len(text) for text in self.lines[:line])

    def text_end(self, line: int) -> int:
        """Where a line's text ends in the source, before its line end."""
        return self.offset(line) + len(self.lines[line].rstrip("\r\n"))


def splice(target: Target, start: int, end: int, text: str) -> str:
    """The source with the characters from ``start`` to ``end`` replaced; line ends become those of the file."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return target.source[:start] + plain.replace("\n", target.newline) + target.source[end:]


def leading_space(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def newline_of(lines: tuple[str, ...]) -> str:
    """The line end of a file: that of its first line."""
    first = lines[0] if lines else ""
    return first[len(first.rstrip("\r\n")) :] or "\n"


def statements_at(node: FunctionNode, statements: list[ast.stmt], lines: tuple[str, ...]) -> tuple[int, int | None]:
    """The first line of the statements and, where they do not begin a line, their place in the source."""
    documented = len(statements) < len(node.body)
    body = (node.body[0].end_lineno or 0) if documented else first_statement_line(statements[0]) - 1
    if not statements:
        return body, None
    line = statements[0].lineno - 1
    before = column(lines[line], statements[0].col_offset)
    if not lines[line][:before].strip(" \t\f\ufeff"):
        return body, None
    return line, sum(len(text) for text in lines[:line]) + before


def first_statement_line(statement: ast.stmt) -> int:
    """The 1-based line where a statement begins, decorators included."""
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return first_line(statement)
    return statement.lineno


def column(line: str, utf8_offset: int) -> int:
    """The index of a character whose place ``ast`` gives in UTF-8 bytes, a byte order mark not counted."""
    text = line.removeprefix("\ufeff")
    return len(line) - len(text) + len(text.encode()[:utf8_offset].decode())


def indent_of(node: FunctionNode, lines: tuple[str, ...], outer: str, statements: list[ast.stmt]) -> str:
    """The white space before the body: that of its first statement, else of the docstring, else one step in."""
    step = "\t" if outer.endswith("\t") else "    "
    first = statements[0] if statements else node.body[0]
    before = lines[first.lineno - 1][: column(lines[first.lineno - 1], first.col_offset)]
    return before if not before.strip() and before.startswith(outer) and before != outer else outer + step
