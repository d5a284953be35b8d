//! The languages that are parsed: one entry in `table.rs` and one query in `tags/` for each.
//!
//! Python's symbols come from Ruff's parser, which is exact; its grammar here serves structural patterns only.

mod parse;
mod table;

use std::sync::OnceLock;

use tree_sitter::{Language, Query};

pub(crate) use parse::{Unparsed, time_of};
use table::GRAMMARS;

/// What there is to know of a language to find its symbols and to match its structure.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// The lower-case name that callers use.
    pub(crate) name: &'static str,
    /// Other names by which it is asked for.
    aliases: &'static [&'static str],
    /// Endings of file names.
    endings: &'static [&'static str],
    /// Whole file names.
    file_names: &'static [&'static str],
    /// Programs that a `#!` line names.
    interpreters: &'static [&'static str],
    load: fn() -> Language,
    /// Queries that name definitions, imports and calls.
    tags: &'static [&'static str],
    /// Kinds of leaves that are names.
    identifiers: &'static [&'static str],
    /// What joins a name to the name of what it is defined in.
    pub(crate) joints: Joints,
    /// The character that stands for `$` in a structural pattern: one that the grammar takes for a letter.
    pub(crate) expando: char,
    /// Where a structural pattern may stand.
    pub(crate) contexts: Contexts,
    language: OnceLock<Language>,
    prepared: OnceLock<Prepared>,
}

/// Source around a structural pattern that makes it parse; the first that fits is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contexts {
    /// For expressions and statements.
    pub(crate) pieces: &'static [(&'static str, &'static str)],
    /// For what ends with a brace: a definition would not be one everywhere.
    pub(crate) blocks: &'static [(&'static str, &'static str)],
}

/// What joins the parts of a qualified name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joints {
    /// Before a type, module or function.
    pub(crate) scope: &'static str,
    /// Before a method or property.
    pub(crate) member: &'static str,
}

/// A grammar's query, compiled.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) tags: Query,
    /// For each capture of the query what it means.
    pub(crate) captures: Vec<Capture>,
    /// For each kind of node what its text is.
    leaves: Vec<Leaf>,
}

/// What a capture of a tags query marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capture {
    /// A whole definition of this kind.
    Definition(crate::outline::Kind),
    /// A region that adds a name to what is defined in it, such as `impl`.
    Scope,
    /// The name of a definition or scope.
    Name,
    /// What begins behind the header of a definition.
    Body,
    /// The type that a method stated outside of it belongs to.
    Owner,
    /// A name that is defined but no symbol, such as a field.
    Defines,
    /// A whole import.
    Import,
    /// The name of what is called.
    Call,
    /// Used by the query's own conditions.
    Ignored,
}

/// What the text of a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// A name.
    Identifier,
    /// A comment, which may document what follows it.
    Comment,
    /// An attribute or decorator that stands before what it belongs to.
    Attribute,
    /// Source that the grammar leaves unparsed, such as the body of a macro.
    Unparsed,
    /// Anything else.
    Other,
}

impl Grammar {
    /// The language of a file, from its name, else from its first line; `.h` is C unless it looks like C++.
    pub(crate) fn of(path: &str, text: &[u8]) -> Option<&'static Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(named) = GRAMMARS.iter().find(|grammar| grammar.file_names.contains(&name)) {
            return Some(named);
        }
        match name.rsplit_once('.') {
            Some((_, "h")) if is_cpp(text) => Self::named("cpp"),
            Some((stem, ending)) if !stem.is_empty() => {
                let ending = ending.to_ascii_lowercase();
                GRAMMARS.iter().find(|grammar| grammar.endings.contains(&ending.as_str()))
            }
            _ => by_first_line(text),
        }
    }

    /// A language by name or alias, in any case.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        let name = name.trim().trim_start_matches('.').to_ascii_lowercase();
        let known = |grammar: &&Self| grammar.name == name || grammar.aliases.contains(&name.as_str());
        GRAMMARS.iter().find(known).or_else(|| GRAMMARS.iter().find(|grammar| grammar.endings.contains(&name.as_str())))
    }

    /// All languages of this build, in the order of the table.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        GRAMMARS.iter()
    }

    /// A language by name with its dialects: TypeScript is written in `.tsx` files too.
    pub(crate) fn family(name: &str) -> Option<Vec<&'static Self>> {
        let grammar = Self::named(name)?;
        let dialect = if grammar.name == "typescript" { Self::named("tsx") } else { None };
        Some(std::iter::once(grammar).chain(dialect).collect())
    }

    /// The loaded grammar.
    pub(crate) fn language(&self) -> &Language {
        self.language.get_or_init(self.load)
    }

    /// The compiled query; compiling happens at the first call and takes milliseconds.
    pub(crate) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| {
            let language = self.language();
            let tags = Query::new(language, &self.tags.concat()).expect("the language's own query fits its grammar");
            let captures = tags.capture_names().iter().map(|name| capture(name)).collect();
            let leaves = (0..language.node_kind_count()).map(|id| self.leaf(language, id as u16)).collect();
            Prepared { tags, captures, leaves }
        })
    }

    fn leaf(&self, language: &Language, id: u16) -> Leaf {
        let kind = language.node_kind_for_id(id).unwrap_or_default();
        match kind {
            "preproc_arg" => Leaf::Unparsed,
            _ if !language.node_kind_is_named(id) => Leaf::Other,
            _ if self.identifiers.contains(&kind) => Leaf::Identifier,
            "attribute_item" | "decorator" => Leaf::Attribute,
            "comment" | "line_comment" | "block_comment" | "multiline_comment" => Leaf::Comment,
            _ => Leaf::Other,
        }
    }
}

impl PartialEq for Grammar {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Prepared {
    pub(crate) fn leaf(&self, kind: u16) -> Leaf {
        self.leaves.get(usize::from(kind)).copied().unwrap_or(Leaf::Other)
    }
}

fn capture(name: &str) -> Capture {
    use crate::outline::Kind;
    if let Some(kind) = name.strip_prefix("definition.") {
        return Capture::Definition(Kind::named(kind).expect("a query names kinds of symbols only"));
    }
    match name {
        "scope" => Capture::Scope,
        "name" => Capture::Name,
        "body" => Capture::Body,
        "owner" => Capture::Owner,
        "defines" => Capture::Defines,
        "import" => Capture::Import,
        "call" => Capture::Call,
        _ => Capture::Ignored,
    }
}

/// Headers are C as long as nothing in them is C++ only.
fn is_cpp(text: &[u8]) -> bool {
    ["namespace ", "template <", "template<", "class ", "public:", "private:", "constexpr ", "using "]
        .iter()
        .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// `#!/usr/bin/env -S bash -e` names bash.
fn by_first_line(text: &[u8]) -> Option<&'static Grammar> {
    let line = text.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let program = line.split_whitespace().map(|part| part.rsplit('/').next().unwrap_or(part));
    let name = program.into_iter().find(|part| *part != "env" && !part.starts_with('-'))?;
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    GRAMMARS.iter().find(|grammar| grammar.interpreters.contains(&bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str, text: &str) -> Option<&'static str> {
        Grammar::of(path, text.as_bytes()).map(|grammar| grammar.name)
    }

    #[test]
    fn every_grammar_loads_with_its_query() {
        for grammar in GRAMMARS.iter() {
            let prepared = grammar.prepared();
            assert!(grammar.tags.is_empty() || prepared.tags.pattern_count() > 5, "{}", grammar.name);
            for kind in grammar.identifiers {
                assert_ne!(grammar.language().id_for_node_kind(kind, true), 0, "{} has no {kind}", grammar.name);
            }
        }
    }

    #[test]
    fn a_language_is_known_by_ending_name_and_first_line() {
        assert_eq!(name("src/a.TS", ""), Some("typescript"));
        assert_eq!(name("Gemfile", ""), Some("ruby"));
        assert_eq!(name("bin/run", "#!/usr/bin/env -S python3.11 -u\n"), Some("python"));
        assert_eq!(name("bin/run", "#!/bin/sh\n"), Some("bash"));
        assert_eq!(name(".bashrc", ""), Some("bash"));
        assert_eq!(name("a.h", "int total(void);\n"), Some("c"));
        assert_eq!(name("a.h", "namespace shop {}\n"), Some("cpp"));
        assert_eq!(name("notes.txt", "#!/bin/sh\n"), None);
        assert_eq!(name("LICENSE", "text"), None);
    }

    #[test]
    fn a_language_is_asked_for_by_name_alias_or_ending() {
        for (asked, found) in
            [("Rust", "rust"), ("js", "javascript"), (".py", "python"), ("c++", "cpp"), ("C#", "csharp")]
        {
            assert_eq!(Grammar::named(asked).map(|grammar| grammar.name), Some(found));
        }
        assert!(Grammar::named("cobol").is_none());
    }
}
