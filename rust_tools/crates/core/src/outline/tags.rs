//! Symbols and uses of names of the languages that tree-sitter parses, as their tags queries mark them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{ControlFlow, Range};
use std::time::Instant;

use tree_sitter::{Node, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator as _, Tree};

use super::leaves::{Leaves, leaves};
use super::signature::signature;
use super::{Facts, Kind, Occurrence, Symbol, Use};
use crate::languages::{Capture, Grammar, Unparsed, time_of};

pub(super) fn facts(grammar: &Grammar, text: &str) -> Result<Facts, Unparsed> {
    let tree = grammar.parse(text)?;
    let mut marks = Marks::of(grammar, &tree, text)?;
    let leaves = leaves(grammar.prepared(), &tree, text);
    let nesting = Nesting { grammar, text, leaves: &leaves, open: Vec::new(), values: HashSet::new() };
    let symbols = nesting.symbols(&mut marks);
    let occurrences = occurrences(&marks, &leaves, text).into();
    Ok(Facts { symbols: symbols.into(), occurrences, unparsed: None })
}

/// What a query marks in a file.
#[derive(Default)]
struct Marks {
    /// Definitions and scopes by the place of their name, or of themselves where they have none.
    definitions: BTreeMap<usize, Definition>,
    imports: Vec<Range<usize>>,
    /// Names with a role, by their first byte.
    roles: HashMap<usize, (usize, Use)>,
}

struct Definition {
    /// What it is; nothing for a scope, which is no symbol itself.
    kind: Option<Kind>,
    lines: Range<usize>,
    bytes: Range<usize>,
    name: Range<usize>,
    name_line: usize,
    owner: Option<Range<usize>>,
    body: Option<usize>,
    /// Number of the pattern; earlier ones of a query say more.
    pattern: usize,
}

impl Marks {
    fn of(grammar: &Grammar, tree: &Tree, text: &str) -> Result<Self, Unparsed> {
        let prepared = grammar.prepared();
        let mut marks = Self::default();
        let deadline = Instant::now() + time_of(text.len());
        let mut late = |_: &QueryCursorState| {
            if Instant::now() > deadline { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = QueryCursorOptions::new().progress_callback(&mut late);
        let mut cursor = QueryCursor::new();
        let mut matches = cursor.matches_with_options(&prepared.tags, tree.root_node(), text.as_bytes(), options);
        while let Some(found) = matches.next() {
            let mut parts = Parts::default();
            for capture in found.captures() {
                let node = capture.node;
                match prepared.captures[capture.index as usize] {
                    Capture::Definition(kind) => parts.whole = Some((Some(kind), node)),
                    Capture::Scope => parts.whole = Some((None, node)),
                    Capture::Name => parts.name = Some(node),
                    Capture::Body => parts.body = Some(node.start_byte()),
                    Capture::Owner => parts.owner = Some(node.byte_range()),
                    Capture::Import => marks.imports.push(node.byte_range()),
                    Capture::Defines => marks.mark(node, text, Use::Definition),
                    Capture::Call => marks.mark(node, text, Use::Call),
                    Capture::Ignored => {}
                }
            }
            if let Some(definition) = parts.definition(text, found.pattern_index) {
                marks.define(definition);
            }
        }
        if Instant::now() > deadline {
            return Err(Unparsed::TooSlow);
        }
        marks.imports.sort_by_key(|range| (range.start, range.end));
        // `const fs = require("fs")` imports a name and defines none.
        let imported: Vec<usize> = marks.definitions.keys().copied().filter(|at| marks.is_import(*at)).collect();
        for at in imported {
            marks.definitions.remove(&at);
        }
        Ok(marks)
    }

    fn mark(&mut self, node: Node<'_>, text: &str, role: Use) {
        if node.child_count() == 0 || role == Use::Definition {
            let name = name_of(node, text);
            let known = self.roles.entry(name.start).or_insert((name.end, role));
            known.1 = known.1.min(role);
        }
    }

    fn define(&mut self, definition: Definition) {
        let at = definition.name.start;
        let rank = |it: &Definition| (it.pattern, it.body.is_none());
        match self.definitions.get(&at) {
            Some(known) if rank(known) <= rank(&definition) => {}
            _ => drop(self.definitions.insert(at, definition)),
        }
    }

    fn is_import(&self, at: usize) -> bool {
        let after = self.imports.partition_point(|range| range.start <= at);
        // Imports do not nest deeply: a look at the last few that begin before is enough.
        self.imports[..after].iter().rev().take(4).any(|range| range.contains(&at))
    }
}

/// What one match of a query captured.
#[derive(Default)]
struct Parts<'tree> {
    whole: Option<(Option<Kind>, Node<'tree>)>,
    name: Option<Node<'tree>>,
    body: Option<usize>,
    owner: Option<Range<usize>>,
}

impl Parts<'_> {
    fn definition(self, text: &str, pattern: usize) -> Option<Definition> {
        let (kind, node) = self.whole?;
        let name = match self.name {
            Some(name) => name_of(name, text),
            None if kind.is_none() => node.start_byte()..node.start_byte(),
            None => return None,
        };
        if kind.is_some() && name.is_empty() {
            return None; // the parser put in a name that is missing
        }
        let end = node.end_position();
        let last = if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row };
        Some(Definition {
            kind,
            lines: node.start_position().row..last,
            bytes: node.byte_range(),
            name_line: self.name.map_or(0, |name| name.start_position().row),
            name,
            owner: self.owner,
            body: self.body,
            pattern,
        })
    }
}

/// A name without the colon of Ruby's symbols.
fn name_of(node: Node<'_>, text: &str) -> Range<usize> {
    let range = node.byte_range();
    let symbol = range.len() > 1 && text.as_bytes().get(range.start) == Some(&b':');
    range.start + usize::from(symbol)..range.end
}

fn occurrences(marks: &Marks, leaves: &Leaves, text: &str) -> Vec<Occurrence> {
    let named = leaves.names.iter().map(|name| (name.start, name.end));
    let marked = marks.roles.iter().map(|(start, (end, _))| (*start, *end));
    let mut all: Vec<(usize, usize)> = marked.chain(named).collect();
    all.sort_unstable();
    all.dedup_by_key(|(start, _)| *start);
    let role = |start: usize, end: usize| match marks.roles.get(&start) {
        Some((_, Use::Definition)) => Use::Definition,
        _ if marks.is_import(start) => Use::Import,
        Some((_, role)) => *role,
        None if text.as_bytes().get(end) == Some(&b'(') => Use::Call,
        None => Use::Other,
    };
    all.into_iter().filter_map(|(start, end)| Occurrence::new(start, end, role(start, end))).collect()
}

/// Turns definitions into symbols with qualified names by what they lie in.
struct Nesting<'a> {
    grammar: &'a Grammar,
    text: &'a str,
    leaves: &'a Leaves,
    open: Vec<Open>,
    /// Qualified names of variables that are known: the first assignment counts.
    values: HashSet<String>,
}

/// Something that encloses the definitions that follow.
struct Open {
    end: usize,
    name: String,
    members: bool,
    function: bool,
}

impl Nesting<'_> {
    /// The symbols; the places of their names are marked as definitions.
    fn symbols(mut self, marks: &mut Marks) -> Vec<Symbol> {
        let mut ordered: Vec<&Definition> = marks.definitions.values().collect();
        ordered.sort_by_key(|definition| {
            (definition.bytes.start, std::cmp::Reverse(definition.bytes.end), definition.name.start)
        });
        let mut symbols = Vec::new();
        for definition in ordered {
            if let Some(symbol) = self.symbol(definition) {
                marks.roles.insert(definition.name.start, (definition.name.end, Use::Definition));
                symbols.push(symbol);
            }
        }
        symbols.sort_by_key(|symbol: &Symbol| symbol.start);
        symbols
    }

    fn symbol(&mut self, definition: &Definition) -> Option<Symbol> {
        while self.open.last().is_some_and(|open| open.end <= definition.bytes.start) {
            self.open.pop();
        }
        let name = self.text.get(definition.name.clone())?;
        let Some(kind) = definition.kind else {
            let name = self.qualified(name, self.grammar.joints.scope, None);
            self.open.push(Open { end: definition.bytes.end, name, members: true, function: false });
            return None;
        };
        let outer = self.open.last();
        if kind.is_value() && self.open.iter().any(|open| open.function) {
            return None;
        }
        let owner = definition.owner.clone().and_then(|range| self.text.get(range));
        let kind = in_its_place(kind, owner.is_some() || outer.is_some_and(|open| open.members));
        let is_member = matches!(kind, Kind::Method | Kind::Property);
        let joint = match &definition.owner {
            Some(owner) if is_joint(self.text.get(owner.end..definition.name.start)) => {
                &self.text[owner.end..definition.name.start]
            }
            _ if is_member => self.grammar.joints.member,
            _ => self.grammar.joints.scope,
        };
        let qualified_name = self.qualified(name, joint, owner);
        if kind.is_value() && !self.values.insert(qualified_name.clone()) {
            return None;
        }
        if !kind.is_value() && kind != Kind::Type {
            self.open.push(Open {
                end: definition.bytes.end,
                name: qualified_name.clone(),
                members: kind.has_members(),
                function: kind.is_function(),
            });
        }
        let start = self.leaves.with_attributes(definition.lines.start);
        Some(Symbol {
            name: name.to_owned(),
            qualified_name,
            kind,
            start: start as u32 + 1,
            end: definition.lines.end as u32 + 1,
            line: definition.name_line as u32 + 1,
            signature: self.signature(definition, name),
            documented: self.leaves.is_comment_above(start),
        })
    }

    fn signature(&self, definition: &Definition, name: &str) -> String {
        let header = signature(self.text, definition.bytes.start, definition.body.unwrap_or(definition.bytes.end));
        // C names a type behind its body: `typedef struct { … } name`.
        let behind = definition.body.is_some_and(|body| body < definition.name.start);
        if behind { format!("{header} {{ … }} {name}") } else { header }
    }

    fn qualified(&self, name: &str, joint: &str, owner: Option<&str>) -> String {
        let outer = self.open.last().map_or("", |open| open.name.as_str());
        let scope = self.grammar.joints.scope;
        let prefix = match (outer, owner) {
            (outer, None) => outer.to_owned(),
            ("", Some(owner)) => owner.to_owned(),
            (outer, Some(owner)) => format!("{outer}{scope}{owner}"),
        };
        match (prefix.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => prefix,
            (false, false) => format!("{prefix}{joint}{name}"),
        }
    }
}

/// Whether source between an owner and a name does nothing but join them.
fn is_joint(between: Option<&str>) -> bool {
    matches!(between, Some("." | ":" | "::"))
}

/// Functions of types are methods, and methods of nothing are functions; variables likewise.
fn in_its_place(kind: Kind, member: bool) -> Kind {
    match kind {
        Kind::Function if member => Kind::Method,
        Kind::Method if !member => Kind::Function,
        Kind::Variable if member => Kind::Property,
        Kind::Property if !member => Kind::Variable,
        kind => kind,
    }
}
