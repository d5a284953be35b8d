//! Guards against edits that went wrong in ways that no parser sees, or that it would explain badly.
//!
//! Each guard is one file with one function from a change to findings. What was in the file before is never
//! held against the edit.

mod bare_ellipsis;
mod conflict_markers;
mod edit_markers;
mod elisions;
mod lost_symbols;
mod stray_fences;

use std::collections::BTreeMap;

use crate::check::{Change, Finding, Source};

/// Every guard on one change.
pub(crate) fn all(change: &Change<'_>) -> Vec<Finding> {
    let guards: [fn(&Change<'_>) -> Vec<Finding>; 6] = [
        conflict_markers::find,
        edit_markers::find,
        stray_fences::find,
        elisions::find,
        bare_ellipsis::find,
        lost_symbols::find,
    ];
    guards.iter().flat_map(|guard| guard(change)).collect()
}

/// The lines of the file that it did not hold before, with their numbers from 1. A line that now occurs
/// more often than before is new in its last occurrences.
fn new_lines<'a>(change: &Change<'a>) -> Vec<(u32, &'a str)> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for line in change.before.unwrap_or_default().lines() {
        *known.entry(line.trim()).or_default() += 1;
    }
    let mut fresh = Vec::new();
    for (number, line) in (1..).zip(change.after.lines()) {
        match known.get_mut(line.trim()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => fresh.push((number, line)),
        }
    }
    fresh
}

fn finding(code: &str, line: u32, message: impl Into<String>) -> Finding {
    Finding { source: Source::Guard, line, column: 1, code: code.to_owned(), message: message.into() }
}

/// The lines of the findings that a guard has on one change; for the guards' own tests.
#[cfg(test)]
fn lines_found(guard: fn(&Change<'_>) -> Vec<Finding>, path: &str, after: &str, before: Option<&str>) -> Vec<u32> {
    guard(&Change { path, after, before }).into_iter().map(|finding| finding.line).collect()
}
