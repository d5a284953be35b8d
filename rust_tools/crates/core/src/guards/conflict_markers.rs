//! # Conflict markers
//!
//! **What it does**: finds git's conflict markers.
//!
//! **Why is this bad?** The merge was not finished: both sides are in the file, and neither works.
//!
//! **Example**
//! ```text
//! <<<<<<< HEAD
//! timeout = 10
//! =======
//! timeout = 30
//! >>>>>>> feature
//! ```
//! **Use instead**: one of the sides, or what both together should be, without the marker lines.

use super::finding;
use crate::check::{Change, Finding};

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    let lines = change.new_lines();
    let opening = lines.iter().filter(|(_, line)| is_marker(line, '<'));
    // A row of equal signs underlines headings: only the marker with a name behind it is proof.
    let proof = opening.filter(|(number, _)| lines.iter().any(|(later, line)| later > number && is_marker(line, '>')));
    proof
        .map(|(number, line)| {
            finding(change, "conflict-marker", *number, format!("conflict marker left in the file: {line}"))
        })
        .collect()
}

/// Seven of the signs at the start of the line, then a space and a name.
fn is_marker(line: &str, sign: char) -> bool {
    let name = line.trim_start_matches(sign);
    line.len() - name.len() == 7 && name.starts_with(' ') && !name.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    #[test]
    fn both_ends_together_are_a_conflict() {
        let conflict = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n";
        assert_eq!(lines_found(find, "a.txt", conflict, None), [2]);
        assert_eq!(lines_found(find, "a.txt", conflict, Some(conflict)), [0; 0]);
    }

    #[test]
    fn headings_quotes_and_shifts_are_none() {
        for text in ["Title\n=======\n", ">>>>>>> quoted mail\n", "x <<<<<<< 3\n", "<<<<<<<\n>>>>>>>\n"] {
            assert_eq!(lines_found(find, "a.md", text, None), [0; 0], "{text}");
        }
    }
}
