//! YAML: every document of a file, and keys that hide earlier ones.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser};

use super::super::Finding;
use super::{duplicate_key, syntax_error};

pub(super) fn problems(path: &str, text: &str) -> Vec<Finding> {
    if is_template(path, text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open: Vec<Collection> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(next) => next,
            Err(error) => {
                let place = error.marker();
                let (line, column) = inside(text, place.line(), place.col() + 1);
                found.push(syntax_error(path, line, column, format!("invalid YAML: {}", error.info())));
                break;
            }
        };
        match event {
            Event::Scalar(key, ..) => {
                // Merging several mappings is custom.
                if key != "<<" && open.last_mut().is_some_and(|collection| collection.repeats(&key)) {
                    let (line, column) = (span.start.line(), span.start.col() + 1);
                    found.push(duplicate_key(path, line, column, format!("the key occurs twice: {key}")));
                }
                passed(&mut open);
            }
            Event::Alias(_) => passed(&mut open),
            Event::MappingStart(..) => open.push(Collection::Mapping { keys: HashSet::new(), at_key: true }),
            Event::SequenceStart(..) => open.push(Collection::Sequence),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                passed(&mut open);
            }
            _ => {}
        }
    }
    found
}

enum Collection {
    Sequence,
    Mapping { keys: HashSet<String>, at_key: bool },
}

impl Collection {
    /// Whether a scalar is a key that this collection has already.
    fn repeats(&mut self, key: &str) -> bool {
        if let Self::Mapping { keys, at_key: true } = self { !keys.insert(key.to_owned()) } else { false }
    }
}

/// A node has ended: what comes next in its mapping is a value after a key, and a key after a value.
fn passed(open: &mut [Collection]) {
    if let Some(Collection::Mapping { at_key, .. }) = open.last_mut() {
        *at_key = !*at_key;
    }
}

/// Text that becomes YAML only when a template engine has run.
fn is_template(path: &str, text: &str) -> bool {
    text.contains("{%")
        || (path.contains("templates/") && text.contains("{{"))
        || text.lines().any(|line| line.trim_start().starts_with("{{"))
}

/// The end of the text is reported on the line after the last.
fn inside(text: &str, line: usize, column: usize) -> (usize, usize) {
    let lines = text.lines().count();
    if line <= lines {
        return (line, column);
    }
    (lines, text.lines().last().map_or(1, |last| last.chars().count()))
}
