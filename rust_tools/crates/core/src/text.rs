//! Lines, columns and windows on long lines.

use std::ops::Range;

use std::borrow::Cow;

use ruff_text_size::TextSize;

/// Where each line of a text begins, to turn offsets into line numbers.
#[derive(Debug)]
pub(crate) struct LineStarts(Vec<u32>);

impl LineStarts {
    pub(crate) fn of(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        Self(std::iter::once(0).chain(breaks.map(|at| at as u32 + 1)).collect())
    }

    /// The line, from 1, that holds an offset.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        self.0.partition_point(|start| *start <= offset.to_u32()) as u32
    }

    /// The column of an offset in characters, from 1.
    pub(crate) fn column(&self, text: &str, offset: TextSize) -> u32 {
        let start = self.0[self.line(offset) as usize - 1] as usize;
        text.get(start..offset.to_usize()).map_or(1, |head| head.chars().count() as u32 + 1)
    }
}

/// Bytes as text; what is not UTF-8 is replaced. To look whether all is well is faster than to replace.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// A line without its ending, `\n` or `\r\n`.
pub(crate) fn without_ending(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// At most `width` characters of a line around the character `focus` (from 0); what is cut is counted.
pub(crate) fn window(line: &str, focus: usize, width: usize) -> String {
    let total = line.chars().count();
    let shown = in_window(total, focus, width);
    let text: String = line.chars().skip(shown.start).take(shown.len()).collect();
    framed(&text, shown.start, total - shown.end)
}

/// Which of `total` characters such a window shows.
pub(crate) fn in_window(total: usize, focus: usize, width: usize) -> Range<usize> {
    let start = if total <= width { 0 } else { focus.saturating_sub(width / 3).min(total - width) };
    start..total.min(start + width)
}

/// Part of a line with the number of characters that are cut on both sides.
pub(crate) fn framed(text: &str, before: usize, after: usize) -> String {
    let head = if before > 0 { format!("[{before} characters] …") } else { String::new() };
    let tail = if after > 0 { format!("… [{after} characters]") } else { String::new() };
    format!("{head}{text}{tail}")
}

/// What somebody asked for, in quotation marks; of a long text its beginning, and how long it is.
pub(crate) fn quoted(text: &str) -> String {
    const MOST_CHARS: usize = 120;
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{:?}… ({} characters)", &text[..end], text.chars().count()),
        None => format!("{text:?}"),
    }
}

/// Whether the name of a file ends with a dot and `ending`.
pub(crate) fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

/// Whether a line holds a name that is no part of a longer one.
pub(crate) fn has_word(line: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let alone = |at: usize| !line[..at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part);
    !name.is_empty() && line.match_indices(name).any(|(at, _)| alone(at))
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = match number {
        1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_quoted_within_bounds() {
        assert_eq!(quoted("a\n"), "\"a\\n\"");
        assert_eq!(quoted(&"ä".repeat(5000)), format!("{:?}… (5000 characters)", "ä".repeat(120)));
    }

    #[test]
    fn a_window_keeps_the_focus_and_counts_what_it_cuts() {
        let line = format!("{}needle{}", "a".repeat(500), "b".repeat(300));
        assert_eq!(window(&line, 500, 30), "[490 characters] …aaaaaaaaaaneedlebbbbbbbbbbbbbb… [286 characters]");
        assert_eq!(window("short", 2, 30), "short");
        assert_eq!(window("äöüß", 3, 2), "[2 characters] …üß");
    }
}
