//! A file's change, and what several checks need to know of it, each worked out once.

use std::collections::HashMap;
use std::sync::OnceLock;

use ruff_python_ast::ModModule;
use ruff_python_parser::Parsed;

use crate::language::{Language, State, line_states};
use crate::python::parse;

/// A file's change, as checks and guards see it.
///
/// To be made and dropped on the threads of [`crate::workers`] only: it holds syntax trees.
pub(crate) struct Change<'a> {
    pub(crate) path: &'a str,
    pub(crate) after: &'a str,
    pub(crate) before: Option<&'a str>,
    pub(crate) language: Language,
    new_lines: OnceLock<Vec<(u32, &'a str)>>,
    states: OnceLock<Vec<State>>,
    parsed: OnceLock<Option<Parsed<ModModule>>>,
    parsed_before: OnceLock<Option<Parsed<ModModule>>>,
}

impl<'a> Change<'a> {
    pub(crate) fn new(path: &'a str, after: &'a str, before: Option<&'a str>) -> Self {
        Self {
            path,
            after,
            before,
            language: Language::of(path),
            new_lines: OnceLock::new(),
            states: OnceLock::new(),
            parsed: OnceLock::new(),
            parsed_before: OnceLock::new(),
        }
    }

    /// The lines of the file that it did not hold before, with their numbers from 1. A line that now occurs
    /// more often than before is new in its last occurrences.
    pub(crate) fn new_lines(&self) -> &[(u32, &'a str)] {
        self.new_lines.get_or_init(|| new_lines(self.after, self.before.unwrap_or_default()))
    }

    /// Whether a line of the new text, counted from 1, was not there before.
    pub(crate) fn is_new(&self, line: u32) -> bool {
        self.new_lines().binary_search_by_key(&line, |(number, _)| *number).is_ok()
    }

    /// How many lines that are not blank the edit took away.
    pub(crate) fn removed_lines(&self) -> usize {
        new_lines(self.before.unwrap_or_default(), self.after)
            .iter()
            .filter(|(_, line)| !line.trim().is_empty())
            .count()
    }

    /// What each line of the new text begins in.
    pub(crate) fn states(&self) -> &[State] {
        self.states.get_or_init(|| line_states(self.after, self.language))
    }

    /// The syntax tree of the new text of a Python file; nothing if it is nested too deeply.
    pub(crate) fn parsed(&self) -> Option<&Parsed<ModModule>> {
        self.parsed.get_or_init(|| parse(self.path, self.after)).as_ref()
    }

    /// The syntax tree of the old text.
    pub(crate) fn parsed_before(&self) -> Option<&Parsed<ModModule>> {
        self.parsed_before.get_or_init(|| parse(self.path, self.before.unwrap_or_default())).as_ref()
    }
}

/// Lines of `after` that `before` does not have; with the texts exchanged, those that are gone.
fn new_lines<'a>(after: &'a str, before: &str) -> Vec<(u32, &'a str)> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let head = new.iter().zip(&old).take_while(|(a, b)| a == b).count();
    let tail = new[head..].iter().rev().zip(old[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for line in &old[head..old.len() - tail] {
        *known.entry(line.trim()).or_default() += 1;
    }
    let mut fresh = Vec::new();
    for (at, line) in new.iter().enumerate().take(new.len() - tail).skip(head) {
        match known.get_mut(line.trim()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => fresh.push((at as u32 + 1, *line)),
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_were_there_are_not_new_wherever_they_stand() {
        assert_eq!(new_lines("a\nb\n", ""), [(1, "a"), (2, "b")]);
        assert_eq!(new_lines("b\n  a\nc\n", "a\nb\n"), [(3, "c")]);
        assert_eq!(new_lines("a\na\na\n", "a\na\n"), [(3, "a")]);
        assert_eq!(new_lines("a\nx\nb\n", "a\nb\n"), [(2, "x")]);
        assert_eq!(new_lines("a\n", "a\nb\n"), []);
    }
}
