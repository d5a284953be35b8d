//! Symbols and uses of names of Python, by Ruff's parser.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Facts, Kind, Occurrence, Symbol, Use, folded};
use crate::languages::Unparsed;
use crate::python::{nested_blocks, parse};
use crate::text::LineStarts;

pub(super) fn facts(path: &str, text: &str) -> Result<Facts, Unparsed> {
    let parsed = parse(path, text).ok_or(Unparsed::TooDeep)?;
    let mut outline = Outline { text, lines: LineStarts::of(text), symbols: Vec::new(), defined: Vec::new() };
    outline.block(parsed.suite(), "", Scope::Module);
    let occurrences = occurrences(parsed.tokens(), outline.defined).into();
    Ok(Facts { symbols: outline.symbols.into(), occurrences, unparsed: None })
}

/// Names are tokens of their own: those in strings and comments are not among them.
fn occurrences(tokens: &Tokens, mut defined: Vec<TextSize>) -> Vec<Occurrence> {
    defined.sort_unstable();
    let mut defined = defined.into_iter().peekable();
    let mut found = Vec::new();
    let (mut begins, mut imports) = (true, false);
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        match token.kind() {
            TokenKind::From | TokenKind::Import if begins => (begins, imports) = (false, true),
            TokenKind::Newline | TokenKind::Semi => (begins, imports) = (true, false),
            TokenKind::Indent | TokenKind::Dedent | TokenKind::NonLogicalNewline | TokenKind::Comment => {}
            TokenKind::Name => {
                begins = false;
                while defined.next_if(|at| *at < token.start()).is_some() {}
                let role = if defined.peek() == Some(&token.start()) {
                    Use::Definition
                } else if imports {
                    Use::Import
                } else if tokens.peek().is_some_and(|next| next.kind() == TokenKind::Lpar) {
                    Use::Call
                } else {
                    Use::Other
                };
                found.extend(Occurrence::new(token.start().to_usize(), token.end().to_usize(), role));
            }
            _ => begins = false,
        }
    }
    found
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
    /// Where names are that are defined: those of symbols, and of attributes of classes.
    defined: Vec<TextSize>,
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
            Stmt::Assign(assign) if scope == Scope::Class => {
                self.defined.extend(assign.targets.iter().filter(|target| target.is_name_expr()).map(Ranged::start));
            }
            Stmt::AnnAssign(assign) if scope == Scope::Class => self.defined.push(assign.target.start()),
            _ => nested_blocks(statement, &mut |body| self.block(body, prefix, scope)),
        }
    }

    fn function(&mut self, function: &ast::StmtFunctionDef, prefix: &str, scope: Scope) {
        let qualified = format!("{prefix}{}", function.name);
        self.defined.push(function.name.start());
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
        self.defined.push(class.name.start());
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
        self.defined.push(name.start());
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

    fn signature(&self, start: TextSize, end: TextSize) -> String {
        folded(&self.text[start.to_usize()..end.to_usize()])
    }
}

/// Where the header begins: after the decorators.
fn header_start(range: TextRange, decorators: &[ast::Decorator]) -> TextSize {
    decorators.last().map_or(range.start(), Ranged::end)
}

fn has_docstring(body: &[Stmt]) -> bool {
    matches!(body.first(), Some(Stmt::Expr(first)) if first.value.is_string_literal_expr())
}
