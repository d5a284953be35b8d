//! The rungs that compare to the letter, apart from line endings and white space at the ends of lines.

use memchr::memmem;

use super::indent::Shift;
use super::lines::{Block, Lines, windows};
use super::{Place, Wanted};

/// Rung 1 for the common case, without splitting the file into lines: one place, no carriage returns anywhere.
pub(super) fn at_once(text: &str, wanted: &Wanted<'_>) -> Option<Place> {
    let needle = wanted.search.strip_suffix('\n').unwrap_or(wanted.search);
    let returns = |text: &str| memchr::memchr(b'\r', text.as_bytes()).is_some();
    if needle.is_empty() || returns(text) || returns(wanted.search) || returns(wanted.replace) {
        return None;
    }
    let bytes = text.as_bytes();
    let whole_lines = |start: usize| {
        let end = start + needle.len();
        let ended = if end == bytes.len() { bytes[end - 1] != b'\n' } else { bytes[end] == b'\n' };
        ended && (start == 0 || bytes[start - 1] == b'\n')
    };
    let finder = memmem::Finder::new(needle);
    let next = |mut from: usize| loop {
        let start = from + finder.find(&bytes[from..])?;
        if whole_lines(start) {
            return Some(start);
        }
        from = start + 1;
    };
    let start = next(0)?;
    if next(start + 1).is_some() {
        return None;
    }
    let end = start + needle.len();
    let ended = end < bytes.len();
    let mut replacement = wanted.replace.to_owned();
    if ended && !replacement.is_empty() && !replacement.ends_with('\n') {
        replacement.push('\n');
    } else if !ended && replacement.ends_with('\n') {
        replacement.pop();
    }
    Some(Place { bytes: start..end + usize::from(ended), replacement, how: "exact".to_owned() })
}

/// Rung 1: the same lines; only their endings may differ.
pub(super) fn same_lines(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    let found = windows(&file.bare, block.search.len(), |window| window == block.search.as_slice());
    found.into_iter().filter_map(|at| file.place(at, block, &Shift::None, "exact".to_owned())).collect()
}

/// Rung 2: white space at the ends of lines and blank lines around the block do not count.
pub(super) fn same_but_trailing_space(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    let same = |(a, b): (&&str, &&str)| a.trim_end() == b.trim_end();
    let found = windows(&file.bare, block.search.len(), |window| window.iter().zip(&block.search).all(same));
    let how = "white space at line ends differs";
    found.into_iter().filter_map(|at| file.place(at, block, &Shift::None, how.to_owned())).collect()
}

/// Rung 4: the search is a part of a line, or begins or ends inside one, at the edges of words.
pub(super) fn part_of_line(file: &Lines<'_>, wanted: &Wanted<'_>) -> Vec<Place> {
    let (search, replace) = (wanted.search.trim_matches(['\n', '\r']), wanted.replace.trim_matches(['\n', '\r']));
    let ending = file.ending("");
    let with_endings = |text: &str| text.replace("\r\n", "\n").replace('\n', ending);
    let needle = with_endings(search);
    if needle.trim().is_empty() {
        return Vec::new();
    }
    let text = file.text;
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let splits_word = |at: usize| word(text[..at].chars().next_back()) && word(text[at..].chars().next());
    let ends = |start: usize| start..start + needle.len();
    memmem::find_iter(text.as_bytes(), needle.as_bytes())
        .map(ends)
        .filter(|bytes| !splits_word(bytes.start) && !splits_word(bytes.end))
        .map(|bytes| Place { bytes, replacement: with_endings(replace), how: "exact, part of a line".to_owned() })
        .collect()
}
