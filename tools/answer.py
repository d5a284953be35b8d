"""Answer: the function out of a model's fenced text, placed into the file. Nothing else of the answer is taken."""

import ast
import re
import textwrap

from tools.definitions import FunctionNode, body_after_docstring, find, functions, parse, split_lines
from tools.functions import Target, column, first_statement_line, leading_space, splice
from tools.gate import Import, parameters

FENCE = re.compile(r"^[ \t]*(`{3,})[^\n`]*\n(.*?)^[ \t]*\1[ \t]*$", re.S | re.M)
"""A closed fenced block: an answer that was cut off in the middle has none, and is not taken."""


def from_answer(target: Target, text: str) -> str | None:
    """The whole new source, or None when the answer holds no complete version of the function.

    Signature, decorators and docstring stay those of the file, unless only default values of parameters differ.
    New imports that the function uses go below the file's own.
    """
    for code in candidates(text):
        try:
            tree = parse(code)
        except SyntaxError:
            continue
        node = find(tree, target.function) or named(tree, target.name)
        if node is None or not body_after_docstring(node) or parameter_names(node) != parameter_names(target.node):
            continue
        source = with_body(target, node, split_lines(code))
        if source is not None:
            return with_imports(target, source, node, tree)
    return None


def candidates(text: str) -> list[str]:
    """The fenced blocks, else the text itself, each without common indentation."""
    blocks = [block for _, block in FENCE.findall(text.replace("\r\n", "\n"))]
    plain = [] if "```" in text else [text]
    return [textwrap.dedent(block) for block in blocks or plain]


def named(tree: ast.Module, name: str) -> FunctionNode | None:
    """The last function of this own name: a method may be answered without its class."""
    found = [node for qualified, node in functions(tree) if qualified.split(".")[-1] == name]
    return found[-1] if found else None


def parameter_names(node: FunctionNode) -> list[str]:
    """The names of all parameters: a body under other names would not fit."""
    return [n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg)]


def with_body(target: Target, node: FunctionNode, lines: list[str]) -> str | None:
    """The source with the statements of ``node`` as the function's body; None where they cannot be moved safely."""
    statements = body_after_docstring(node)
    first = first_statement_line(statements[0]) - 1
    if lines[first][: statements[0].col_offset].strip():
        body = [lines[first][statements[0].col_offset :], *lines[first + 1 : node.end_lineno]]
        if len(body) > 1:
            return None
        moved = target.indent + body[0].strip()
    else:
        moved = reindent(lines[first : node.end_lineno], target.indent, leading_space(lines[node.lineno - 1]))
    head = target.head
    if only_defaults_differ(target.node, node):
        head = new_head(target, node, lines)
    source = splice(target, target.offset(target.start), target.text_end(target.end - 1), f"{head}\n{moved.rstrip()}")
    return source if same_statements(source, target.function, statements) else None


def reindent(lines: list[str], indent: str, outer: str) -> str:
    """The lines moved to another indentation, in the file's own steps where it uses tabs."""
    old = leading_space(lines[0])
    step = len(old) - len(outer)
    moved = []
    for line in lines:
        rest = line[len(old) :] if line.startswith(old) else line.lstrip(" \t")
        if indent.endswith("\t") and step > 0 and "\t" not in old:
            inner = len(leading_space(rest))
            rest = "\t" * (inner // step) + " " * (inner % step) + rest[inner:]
        moved.append(indent + rest if rest.strip() else rest.lstrip(" \t"))
    return "".join(moved)


def same_statements(source: str, function: str, statements: list[ast.stmt]) -> bool:
    """True when the moved body still means what was answered: a string over several lines may not be shifted."""
    try:
        node = find(parse(source), function)
    except SyntaxError:
        return False
    return node is not None and [ast.dump(s) for s in body_after_docstring(node)] == [ast.dump(s) for s in statements]


def only_defaults_differ(old: FunctionNode, new: FunctionNode) -> bool:
    """True when the parameters agree in all but the values of defaults."""
    return parameters(old) == parameters(new) and ast.dump(old.args) != ast.dump(new.args)


def new_head(target: Target, node: FunctionNode, lines: list[str]) -> str:
    """The file's head with the parameters' defaults of the answer."""
    pairs = zip(defaults(target.node), defaults(node), strict=True)
    head = target.source
    for old, new in reversed([(old, new) for old, new in pairs if ast.dump(old) != ast.dump(new)]):
        start, end = place(old, list(target.lines))
        begin, stop = place(new, lines)
        head = head[:start] + "".join(lines)[begin:stop] + head[end:]
    grown = len(head) - len(target.source)
    start = target.offset(target.start)
    return head[start : start + len(target.head) + grown]


def defaults(node: FunctionNode) -> list[ast.expr]:
    """The values of all defaults, in the order of the source."""
    return [*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)]


def place(node: ast.expr, lines: list[str]) -> tuple[int, int]:
    """Where an expression begins and ends in the source, in characters."""

    def position(line: int, utf8_offset: int) -> int:
        return sum(len(text) for text in lines[: line - 1]) + column(lines[line - 1], utf8_offset)

    return position(node.lineno, node.col_offset), position(node.end_lineno or 0, node.end_col_offset or 0)


def with_imports(target: Target, source: str, node: FunctionNode, tree: ast.Module) -> str:
    """The source with those names of the answer's imports that the function uses and the file does not bind."""
    wanted = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - bound_names(parse(target.source))
    new = [ast.unparse(kept) for n in tree.body if isinstance(n, Import) and (kept := only(n, wanted))]
    if not new:
        return source
    lines = split_lines(source)
    at, after_import = import_line(parse(source), lines)
    before = [] if after_import or not at or not lines[at - 1].strip() else [""]
    after = [] if after_import or not lines[at].strip() else [""]
    text = "".join(line + target.newline for line in [*before, *new, *after])
    return "".join(lines[:at]) + text + "".join(lines[at:])


def bound_names(tree: ast.Module) -> set[str]:
    """The names that a module's top level defines or imports."""
    names: set[str] = set()
    for n in tree.body:
        if isinstance(n, Import):
            names |= {bound(alias) for alias in n.names}
        elif isinstance(n, FunctionNode | ast.ClassDef):
            names.add(n.name)
        else:
            names |= {t.id for t in ast.walk(n) if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Store)}
    return names


def bound(alias: ast.alias) -> str:
    """The name that one part of an import binds."""
    return alias.asname or alias.name.split(".")[0]


def only(node: Import, wanted: set[str]) -> Import | None:
    """The import reduced to the wanted names; None where nothing is left."""
    names = [alias for alias in node.names if bound(alias) in wanted]
    if not names:
        return None
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


def import_line(tree: ast.Module, lines: list[str]) -> tuple[int, bool]:
    """The line, counted from 0, where an import belongs, and whether it follows others.

    Below the last import of the file's head, else below the docstring, else below the comments at the very top.
    """
    at, after_import = 0, False
    for n in tree.body:
        is_docstring = at == 0 and isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
        if not isinstance(n, Import) and not is_docstring:
            break
        at, after_import = n.end_lineno or at, isinstance(n, Import)
    if at == 0:
        at = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    return at, after_import
