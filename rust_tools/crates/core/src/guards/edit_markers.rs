//! # Edit markers
//!
//! **What it does**: finds lines that belong to the format of an edit, not to the file.
//!
//! **Why is this bad?** The answer was cut in the wrong place, so the markers of a SEARCH/REPLACE block or
//! the head of a patch became part of the file.
//!
//! **Example**
//! ```text
//! <<<<<<< SEARCH
//! timeout = 10
//! ```
//! **Use instead**: a complete block, whose markers are taken off before anything is written.

use super::finding;
use crate::check::{Change, Finding};

const MARKERS: [&str; 9] = [
    "<<<<<<< SEARCH",
    "<<<<<<< ORIGINAL",
    ">>>>>>> REPLACE",
    ">>>>>>> UPDATED",
    "------- SEARCH",
    "+++++++ REPLACE",
    "*** Begin Patch",
    "*** End Patch",
    "*** Update File:",
];

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    change
        .new_lines()
        .iter()
        .filter(|(_, line)| MARKERS.iter().any(|marker| is_marker_line(line, marker)))
        .map(|(number, line)| {
            finding(change, "edit-marker", *number, format!("marker of an edit left in the file: {}", line.trim()))
        })
        .collect()
}

/// The marker at the start of the line, with nothing or a file name behind it.
fn is_marker_line(line: &str, marker: &str) -> bool {
    let rest = line.trim_end().strip_prefix(marker);
    rest.is_some_and(|rest| rest.is_empty() || marker.ends_with(':') || rest == ":")
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    #[test]
    fn lines_of_the_edit_format_are_found() {
        let text = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n*** Update File: a.py\n";
        assert_eq!(lines_found(find, "a.py", text, None), [1, 5, 6]);
        assert_eq!(lines_found(find, "a.py", text, Some(text)), [0; 0]);
    }

    #[test]
    fn text_that_speaks_of_them_is_left_alone() {
        let text = "MARK = \"<<<<<<< SEARCH\"\n# write <<<<<<< SEARCH first\n    >>>>>>> REPLACE\n";
        assert_eq!(lines_found(find, "a.py", text, None), [0; 0]);
    }
}
