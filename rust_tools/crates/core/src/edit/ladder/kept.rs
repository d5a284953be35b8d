//! Which lines of a replacement only repeat the search.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Longer middle parts are taken to be new from end to end: comparing them would take long.
const MOST_COMPARED: usize = 400;

/// For each line of `replace`, the line of `search` that it repeats.
pub(super) fn repeated(search: &[&str], replace: &[&str]) -> Vec<Option<usize>> {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let front = search.iter().zip(replace).take_while(same).count();
    let (search_rest, replace_rest) = (&search[front..], &replace[front..]);
    let back = search_rest.iter().rev().zip(replace_rest.iter().rev()).take_while(same).count();
    let (search_middle, replace_middle) =
        (&search_rest[..search_rest.len() - back], &replace_rest[..replace_rest.len() - back]);

    let mut lines: Vec<Option<usize>> = (0..front).map(Some).collect();
    lines.resize(front + replace_middle.len(), None);
    if search_middle.len().max(replace_middle.len()) <= MOST_COMPARED {
        for operation in capture_diff_slices(Algorithm::Myers, search_middle, replace_middle) {
            if let DiffOp::Equal { old_index, new_index, len } = operation {
                for step in 0..len {
                    lines[front + new_index + step] = Some(front + old_index + step);
                }
            }
        }
    }
    lines.extend((search.len() - back..search.len()).map(Some));
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_changed_line_between_repeated_ones_is_new() {
        assert_eq!(repeated(&["a", "b", "c"], &["a", "x", "c"]), [Some(0), None, Some(2)]);
        assert_eq!(repeated(&["a", "b", "c", "d"], &["x", "b", "y", "d"]), [None, Some(1), None, Some(3)]);
        assert_eq!(repeated(&["a", "a"], &["a", "a", "a"]), [Some(0), Some(1), None]);
        assert_eq!(repeated(&["a"], &[]), []);
    }

    proptest! {
        #[test]
        fn repeated_lines_are_equal_and_in_order(
            search in prop::collection::vec("[abc]", 0..8),
            replace in prop::collection::vec("[abc]", 0..8),
        ) {
            let search: Vec<&str> = search.iter().map(String::as_str).collect();
            let replace: Vec<&str> = replace.iter().map(String::as_str).collect();
            let lines = repeated(&search, &replace);
            prop_assert_eq!(lines.len(), replace.len());
            prop_assert!(lines.iter().zip(&replace).all(|(at, line)| at.is_none_or(|at| search[at] == *line)));
            prop_assert!(lines.iter().flatten().is_sorted_by(|a, b| a < b));
        }
    }
}
