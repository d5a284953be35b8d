//! Python source and its syntax tree, by Ruff's parser.

use ruff_python_ast::PythonVersion;
use ruff_python_ast::{self as ast, ModModule, PySourceType, Stmt};
use ruff_python_parser::{ParseOptions, Parsed, parse_unchecked};

use crate::nesting::too_deep;

/// Whether a path names Python source.
pub(crate) fn is_python(path: &str) -> bool {
    matches!(path.rsplit_once('.'), Some((_, "py" | "pyi" | "pyw")))
}

/// Whether a Python file is a module or a stub.
pub(crate) fn source_type(path: &str) -> PySourceType {
    PySourceType::from_extension(path.rsplit_once('.').map_or("py", |(_, ending)| ending))
}

/// The syntax tree of a file, as far as it parses; nothing if it is nested too deeply for anybody.
///
/// To be called, and its result dropped, on the threads of [`crate::workers`] only: their stacks are large.
pub(crate) fn parse(path: &str, text: &str) -> Option<Parsed<ModModule>> {
    if too_deep(text).is_some() {
        return None;
    }
    let options = ParseOptions::from(source_type(path)).with_target_version(PythonVersion::latest());
    parse_unchecked(text, options).try_into_module()
}

/// Calls `visit` for every block of statements directly inside a compound statement other than a definition.
pub(crate) fn nested_blocks(statement: &Stmt, visit: &mut dyn FnMut(&[Stmt])) {
    match statement {
        Stmt::If(branch) => {
            visit(&branch.body);
            branch.elif_else_clauses.iter().for_each(|clause| visit(&clause.body));
        }
        Stmt::Try(block) => {
            visit(&block.body);
            for ast::ExceptHandler::ExceptHandler(handler) in &block.handlers {
                visit(&handler.body);
            }
            visit(&block.orelse);
            visit(&block.finalbody);
        }
        Stmt::With(block) => visit(&block.body),
        Stmt::For(block) => {
            visit(&block.body);
            visit(&block.orelse);
        }
        Stmt::While(block) => {
            visit(&block.body);
            visit(&block.orelse);
        }
        Stmt::Match(block) => block.cases.iter().for_each(|case| visit(&case.body)),
        _ => {}
    }
}
