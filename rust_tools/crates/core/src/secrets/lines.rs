//! The lines of a text on which a closer look is worth its time.

use std::ops::Range;

use aho_corasick::AhoCorasick;

/// A longer line is generated: it is looked at around what it holds only.
const LONGEST: usize = 2_000;

/// Where lines with one of some words begin and end.
pub(super) struct Lines<'t> {
    text: &'t str,
    words: &'t AhoCorasick,
    at: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn holding(text: &'t str, words: &'t AhoCorasick) -> Self {
        Self { text, words, at: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let hit = self.words.find(self.text.get(self.at..)?)?;
        let (from, to) = (self.at + hit.start(), self.at + hit.end());
        let start = memchr::memrchr(b'\n', &self.text.as_bytes()[self.at..from]).map_or(self.at, |at| self.at + at + 1);
        let end = memchr::memchr(b'\n', &self.text.as_bytes()[to..]).map_or(self.text.len(), |at| to + at);
        let start = self.text.ceil_char_boundary(start.max(from.saturating_sub(LONGEST / 2)));
        let end = self.text.floor_char_boundary(end.min(to + LONGEST / 2));
        self.at = end;
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_a_word_are_given_once_and_long_ones_in_part() {
        let words = AhoCorasick::new(["key", "token"]).expect("few short words");
        let lines = |text: &str| Lines::holding(text, &words).map(|line| text[line].to_owned()).collect::<Vec<_>>();
        assert_eq!(lines("a\nkey token\nb\nä key"), ["key token", "ä key"]);
        assert_eq!(lines(""), [""; 0]);
        let long = format!("{}key{}", "ä".repeat(3_000), "ü".repeat(3_000));
        assert!(lines(&long)[0].len() <= LONGEST + 3);
    }
}
