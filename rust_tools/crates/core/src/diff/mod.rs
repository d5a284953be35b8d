//! Unified diffs, as git, `diff -u` and models write them, turned into edits.

mod hunk;
mod names;
mod parse;

use crate::edit::{Change, Edit};
use crate::error::{Error, Result};
use parse::{FileDiff, Kind};

/// The edits that a diff asks for, in its order: each hunk is found again by its lines, near the line that it names.
///
/// Wrong or missing counts and line numbers are tolerated, and so is text around the diff. Refused with the line of
/// the diff: what is no diff, renames, binary patches, changes of modes, lines that belong to no hunk.
///
/// ```
/// use orchestrator_tools::diff::edits_of;
///
/// let edits = edits_of("--- a/cart.py\n+++ b/cart.py\n@@ -1,1 +1,1 @@\n-TAX = 0.19\n+TAX = 0.2\n")?;
/// assert_eq!(edits[0].path, "cart.py");
/// assert!(edits_of("TAX = 0.2").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn edits_of(diff: &str) -> Result<Vec<Edit>> {
    let files = parse::files(diff)?;
    if files.is_empty() {
        return Err(Error::edit("", "this is no unified diff")
            .with_hint("begin each file with a --- and a +++ line, and each hunk with @@"));
    }
    let mut edits = Vec::new();
    for file in files {
        edits_of_file(file, &mut edits)?;
    }
    Ok(edits)
}

fn edits_of_file(file: FileDiff, edits: &mut Vec<Edit>) -> Result<()> {
    let path = file.path;
    let edit = |change| Edit { path: path.clone(), change };
    match file.kind {
        Kind::Deleted => edits.push(edit(Change::Delete)),
        Kind::Created => {
            if file.hunks.iter().any(|hunk| !hunk.search.is_empty()) {
                let message = format!("{path}: the diff says that the file is new, but quotes lines of an old one");
                return Err(Error::edit(&path, message).at_line(file.line));
            }
            let content = file.hunks.into_iter().map(|hunk| hunk.replace).collect();
            edits.push(edit(Change::Replace { search: String::new(), replace: content }));
        }
        Kind::Changed => {
            let known = edits.len();
            for hunk in file.hunks.into_iter().filter(|hunk| hunk.search != hunk.replace) {
                edits.push(edit(Change::Hunk { search: hunk.search, replace: hunk.replace, line: hunk.line }));
            }
            if edits.len() == known {
                let message = format!("{path}: the diff names the file, but changes nothing in it");
                return Err(Error::edit(&path, message).at_line(file.line));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
