//! Structural patterns: source with holes (`$NAME`, `$_`, `$$$NAMES`), parsed by the language's own grammar.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ast_grep_core::matcher::{PatternBuilder, PatternNode};
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::replacer::TemplateFix;
use ast_grep_core::source::{Doc as _, Edit};
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage, Visitor};
use ast_grep_core::{AstGrep, Language, Node, NodeMatch, Pattern, PatternError};

use super::holes::{hole, with_closed_holes, with_expando};
use crate::languages::{Grammar, Unparsed};

/// A longer pattern is no pattern.
const MAX_PATTERN_BYTES: usize = 20_000;

/// A language as ast-grep's matcher wants to see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holed(&'static Grammar);

impl Language for Holed {
    fn pre_process_pattern<'q>(&self, pattern: &'q str) -> Cow<'q, str> {
        with_expando(pattern, self.0.expando)
    }

    fn expando_char(&self) -> char {
        self.0.expando
    }

    fn extract_meta_var(&self, source: &str) -> Option<MetaVariable> {
        hole(source, self.0.expando)
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.0.language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.0.language().field_id_for_name(field).map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|source| StrDoc::try_new(source, *self))
    }
}

impl LanguageExt for Holed {
    fn get_ts_language(&self) -> TSLanguage {
        self.0.language().clone()
    }
}

/// A pattern that fits a language.
pub(super) struct Compiled {
    language: Holed,
    pattern: Pattern,
    /// Texts that every match holds: files without them need not be parsed.
    literals: Vec<String>,
}

/// One place that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) range: Range<usize>,
    /// What each hole holds, by its name without `$`.
    pub(super) captures: BTreeMap<String, String>,
}

/// What replaces part of a text.
pub(super) struct Replacement {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Compiled {
    /// The pattern in one language; else a sentence that says what is wrong with it.
    pub(super) fn new(pattern: &str, grammar: &'static Grammar) -> Result<Self, String> {
        let pattern = pattern.trim();
        if pattern.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes"));
        }
        let language = Holed(grammar);
        let tries = tries(&with_expando(pattern, grammar.expando), grammar);
        // A pattern that is whole in some place is preferred to one that the parser had to complete.
        let parsed = [false, true].into_iter().find_map(|lenient| {
            tries.iter().find_map(|(source, context)| in_context(source, *context, language, lenient))
        });
        let Some(pattern) = parsed else {
            return Err(format!(
                "{pattern:?} is no expression, statement or definition of {}; give one whole piece of source, with $NAME for any one part and $$$NAMES for any number of them",
                grammar.name
            ));
        };
        match &pattern.node {
            PatternNode::MetaVar { .. } => Err("the pattern is one hole, which matches everything".to_owned()),
            node => {
                let mut literals = BTreeSet::new();
                collect_literals(node, &mut literals);
                Ok(Self { language, literals: literals.into_iter().collect(), pattern })
            }
        }
    }

    /// Whether a text may hold a match.
    pub(super) fn may_match(&self, text: &[u8]) -> bool {
        self.literals.iter().all(|literal| memchr::memmem::find(text, literal.as_bytes()).is_some())
    }

    /// Names of the holes that can be used in a replacement.
    pub(super) fn holes(&self) -> BTreeSet<String> {
        self.pattern.defined_vars().into_iter().map(str::to_owned).collect()
    }

    /// All matches in a text, those inside of others too.
    pub(super) fn matches(&self, text: &str) -> Result<Vec<Found>, Unparsed> {
        let tree = self.parse(text)?;
        let matches = Visitor::new(&self.pattern).visit(tree.root());
        let mut found: Vec<Found> = matches.map(|it| Found { range: it.range(), captures: captures(&it) }).collect();
        found.dedup_by(|a, b| a.range == b.range);
        Ok(found)
    }

    /// Replaces the outermost matches in a text.
    pub(super) fn replacements(&self, text: &str, template: &TemplateFix) -> Result<Vec<Replacement>, Unparsed> {
        let tree = self.parse(text)?;
        let matches = Visitor::new(&self.pattern).reentrant(false).visit(tree.root());
        let edits = matches.map(|it| it.replace_by(template));
        let replacements = edits.map(|Edit { position, deleted_length, inserted_text }| Replacement {
            range: position..position + deleted_length,
            text: String::from_utf8_lossy(&inserted_text).into_owned(),
        });
        Ok(replacements.collect())
    }

    /// A replacement with holes; a sentence if it uses one that the pattern does not have.
    pub(super) fn template(&self, replacement: &str) -> Result<TemplateFix, String> {
        let template = TemplateFix::try_new(replacement, &self.language).map_err(|error| error.to_string())?;
        let holes = self.holes();
        match template.used_vars().into_iter().find(|name| !holes.contains(*name)) {
            Some(unknown) => Err(format!("the replacement uses ${unknown}, which the pattern does not capture")),
            None => Ok(template),
        }
    }

    fn parse(&self, text: &str) -> Result<AstGrep<StrDoc<Holed>>, Unparsed> {
        let tree = self.language.0.parse(text)?;
        Ok(AstGrep::doc(StrDoc { src: text.to_owned(), lang: self.language, tree }))
    }
}

/// Forms of a pattern and places to parse it in, the likeliest first.
fn tries(source: &str, grammar: &Grammar) -> Vec<(String, (&'static str, &'static str))> {
    let contexts = if source.ends_with('}') { grammar.contexts.blocks } else { grammar.contexts.pieces };
    let closed = with_closed_holes(source, grammar.expando);
    let forms = std::iter::once(source.to_owned()).chain(closed);
    forms.flat_map(|form| contexts.iter().map(move |context| (form.clone(), *context))).collect()
}

/// The pattern as it parses between two pieces of source, if that gives one node without errors.
fn in_context(source: &str, (before, after): (&str, &str), language: Holed, lenient: bool) -> Option<Pattern> {
    let text = format!("{before}{source}{after}");
    let tree = language.0.parse(&text).ok()?;
    if tree.root_node().has_error() && !lenient {
        return None;
    }
    let root = AstGrep::doc(StrDoc { src: text, lang: language, tree });
    let wanted = before.len()..before.len() + source.len();
    let broken = |node: &Node<'_, StrDoc<Holed>>| node.is_error() && language.extract_meta_var(&node.text()).is_none();
    let whole = root.root();
    if whole.dfs().any(|node| broken(&node)) {
        return None;
    }
    let mut node = whole.dfs().find(|node| trimmed(node) == wanted)?;
    // `f($A)` is an expression in a statement: the innermost node of this extent is meant.
    while let Some(only) = only_child(&node) {
        node = only;
    }
    // The whole file is what several statements have in common, and no pattern.
    node.parent().is_some().then(|| Pattern::from(node))
}

/// The extent of a node without white space at its end, which some grammars count in.
fn trimmed(node: &Node<'_, StrDoc<Holed>>) -> Range<usize> {
    let range = node.range();
    let text = node.get_doc().get_source().get(range.clone()).unwrap_or_default();
    range.start + (text.len() - text.trim_start().len())..range.start + text.trim_end().len()
}

fn only_child<'t>(node: &Node<'t, StrDoc<Holed>>) -> Option<Node<'t, StrDoc<Holed>>> {
    let mut children = node.children().filter(|child| !child.is_missing() && !child.range().is_empty());
    let first = children.next()?;
    (children.next().is_none() && trimmed(&first) == trimmed(node)).then_some(first)
}

/// Words that stand in the pattern itself.
fn collect_literals(node: &PatternNode, literals: &mut BTreeSet<String>) {
    match node {
        PatternNode::MetaVar { .. } => {}
        PatternNode::Terminal { text, is_named, .. } => {
            if *is_named && text.len() > 1 {
                literals.insert(text.clone());
            }
        }
        PatternNode::Internal { children, .. } => children.iter().for_each(|child| collect_literals(child, literals)),
    }
}

fn captures(found: &NodeMatch<'_, StrDoc<Holed>>) -> BTreeMap<String, String> {
    let holes = found.get_env();
    let text = |variable: MetaVariable| match variable {
        MetaVariable::Capture(name, _) => {
            let text = holes.get_match(&name)?.text().into_owned();
            Some((name, text))
        }
        MetaVariable::MultiCapture(name) => {
            let nodes = holes.get_multiple_matches(&name);
            let text = match (nodes.first(), nodes.last()) {
                (Some(first), Some(last)) => {
                    let source = first.get_doc().get_source();
                    source.get(first.range().start..last.range().end).unwrap_or_default().to_owned()
                }
                _ => String::new(),
            };
            Some((name, text))
        }
        MetaVariable::Dropped(_) | MetaVariable::Multiple => None,
    };
    holes.get_matched_variables().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(language: &str, pattern: &str, text: &str) -> Vec<String> {
        let grammar = Grammar::named(language).expect("a language");
        let compiled = Compiled::new(pattern, grammar).expect("a pattern");
        assert!(compiled.may_match(text.as_bytes()), "{language}: {:?}", compiled.literals);
        let found = compiled.matches(text).expect("a tree");
        found.into_iter().map(|it| format!("{} {:?}", &text[it.range], it.captures)).collect()
    }

    #[test]
    fn calls_and_definitions_are_matched_in_every_language() {
        for (language, text, definition) in [
            ("python", "def run(a, b):\n    load(1, x)\n", "def $F($$$ARGS):\n    $$$BODY"),
            ("javascript", "function run(a, b) { load(1, x); }\n", "function $F($$$ARGS) { $$$BODY }"),
            ("typescript", "function run(a: A): B { load(1, x); }\n", "function $F($$$ARGS): $T { $$$BODY }"),
            ("tsx", "function run(a: A) { load(1, x); }\n", "function $F($$$ARGS) { $$$BODY }"),
            ("rust", "fn run(a: A) { load(1, x); }\n", "fn $F($$$ARGS) { $$$BODY }"),
            ("go", "package a\n\nfunc run(a A) { load(1, x) }\n", "func $F($$$ARGS) { $$$BODY }"),
            ("java", "class A { void run(int a) { load(1, x); } }\n", "void $F($$$ARGS) { $$$BODY }"),
            ("c", "int run(int a) { load(1, x); }\n", "int $F($$$ARGS) { $$$BODY }"),
            ("cpp", "int run(int a) { load(1, x); }\n", "int $F($$$ARGS) { $$$BODY }"),
            ("csharp", "class A { void run(int a) { load(1, x); } }\n", "void $F($$$ARGS) { $$$BODY }"),
            ("ruby", "def run(a)\n  load(1, x)\nend\n", "def $F($$$ARGS)\n  $$$BODY\nend"),
            ("php", "<?php\nfunction run($a) { load(1, $x); }\n", "function $F($$$ARGS) { $$$BODY }"),
            ("bash", "run() { load 1 x; }\n", "$F() { $$$BODY }"),
            ("kotlin", "fun run(a: A) { load(1, x) }\n", "fun $F($$$ARGS) { $$$BODY }"),
            ("swift", "func run(a: A) { load(1, x) }\n", "func $F($$$ARGS) { $$$BODY }"),
            ("lua", "function run(a)\n  load(1, x)\nend\n", "function $F($$$ARGS)\n  $$$BODY\nend"),
        ] {
            let call = if language == "bash" { "load $A $B" } else { "load($A, $B)" };
            let calls = found(language, call, text);
            assert!(calls.len() == 1 && calls[0].starts_with("load"), "{language}: {calls:?}");
            assert!(calls[0].contains("\"A\": \"1\""), "{language}: {calls:?}");
            let definitions = found(language, definition, text);
            assert!(definitions.len() == 1 && definitions[0].contains("\"F\": \"run\""), "{language}: {definitions:?}");
        }
    }

    #[test]
    fn holes_of_one_name_hold_the_same() {
        assert_eq!(found("python", "$A == $A", "x == x\nx == y\n").len(), 1);
        assert_eq!(
            found("javascript", "f($$$A)", "f(); f(1, 2); f(f(3))"),
            ["f() {\"A\": \"\"}", "f(1, 2) {\"A\": \"1, 2\"}", "f(f(3)) {\"A\": \"f(3)\"}", "f(3) {\"A\": \"3\"}",]
        );
    }

    #[test]
    fn what_is_no_pattern_says_what_to_do() {
        let refused = |pattern: &str, language: &str| {
            Compiled::new(pattern, Grammar::named(language).expect("a language")).err().unwrap_or_default()
        };
        assert!(refused("def $F(", "python").contains("is no expression, statement or definition of python"));
        assert!(refused("$A", "python").contains("matches everything"));
        assert!(refused("$$$A", "rust").contains("matches everything"));
        assert!(refused("  ", "rust").contains("empty"));
        assert!(refused("f(); g()", "javascript").contains("one whole piece"));
    }
}
