//! # Bare ellipsis
//!
//! **What it does**: finds a `...` that stands alone where it can only mean "and so on".
//!
//! **Why is this bad?** In Python it is a valid statement that does nothing, so the left-out code is missed
//! only when it is needed. As the whole body of a function or class it is a stub and allowed.
//!
//! **Example**
//! ```text
//! def total(cart):
//!     check(cart)
//!     ...
//!     return price
//! ```
//! **Use instead**: the statements that belong there.

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use super::finding;
use crate::check::{Change, Finding};
use crate::language::{Name, State};
use crate::python::{is_python, nested_blocks, source_type};
use crate::text::LineStarts;

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    let fresh: Vec<u32> =
        change.new_lines().iter().filter(|(_, line)| has_dots(line)).map(|(number, _)| *number).collect();
    if fresh.is_empty() {
        return Vec::new();
    }
    let lines = if is_python(change.path) { in_python(change) } else { elsewhere(change) };
    let message = "a bare ... stands for code that was left out; write the code";
    let is_new = |line: &u32| fresh.contains(line);
    lines.into_iter().filter(is_new).map(|line| finding(change, "bare-ellipsis", line, message)).collect()
}

fn has_dots(line: &str) -> bool {
    matches!(line.trim().trim_end_matches(';'), "..." | "…")
}

/// Lines with an ellipsis that is one statement among others.
fn in_python(change: &Change<'_>) -> Vec<u32> {
    let Some(parsed) = change.parsed().filter(|p| p.errors().is_empty() && !source_type(change.path).is_stub()) else {
        return Vec::new();
    };
    let lines = LineStarts::of(change.after);
    let mut found = Vec::new();
    among_others(parsed.suite(), &mut |statement| found.push(lines.line(statement.start())));
    found
}

fn among_others(body: &[Stmt], report: &mut dyn FnMut(&Stmt)) {
    let is_docstring = |at: usize, statement: &Stmt| {
        at == 0 && matches!(statement, Stmt::Expr(text) if text.value.is_string_literal_expr())
    };
    let is_ellipsis = |statement: &Stmt| matches!(statement, Stmt::Expr(dots) if dots.value.is_ellipsis_literal_expr());
    let has_others =
        body.iter().enumerate().any(|(at, statement)| !is_docstring(at, statement) && !is_ellipsis(statement));
    for statement in body {
        if has_others && is_ellipsis(statement) {
            report(statement);
        }
        match statement {
            Stmt::FunctionDef(function) => among_others(&function.body, report),
            Stmt::ClassDef(class) => among_others(&class.body, report),
            _ => nested_blocks(statement, &mut |block| among_others(block, report)),
        }
    }
}

/// Lines of only dots, in languages where no statement or expression can look like that.
fn elsewhere(change: &Change<'_>) -> Vec<u32> {
    if !matches!(change.language.name, Name::Script | Name::Rust | Name::Go | Name::Java | Name::Style) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut line_above = "";
    for ((number, line), state) in (1..).zip(change.after.lines()).zip(change.states()) {
        let last_parameter = line_above.ends_with([',', '(']); // `...` of a function with any number of them
        if *state == State::Code && has_dots(line) && !last_parameter {
            found.push(number);
        }
        line_above = line.trim_end();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    #[test]
    fn dots_among_statements_are_found() {
        let python = "x = 1\n...\n\ndef f():\n    if x:\n        return 1\n        ...\n";
        assert_eq!(lines_found(find, "a.py", python, None), [2, 7]);
        assert_eq!(lines_found(find, "a.py", python, Some(python)), [0; 0]);
        assert_eq!(lines_found(find, "a.go", "func f() {\n\t...\n}\n", None), [2]);
    }

    #[test]
    fn stubs_and_values_are_allowed() {
        for python in [
            "def f(): ...\n",
            "class A(Protocol):\n    \"\"\"Doc.\"\"\"\n    ...\n\n    ...\n",
            "def f():\n    \"\"\"Doc.\"\"\"\n    ...\n",
            "x: tuple[\n    int,\n    ...\n]\n",
            "if a:\n    ...\nelse:\n    f()\n",
        ] {
            assert_eq!(lines_found(find, "a.py", python, None), [0; 0], "{python}");
        }
        assert_eq!(lines_found(find, "a.yaml", "a: 1\n...\n", None), [0; 0]);
        assert_eq!(lines_found(find, "a.rs", "fn f(\n    a: i32,\n    ...\n);\n", None), [0; 0]);
        assert_eq!(lines_found(find, "a.c", "int f(int a,\n...\n);\n", None), [0; 0]);
    }
}
