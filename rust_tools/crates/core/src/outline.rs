//! The named things that a file defines. Python for now, by Ruff's parser; other files have no outline.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::python::{is_python, nested_blocks, parse};
use crate::text::LineStarts;

/// A function, method, class or module variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its own name.
    pub name: String,
    /// Python's qualified name below the module: `Class.method`, `outer.<locals>.inner`.
    pub qualified_name: String,
    /// What it is.
    pub kind: Kind,
    /// First line, decorators included, from 1.
    pub start: u32,
    /// Last line.
    pub end: u32,
    /// Line that holds the name.
    pub line: u32,
    /// The header on one line, without the colon and the body.
    pub signature: String,
    /// Whether it has a docstring.
    pub documented: bool,
}

/// The kinds of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function outside a class.
    Function,
    /// A function in a class.
    Method,
    /// A class.
    Class,
    /// A name that is assigned at the top of a module.
    Variable,
}

impl Kind {
    /// The lower-case word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Method => "method",
            Self::Class => "class",
            Self::Variable => "variable",
        }
    }
}

const MAX_SIGNATURE_CHARS: usize = 240;

/// The symbols of a file in the order of their lines. Files that do not parse give what could be parsed.
pub(crate) fn of(path: &str, text: &str) -> Vec<Symbol> {
    let Some(parsed) = is_python(path).then(|| parse(path, text)).flatten() else { return Vec::new() };
    let mut outline = Outline { text, lines: LineStarts::of(text), symbols: Vec::new() };
    outline.block(parsed.suite(), "", Scope::Module);
    outline.symbols
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Module,
    Class,
    Function,
}

struct Outline<'a> {
    text: &'a str,
    lines: LineStarts,
    symbols: Vec<Symbol>,
}

impl Outline<'_> {
    fn block(&mut self, body: &[Stmt], prefix: &str, scope: Scope) {
        for statement in body {
            self.statement(statement, prefix, scope);
        }
    }

    fn statement(&mut self, statement: &Stmt, prefix: &str, scope: Scope) {
        match statement {
            Stmt::FunctionDef(function) => self.function(function, prefix, scope),
            Stmt::ClassDef(class) => self.class(class, prefix),
            Stmt::Assign(assign) if scope == Scope::Module => {
                for target in &assign.targets {
                    self.variable(target, assign.range());
                }
            }
            Stmt::AnnAssign(assign) if scope == Scope::Module => self.variable(&assign.target, assign.range()),
            Stmt::TypeAlias(alias) if scope == Scope::Module => self.variable(&alias.name, alias.range()),
            _ => nested_blocks(statement, &mut |body| self.block(body, prefix, scope)),
        }
    }

    fn function(&mut self, function: &ast::StmtFunctionDef, prefix: &str, scope: Scope) {
        let qualified = format!("{prefix}{}", function.name);
        let header_end = function.returns.as_ref().map_or(function.parameters.end(), |returns| returns.end());
        self.symbols.push(Symbol {
            name: function.name.to_string(),
            kind: if scope == Scope::Class { Kind::Method } else { Kind::Function },
            start: self.lines.line(function.range().start()),
            end: self.lines.line(function.range().end()),
            line: self.lines.line(function.name.start()),
            signature: self.signature(header_start(function.range(), &function.decorator_list), header_end),
            documented: has_docstring(&function.body),
            qualified_name: qualified.clone(),
        });
        self.block(&function.body, &format!("{qualified}.<locals>."), Scope::Function);
    }

    fn class(&mut self, class: &ast::StmtClassDef, prefix: &str) {
        let qualified = format!("{prefix}{}", class.name);
        let header_end =
            class.arguments.as_ref().map_or(
                class.type_params.as_ref().map_or(class.name.end(), |parameters| parameters.end()),
                |arguments| arguments.end(),
            );
        self.symbols.push(Symbol {
            name: class.name.to_string(),
            kind: Kind::Class,
            start: self.lines.line(class.range().start()),
            end: self.lines.line(class.range().end()),
            line: self.lines.line(class.name.start()),
            signature: self.signature(header_start(class.range(), &class.decorator_list), header_end),
            documented: has_docstring(&class.body),
            qualified_name: qualified.clone(),
        });
        self.block(&class.body, &format!("{qualified}."), Scope::Class);
    }

    fn variable(&mut self, target: &Expr, statement: TextRange) {
        let Expr::Name(name) = target else { return };
        let line = self.lines.line(statement.start());
        self.symbols.push(Symbol {
            name: name.id.to_string(),
            qualified_name: name.id.to_string(),
            kind: Kind::Variable,
            start: line,
            end: self.lines.line(statement.end()),
            line,
            signature: self.signature(statement.start(), statement.end()),
            documented: false,
        });
    }

    /// The source between two places, its white space folded, cut where it would be a whole page.
    fn signature(&self, start: TextSize, end: TextSize) -> String {
        let source = &self.text[start.to_usize()..end.to_usize()];
        let folded = source.split_whitespace().collect::<Vec<_>>().join(" ");
        match folded.char_indices().nth(MAX_SIGNATURE_CHARS) {
            Some((cut, _)) => format!("{}…", &folded[..cut]),
            None => folded,
        }
    }
}

/// Where the header begins: after the decorators.
fn header_start(range: TextRange, decorators: &[ast::Decorator]) -> TextSize {
    decorators.last().map_or(range.start(), Ranged::end)
}

fn has_docstring(body: &[Stmt]) -> bool {
    matches!(body.first(), Some(Stmt::Expr(first)) if first.value.is_string_literal_expr())
}
