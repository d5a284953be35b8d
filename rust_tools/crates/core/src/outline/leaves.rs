//! What the leaves of a syntax tree hold: names, comments, and source that the grammar leaves unparsed.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::languages::{Leaf, Prepared};

/// What one walk over a tree finds.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    /// Names in code, in order.
    pub(super) names: Vec<Range<usize>>,
    /// Last lines, from 0, of comments that begin their line.
    comments: BTreeSet<usize>,
    /// First line of attributes and decorators by their last line.
    attributes: HashMap<usize, usize>,
}

impl Leaves {
    /// The first line of what begins at a line, with the attributes before it.
    pub(super) fn with_attributes(&self, mut line: usize) -> usize {
        while let Some(first) = line.checked_sub(1).and_then(|above| self.attributes.get(&above)) {
            line = *first;
        }
        line
    }

    /// Whether a comment ends on the line above.
    pub(super) fn is_comment_above(&self, line: usize) -> bool {
        line.checked_sub(1).is_some_and(|above| self.comments.contains(&above))
    }
}

/// Walks over all nodes, deep trees included: nothing here recurses.
pub(super) fn leaves(prepared: &Prepared, tree: &Tree, text: &str) -> Leaves {
    let mut leaves = Leaves::default();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let leaf = prepared.leaf(node.kind_id());
        leaves.take(leaf, node, text);
        if matches!(leaf, Leaf::Other | Leaf::Attribute) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return leaves;
            }
        }
    }
}

impl Leaves {
    fn take(&mut self, leaf: Leaf, node: Node<'_>, text: &str) {
        match leaf {
            Leaf::Identifier => {
                let range = node.byte_range();
                // Ruby's symbols begin with a colon that is no part of the name.
                let colon = usize::from(range.len() > 1 && text.as_bytes().get(range.start) == Some(&b':'));
                if !range.is_empty() {
                    self.names.push(range.start + colon..range.end);
                }
            }
            Leaf::Comment if begins_line(text, node.start_byte()) => drop(self.comments.insert(last_line(node))),
            Leaf::Attribute => drop(self.attributes.insert(last_line(node), node.start_position().row)),
            Leaf::Unparsed => words(text, node.byte_range(), &mut self.names),
            Leaf::Comment | Leaf::Other => {}
        }
    }
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before[before.rfind('\n').map_or(0, |end| end + 1)..].trim().is_empty()
}

fn last_line(node: Node<'_>) -> usize {
    let end = node.end_position();
    if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row }
}

/// Names in source without a tree, such as the body of a macro: words outside quotes.
fn words(text: &str, range: Range<usize>, names: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let is_word = |at: usize| at < range.end && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    let mut at = range.start;
    while at < range.end {
        let start = at;
        at += 1;
        match bytes[start] {
            quote @ (b'"' | b'\'') => {
                while at < range.end && bytes[at] != quote {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at += 1;
            }
            _ if is_word(start) => {
                while is_word(at) {
                    at += 1;
                }
                if !bytes[start].is_ascii_digit() {
                    names.push(start..at);
                }
            }
            _ => {}
        }
    }
}
