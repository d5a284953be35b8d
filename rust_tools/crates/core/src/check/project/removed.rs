//! Public symbols that a patch takes away, and who still uses them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::state::State;
use super::{FileChange, Problem};
use crate::check::{Finding, Source};
use crate::guards::lost_symbols::{self, Lost};
use crate::language::{Language, State as LineState, line_states};
use crate::python::is_python;
use crate::text::has_word;

/// Users that one finding names.
const MOST_USERS: usize = 5;

/// One finding for each symbol: with its users where there are some, else that it is gone.
pub(super) fn findings(state: &State<'_>, lost: Vec<(&FileChange, Lost)>, missed: Vec<Problem>) -> Vec<Finding> {
    let mut users: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for problem in missed {
        let Finding { path, line, .. } = &problem.finding;
        let user = format!("{path}:{line}");
        if let Some(symbol) = problem.misses {
            users.entry(symbol).or_default().push(user);
        }
    }
    let mut found = Vec::new();
    for (change, symbol) in lost {
        let known = users.remove(&(change.path.clone(), symbol.name.clone()));
        let using = known.unwrap_or_else(|| named_in_others(state, &change.path, &symbol.name));
        found.push(if using.is_empty() {
            lost_symbols::finding_of(&change.path, &symbol)
        } else {
            still_used(&change.path, &symbol.to_string(), &using)
        });
    }
    // Names that are no definitions: variables, imports that others relied on.
    found.extend(users.into_iter().map(|((path, name), using)| still_used(&path, &name, &using)));
    found
}

fn still_used(path: &str, what: &str, users: &[String]) -> Finding {
    let mut message = format!("{what} is gone, but is still used: {}", users[..users.len().min(MOST_USERS)].join(", "));
    if let Some(more) = users.len().checked_sub(MOST_USERS).filter(|more| *more > 0) {
        let _ = write!(message, " and {more} more");
    }
    message.push_str("; keep it, or change these too");
    Finding {
        source: Source::Guard,
        path: path.to_owned(),
        line: 1,
        column: 1,
        code: "removed-but-used".to_owned(),
        message,
        blocking: true,
    }
}

/// Lines of other files of the same language that hold the name as a word of their code. Python is read by its
/// imports instead.
fn named_in_others(state: &State<'_>, path: &str, name: &str) -> Vec<String> {
    if is_python(path) {
        return Vec::new();
    }
    let language = Language::of(path);
    let is_alike = |other: &str| other != path && Language::of(other).name == language.name;
    let mut found = Vec::new();
    for other in state.holding(is_alike, &[name], &[name]) {
        let Some(text) = state.text(&other) else { continue };
        let states = line_states(&text, language);
        for ((number, line), begins_in) in (1..).zip(text.lines()).zip(states) {
            let comment = language.line_comments.iter().any(|start| line.trim_start().starts_with(start));
            if begins_in == LineState::Code && !comment && has_word(line, name) {
                found.push(format!("{other}:{number}"));
            }
        }
    }
    found
}
