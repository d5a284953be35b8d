//! The named things that a file defines, and where it uses names.
//!
//! Python by Ruff's parser, the other languages by tree-sitter; files in no known language have neither.

mod leaves;
mod occurrences;
mod python;
mod signature;
mod tags;

use std::sync::Arc;

use crate::languages::{Grammar, Unparsed};
use crate::python::is_python;

pub(crate) use occurrences::Occurrence;
pub use occurrences::Use;

/// A named thing that a file defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its own name.
    pub name: String,
    /// Its name below the file, in the language's own way: `Class.method`, `outer.<locals>.inner`,
    /// `Type::function`, `Module::Class#method`.
    pub qualified_name: String,
    /// What it is.
    pub kind: Kind,
    /// First line, decorators and attributes included, from 1.
    pub start: u32,
    /// Last line.
    pub end: u32,
    /// Line that holds the name.
    pub line: u32,
    /// The header on one line, without the body.
    pub signature: String,
    /// Whether it has a docstring or a comment directly before it.
    pub documented: bool,
}

macro_rules! kinds {
    ($($(#[$meaning:meta])+ $kind:ident = $word:literal,)+) => {
        /// The kinds of symbols.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$meaning])+ $kind,)+
        }

        impl Kind {
            /// The lower-case word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }

            /// The kind that a word names.
            pub(crate) fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A function outside a type.
    Function = "function",
    /// A function of a type.
    Method = "method",
    /// A class, record or object.
    Class = "class",
    /// An interface or protocol.
    Interface = "interface",
    /// A trait.
    Trait = "trait",
    /// A structure or union.
    Struct = "struct",
    /// An enumeration.
    Enum = "enum",
    /// A name for a type.
    Type = "type",
    /// A module or namespace.
    Module = "module",
    /// A name with a value that does not change.
    Constant = "constant",
    /// A name that is assigned outside functions.
    Variable = "variable",
    /// A property of a type that code can see.
    Property = "property",
    /// A macro.
    Macro = "macro",
}

impl Kind {
    /// Whether what is defined in it is a member of it.
    fn has_members(self) -> bool {
        matches!(self, Self::Class | Self::Interface | Self::Trait | Self::Struct | Self::Enum)
    }

    /// Whether it is a function of some kind.
    pub(crate) fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Method)
    }

    /// Whether it is a name for a value.
    pub(crate) fn is_value(self) -> bool {
        matches!(self, Self::Constant | Self::Variable | Self::Property)
    }
}

/// What one parse of a file gives.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What the file defines, in the order of the lines.
    pub(crate) symbols: Arc<[Symbol]>,
    /// Every name in its code, in order; none of those in strings and comments.
    pub(crate) occurrences: Box<[Occurrence]>,
    /// Why there is nothing, if the file could not be parsed.
    pub(crate) unparsed: Option<Unparsed>,
}

impl Facts {
    fn unparsed(why: Unparsed) -> Self {
        Self { unparsed: Some(why), ..Self::default() }
    }

    /// The innermost symbol that holds a line.
    pub(crate) fn enclosing(&self, line: u32) -> Option<&Symbol> {
        let holds = |symbol: &&Symbol| !symbol.kind.is_value() && (symbol.start..=symbol.end).contains(&line);
        self.symbols.iter().rev().find(holds)
    }
}

const MAX_SIGNATURE_CHARS: usize = 240;

/// The symbols of a file in the order of their lines. Files that do not parse give what could be parsed.
///
/// To be called on the threads of [`crate::workers`] only, as [`facts`].
pub(crate) fn of(path: &str, text: &str) -> Vec<Symbol> {
    facts(path, text).symbols.to_vec()
}

/// Symbols and uses of names of a file; nothing for a file in no known language.
///
/// To be called on the threads of [`crate::workers`] only: Ruff's parser needs their large stacks.
pub(crate) fn facts(path: &str, text: &str) -> Facts {
    let python = is_python(path);
    match Grammar::of(path, text.as_bytes()) {
        None if !python => Facts::default(),
        Some(grammar) if !python && grammar.name != "python" => {
            tags::facts(grammar, text).unwrap_or_else(Facts::unparsed)
        }
        _ => python::facts(path, text).unwrap_or_else(Facts::unparsed),
    }
}

/// Source on one line, cut where it would be a whole page.
fn folded(source: &str) -> String {
    let mut out = String::new();
    let mut left = MAX_SIGNATURE_CHARS;
    for word in source.split_whitespace() {
        let space = usize::from(!out.is_empty());
        let length = word.chars().count() + space;
        if space == 1 && left > 0 {
            out.push(' ');
        }
        if length > left {
            out.extend(word.chars().take(left.saturating_sub(space)));
            out.push('…');
            return out;
        }
        out.push_str(word);
        left -= length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_source_is_cut_where_its_line_would_be_too_long() {
        assert_eq!(folded("  def f(\n    a,\n  )  "), "def f( a, )");
        assert_eq!(folded(""), "");
        let words = "ab ".repeat(200);
        let whole = words.trim_end();
        assert_eq!(folded(&words), format!("{}…", &whole[..MAX_SIGNATURE_CHARS]));
        let exact = "x".repeat(MAX_SIGNATURE_CHARS);
        assert_eq!(folded(&exact), exact);
        assert_eq!(folded(&format!("{exact}y")), format!("{exact}…"));
    }
}
