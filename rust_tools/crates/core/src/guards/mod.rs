//! Guards against edits that went wrong in ways that no parser sees, or that it would explain badly.
//!
//! Each guard is one file with one function from a change to findings. What was in the file before is never
//! held against the edit.

mod bare_ellipsis;
mod conflict_markers;
mod edit_markers;
mod elisions;
pub(crate) mod lost_symbols;
mod new_secrets;
mod stray_fences;

use crate::check::{Change, Finding, Source};

/// Every guard on one change but [`lost_symbols`], which is told with those who still use them.
pub(crate) fn all(change: &Change<'_>) -> Vec<Finding> {
    let guards: [fn(&Change<'_>) -> Vec<Finding>; 6] = [
        conflict_markers::find,
        edit_markers::find,
        stray_fences::find,
        elisions::find,
        bare_ellipsis::find,
        new_secrets::find,
    ];
    guards.iter().flat_map(|guard| guard(change)).collect()
}

fn finding(change: &Change<'_>, code: &str, line: u32, message: impl Into<String>) -> Finding {
    Finding {
        source: Source::Guard,
        path: change.path.to_owned(),
        line,
        column: 1,
        code: code.to_owned(),
        message: message.into(),
        blocking: true,
    }
}

/// The lines of the findings that a guard has on one change; for the guards' own tests.
#[cfg(test)]
fn lines_found(guard: fn(&Change<'_>) -> Vec<Finding>, path: &str, after: &str, before: Option<&str>) -> Vec<u32> {
    crate::workers::run(|| guard(&Change::new(path, after, before))).into_iter().map(|finding| finding.line).collect()
}
