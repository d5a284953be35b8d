//! A file and an edit as lines.

use super::indent::Shift;
use super::kept::repeated;
use super::{Place, Wanted};
use crate::text::without_ending;

/// The two sides of an edit as lines without endings.
pub(super) struct Block<'a> {
    pub(super) search: Vec<&'a str>,
    pub(super) replace: Vec<&'a str>,
    /// The line ending of the replacement, for a file that has none of its own.
    pub(super) ending: &'static str,
}

impl<'a> Block<'a> {
    pub(super) fn whole(wanted: &Wanted<'a>) -> Self {
        let lines = |text: &'a str| text.split_inclusive('\n').map(without_ending).collect();
        let ending = if wanted.replace.contains("\r\n") { "\r\n" } else { "\n" };
        Self { search: lines(wanted.search), replace: lines(wanted.replace), ending }
    }

    /// Without the blank lines around the search, and as many of those around the replacement.
    pub(super) fn trimmed(wanted: &Wanted<'a>) -> Self {
        let mut block = Self::whole(wanted);
        let blank = |line: &&str| line.trim().is_empty();
        let leading = block.search.iter().take_while(|line| blank(line)).count();
        let also = block.replace.iter().take(leading).take_while(|line| blank(line)).count();
        block.search.drain(..leading);
        block.replace.drain(..also);
        while block.search.last().is_some_and(blank) {
            block.search.pop();
            if block.replace.last().is_some_and(blank) {
                block.replace.pop();
            }
        }
        block
    }
}

/// A file as lines.
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    /// The lines without their endings.
    pub(super) bare: Vec<&'a str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        let bare = starts.windows(2).map(|ends| without_ending(&text[ends[0]..ends[1]])).collect();
        Self { text, bare, starts }
    }

    /// The number, from 1, of the line that holds a byte.
    pub(super) fn line_of(&self, byte: usize) -> u32 {
        self.starts.partition_point(|start| *start <= byte) as u32
    }

    /// Where a line begins; that of the line after the last one is the end of the text.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts[line]
    }

    /// A line with its ending.
    fn raw(&self, at: usize) -> &'a str {
        &self.text[self.starts[at]..self.starts[at + 1]]
    }

    /// The text of consecutive lines, with their endings.
    pub(super) fn span(&self, first: usize, end: usize) -> &'a str {
        &self.text[self.starts[first]..self.starts[end]]
    }

    /// The place of the lines from `first` that the search stands for. What the replacement repeats of the search
    /// stays as it is in the file; the rest is shifted and gets the line ending that the file has there. Nothing
    /// where a line cannot follow the shift.
    pub(super) fn place(&self, first: usize, block: &Block<'_>, shift: &Shift<'_>, how: String) -> Option<Place> {
        let bytes = self.starts[first]..self.starts[first + block.search.len()];
        Some(Place { bytes, replacement: self.replaced(first, block, shift)?, how })
    }

    /// What comes instead of the lines from `first` that the search stands for.
    pub(super) fn replaced(&self, first: usize, block: &Block<'_>, shift: &Shift<'_>) -> Option<String> {
        let here = self.span(first, first + block.search.len());
        let ending = if self.text.contains('\n') { self.ending(here) } else { block.ending };
        let mut out = String::new();
        for (line, repeats) in block.replace.iter().zip(repeated(&block.search, &block.replace)) {
            if let Some(at) = repeats {
                let raw = self.raw(first + at);
                out.push_str(raw);
                out.push_str(if raw.ends_with('\n') { "" } else { ending });
            } else {
                out.push_str(&shift.apply(line)?);
                out.push_str(ending);
            }
        }
        if !here.ends_with('\n') {
            out.truncate(without_ending(&out).len());
        }
        Some(out)
    }

    /// The line ending that new lines get beside `here`.
    pub(super) fn ending(&self, here: &str) -> &'static str {
        if here.contains("\r\n") || (!here.contains('\n') && self.text.contains("\r\n")) { "\r\n" } else { "\n" }
    }
}

/// Positions (from 0) where `fits` holds for as many lines as `length`.
pub(super) fn windows<'a>(lines: &[&'a str], length: usize, fits: impl Fn(&[&'a str]) -> bool) -> Vec<usize> {
    if length == 0 {
        return Vec::new();
    }
    lines.windows(length).enumerate().filter(|(_, window)| fits(window)).map(|(at, _)| at).collect()
}
