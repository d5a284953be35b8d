//! JavaScript and TypeScript by oxc: syntax with its early errors, names that nothing declares, constants
//! that are assigned.

mod globals;
pub(crate) mod module;

use std::collections::HashSet;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{Program, UnaryOperator};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::{ReferenceId, Semantic, SemanticBuilder};
use oxc_span::{GetSpan, SourceType};
use ruff_text_size::TextSize;

use super::{Change, Finding, Source, introduced};
use crate::nesting;
use crate::text::LineStarts;

/// Later syntax errors mostly follow from the first ones.
const MOST_SYNTAX_ERRORS: usize = 20;

pub(crate) const UNDEFINED_NAME: &str = "undefined-name";

/// Whether a path names JavaScript or TypeScript.
pub(crate) fn is_script(path: &str) -> bool {
    SourceType::from_path(path).is_ok()
}

/// Problems that the change brought in. A name that the old text used without declaring it comes from somewhere.
pub(super) fn new_problems(change: &Change<'_>) -> Vec<Finding> {
    let mut known: HashSet<String> = HashSet::new();
    let mut new = introduced::only(change, problems(change.path, change.after), |before| {
        let old = problems(change.path, before);
        known.extend(old.iter().filter(|f| f.code == UNDEFINED_NAME).map(|f| f.message.clone()));
        old
    });
    new.retain(|finding| !known.contains(&finding.message));
    new
}

/// Problems of a file in the order of their lines.
pub(crate) fn problems(path: &str, text: &str) -> Vec<Finding> {
    let Ok(kind) = SourceType::from_path(path) else { return Vec::new() };
    let place = Places { path, text, lines: LineStarts::of(text) };
    if text.trim_start().starts_with("<?xml") {
        return Vec::new(); // translations of Qt have the ending `.ts` too
    }
    if let Some(line) = nesting::too_deep_in_script(text) {
        let message = "nested too deeply to be read; split the expression".to_owned();
        return vec![Finding { line, ..place.finding(Source::Syntax, 0, "syntax-error", message, false) }];
    }
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text, kind);
    if parsed.is_flow_language {
        return Vec::new(); // types of Flow are another syntax
    }
    let broken: Vec<Finding> = parsed.diagnostics.errors().map(|error| place.syntax_error(error)).collect();
    if !broken.is_empty() || parsed.panicked {
        return first(broken);
    }
    let built = SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true).build(&parsed.program);
    let mut found = first(built.diagnostics.errors().map(|error| place.syntax_error(error)).collect());
    let is_module =
        parsed.module_record.has_module_syntax || text.contains("require(") || text.contains("module.exports");
    if !kind.is_typescript_definition() {
        found.extend(undefined_names(&built.semantic, &parsed.program, &place, is_module));
        found.extend(assigned_constants(&built.semantic, &place));
    }
    found.sort_by_key(|finding| (finding.line, finding.column));
    found
}

/// A file named `.js` may be a module or a script: it is read as what it can be read as.
fn parse<'a>(allocator: &'a Allocator, text: &'a str, kind: SourceType) -> ParserReturn<'a> {
    let options = ParseOptions { allow_return_outside_function: kind.is_commonjs(), ..ParseOptions::default() };
    let as_named = Parser::new(allocator, text, kind).with_options(options).parse();
    let clean = !as_named.panicked && as_named.diagnostics.errors().next().is_none();
    if clean || !kind.is_javascript() || kind.is_commonjs() {
        return as_named;
    }
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let as_script = Parser::new(allocator, text, SourceType::script().with_jsx(true)).with_options(options).parse();
    let clean = !as_script.panicked && as_script.diagnostics.errors().next().is_none();
    if clean { as_script } else { as_named }
}

fn first(mut found: Vec<Finding>) -> Vec<Finding> {
    found.truncate(MOST_SYNTAX_ERRORS);
    found
}

/// In a module nothing but the environment can add names; scripts of a page see those of other scripts.
fn undefined_names(semantic: &Semantic<'_>, program: &Program<'_>, place: &Places<'_>, blocking: bool) -> Vec<Finding> {
    let scoping = semantic.scoping();
    let declared = declared_in_comments(program, place.text);
    let mut found = Vec::new();
    for (name, references) in scoping.root_unresolved_references() {
        let name = name.as_str();
        if globals::is_known(name) || declared.contains(name) {
            continue;
        }
        if references.iter().any(|reference| is_asked_for(semantic, *reference)) {
            continue;
        }
        for reference in references.iter().filter(|reference| needs_value(semantic, **reference)) {
            let start = semantic.reference_span(scoping.get_reference(*reference)).start;
            let message = format!("`{name}` is not defined; import or declare it");
            found.push(place.finding(Source::Static, start, UNDEFINED_NAME, message, blocking));
        }
    }
    found
}

/// `typeof name` asks whether the name is there: the file expects that it may not be.
fn is_asked_for(semantic: &Semantic<'_>, reference: ReferenceId) -> bool {
    let node = semantic.scoping().get_reference(reference).node_id();
    let parent = semantic.nodes().parent_kind(node);
    matches!(parent, AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof)
}

/// Whether the name must be there when the line runs: types are erased, and what a namespace sees may stand in
/// another part of it. An element is said once, not at both its ends.
fn needs_value(semantic: &Semantic<'_>, reference: ReferenceId) -> bool {
    let reference = semantic.scoping().get_reference(reference);
    let nodes = semantic.nodes();
    let is_exempt = match nodes.parent_kind(reference.node_id()) {
        AstKind::JSXClosingElement(_) => true,
        _ => nodes.ancestor_kinds(reference.node_id()).any(|kind| matches!(kind, AstKind::TSModuleBlock(_))),
    };
    reference.is_value() && !reference.flags().is_value_as_type() && !is_exempt
}

/// Names in comments such as `/* global name, other */`.
fn declared_in_comments<'t>(program: &Program<'_>, text: &'t str) -> HashSet<&'t str> {
    let mut names = HashSet::new();
    for comment in &program.comments {
        let span = comment.content_span();
        let words = text.get(span.start as usize..span.end as usize).unwrap_or_default().trim();
        let Some(list) = words.strip_prefix("globals").or_else(|| words.strip_prefix("global")) else { continue };
        names.extend(list.split([',', ' ', '\n', '\t']).map(|name| name.split(':').next().unwrap_or(name).trim()));
    }
    names
}

fn assigned_constants(semantic: &Semantic<'_>, place: &Places<'_>) -> Vec<Finding> {
    let scoping = semantic.scoping();
    let mut found = Vec::new();
    for symbol in scoping.symbol_ids() {
        let flags = scoping.symbol_flags(symbol);
        let what = match () {
            () if flags.is_const_variable() => "a constant",
            () if flags.is_import() => "an import",
            () => continue,
        };
        for reference in scoping.get_resolved_references(symbol).filter(|reference| reference.is_write()) {
            let name = scoping.symbol_name(symbol);
            let start = semantic.nodes().kind(reference.node_id()).span().start;
            let message = format!("`{name}` is {what} and cannot be assigned");
            found.push(place.finding(Source::Static, start, "constant-assigned", message, true));
        }
    }
    found
}

/// Turns offsets of a text into findings.
struct Places<'a> {
    path: &'a str,
    text: &'a str,
    lines: LineStarts,
}

impl Places<'_> {
    fn finding(&self, source: Source, offset: u32, code: &str, message: String, blocking: bool) -> Finding {
        let line = self.lines.line(TextSize::new(offset));
        let column = self.lines.column(self.text, TextSize::new(offset));
        Finding { source, path: self.path.to_owned(), line, column, code: code.to_owned(), message, blocking }
    }

    fn syntax_error(&self, error: &OxcDiagnostic) -> Finding {
        // Of two declarations the second one is too many.
        let twice = error.message.ends_with("already been declared");
        let label = if twice { error.labels.last() } else { error.labels.first() };
        let start = label.map_or(0, oxc_span::LabeledSpan::offset);
        let help = error.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        self.finding(Source::Syntax, start, "syntax-error", format!("{}{help}", error.message), true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(path, text, None).into_iter().map(|f| format!("{}:{}:{}", f.line, f.column, f.code)).collect()
    }

    #[test]
    fn syntax_errors_are_found_in_every_dialect() {
        for path in ["a.js", "a.mjs", "a.cjs", "a.jsx", "a.ts", "a.tsx", "a.mts"] {
            assert_eq!(found(path, "export function f( {\n  return 1;\n}\n").len().min(1), 1, "{path}");
            assert_eq!(found(path, "let a = 1;\nlet a = 2;\n"), ["2:5:syntax-error"], "{path}");
        }
    }

    #[test]
    fn names_that_nothing_declares_are_found() {
        assert_eq!(found("a.ts", "export const a = (b: number) => b + total;\n"), ["1:37:undefined-name"]);
        assert_eq!(found("a.tsx", "export const A = () => <Card>{'x'}</Card>;\n"), ["1:25:undefined-name"]);
        assert_eq!(found("a.js", "const fs = require('fs');\nfs.read(path);\n"), ["2:9:undefined-name"]);
        let finding = &check("page.js", "load(other);\n", None)[0];
        assert!(!finding.blocking, "another script of the page may define it");
    }

    #[test]
    fn constants_and_imports_cannot_be_assigned() {
        let text = "import { a } from 'x';\nconst b = 1;\na = 2;\nb++;\nfor (const c of []) c = 1;\n";
        assert_eq!(found("a.js", text), ["3:1:constant-assigned", "4:1:constant-assigned", "5:21:constant-assigned"]);
    }

    #[test]
    fn valid_code_is_left_alone() {
        for (path, text) in [
            ("a.js", "import x from 'x';\nif (typeof y === 'function') x(y);\n"),
            ("a.js", "/* global angularApp, other:true */\nexport default angularApp(other);\n"),
            ("a.js", "var a = 1;\nvar a = 010;\nwith (a) { b }\n".split_once("with").map_or("", |(head, _)| head)),
            ("a.js", "module.exports = function () { return <p>{this.x}</p>; };\n"),
            ("a.cjs", "const a = require('a');\nif (!a) return;\nexports.b = __dirname;\n"),
            ("a.ts", "function f(a: string): void;\nfunction f(a: number): void;\nfunction f(a: any) {}\nf(1);\n"),
            ("a.ts", "declare const VERSION: string;\nexport const v: Whatever = VERSION as unknown;\n"),
            ("a.ts", "import type { A } from './a';\nexport type B = typeof missing;\nexport let a: A;\n"),
            ("a.ts", "interface A {}\ninterface A {}\nenum E { X }\nnamespace E { export const y = X; }\n"),
            ("a.d.ts", "export declare function f(a: Missing): void;\n"),
            ("a.test.ts", "describe('a', () => { it('b', () => { expect(1).toBe(1); vi.fn(); }); });\n"),
            ("a.js", "// @flow\nimport type { A } from 'a';\nfunction f(a: A) {}\n"),
            ("messages.ts", "<?xml version=\"1.0\"?>\n<TS></TS>\n"),
            ("a.mjs", "#!/usr/bin/env node\nawait import('x');\nlabel: for (;;) break label;\n"),
        ] {
            assert_eq!(found(path, text), [""; 0], "{path}: {text}");
        }
    }

    #[test]
    fn a_name_that_the_old_text_used_comes_from_somewhere() {
        let before = "export const a = () => ref(1);\n";
        let after = "export const a = () => ref(1);\nexport const b = () => ref(2) + reff(3);\n";
        let found = check("a.ts", after, Some(before));
        assert_eq!(found.iter().map(|f| (f.line, f.column)).collect::<Vec<_>>(), [(2, 33)]);
    }
}
