//! Reading part of a file: what was asked for, what it is a part of, and whether it is all there.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range as Span;
use std::sync::Arc;

use crate::error::Result;
use crate::outline::Symbol;
use crate::reading::{is_binary, utf16};
use crate::root::Root;
use crate::text::{count, framed, in_window, lossy, window, without_ending};

/// Files above this size are not read at all.
const MAX_READ_BYTES: u64 = 64 * 1024 * 1024;

/// Longer lines are shown through a window when rendered; `text` keeps them whole.
const MAX_LINE_CHARS: usize = 600;

/// The lines that are wanted, from 1, both ends included; out-of-range ends are moved in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// First line; the first of the file by default.
    pub start: Option<u32>,
    /// Last line; the last of the file by default.
    pub end: Option<u32>,
}

/// Consecutive lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one text, not a state")]
pub struct Excerpt {
    /// The file's path, relative to the root.
    pub path: String,
    /// The lines as they are, with their endings; empty for a binary file.
    pub text: String,
    /// Number of the first line in `text`; 0 if there is none.
    pub start: u32,
    /// Number of the last line in `text`; 0 if there is none.
    pub end: u32,
    /// Number of lines in the file.
    pub total_lines: u32,
    /// Whether everything that was asked for is in `text`.
    pub complete: bool,
    /// Whether the file is binary and has no text.
    pub binary: bool,
    /// Whether some bytes were no UTF-8 and stand in `text` as U+FFFD.
    pub lossy: bool,
    /// Whether lines end with `\r\n`.
    pub crlf: bool,
    /// Column at which `text` begins, from 1. Only a line that does not fit is not begun at 1.
    pub column: u32,
    /// The innermost symbol that all the lines are part of, if they are not the whole file.
    pub within: Option<Within>,
    /// The column that is looked at: a very long first line is rendered around it.
    focus: u32,
    /// Characters of the first line, also where `text` holds a part of it.
    first_chars: usize,
}

/// A symbol and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its qualified name.
    pub name: String,
    /// First line.
    pub start: u32,
    /// Last line.
    pub end: u32,
}

/// What is wanted of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) range: Range,
    /// The column to show of a first line that is too long, from 1.
    pub(crate) column: u32,
    pub(crate) max_chars: usize,
}

/// Part of a file. `symbols` gives the symbols of its text.
pub(crate) fn excerpt(
    root: &Root,
    path: &str,
    wanted: Wanted,
    symbols: impl FnOnce(&[u8], &str) -> Arc<[Symbol]>,
) -> Result<Excerpt> {
    let bytes = root.read(path, MAX_READ_BYTES + 1)?;
    let mut excerpt = Excerpt {
        path: path.to_owned(),
        text: String::new(),
        start: 0,
        end: 0,
        total_lines: 0,
        complete: true,
        binary: false,
        lossy: false,
        crlf: false,
        column: 1,
        within: None,
        focus: wanted.column.max(1),
        first_chars: 0,
    };
    let Some(text) = decoded(&bytes) else {
        excerpt.binary = true;
        return Ok(excerpt);
    };
    excerpt.lossy = matches!(text, Cow::Owned(_)) && utf16(&bytes).is_none();
    excerpt.crlf = text.contains("\r\n");
    excerpt.take(&text, wanted.range, wanted.max_chars);
    excerpt.complete &= bytes.len() as u64 <= MAX_READ_BYTES;
    if excerpt.start > 0 && (excerpt.start, excerpt.end) != (1, excerpt.total_lines) {
        excerpt.within = innermost(&symbols(&bytes, &text), excerpt.start, excerpt.end);
    }
    Ok(excerpt)
}

fn innermost(symbols: &[Symbol], start: u32, end: u32) -> Option<Within> {
    let around =
        symbols.iter().filter(|symbol| symbol.start <= start && symbol.end >= end && symbol.start < symbol.end);
    let symbol = around.min_by_key(|symbol| symbol.end - symbol.start)?;
    Some(Within { name: symbol.qualified_name.clone(), start: symbol.start, end: symbol.end })
}

/// A whole file as text; nothing for a binary one.
pub(crate) fn text(root: &Root, path: &str) -> Result<Option<String>> {
    let bytes = root.read(path, MAX_READ_BYTES)?;
    Ok(decoded(&bytes).map(Cow::into_owned))
}

fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match utf16(bytes) {
        Some(text) => Some(Cow::Owned(text)),
        None if is_binary(bytes) => None,
        None => Some(lossy(bytes)),
    }
}

impl Excerpt {
    fn take(&mut self, text: &str, range: Range, max_chars: usize) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        self.total_lines = lines.len() as u32;
        let first = range.start.unwrap_or(1).max(1);
        let last = range.end.unwrap_or(u32::MAX).min(self.total_lines);
        let mut left = max_chars;
        for number in first..=last {
            let line = lines[number as usize - 1];
            let length = line.chars().count();
            if self.text.is_empty() {
                self.first_chars = without_ending(line).chars().count();
            }
            if length > left {
                self.complete = false;
                if self.text.is_empty() {
                    let first = (self.focus as usize - 1).saturating_sub(left / 3).min(length - left);
                    self.text = line.chars().skip(first).take(left).collect();
                    (self.start, self.end, self.column) = (number, number, first as u32 + 1);
                }
                return;
            }
            left -= length;
            self.text.push_str(line);
            self.start = if self.start == 0 { number } else { self.start };
            self.end = number;
        }
    }

    /// The excerpt for a model: one line that says what it is, then the lines with their numbers.
    pub fn render(&self) -> String {
        if self.binary {
            return format!("{}: binary file, not shown\n", self.path);
        }
        let total = count(self.total_lines as usize, "line");
        let what = match (self.start, self.total_lines) {
            (0, 0) => "empty file".to_owned(),
            (0, _) => format!("no such lines; the file has {total}"),
            (1, all) if self.end == all => total,
            (start, all) if self.end == start => format!("line {start} of {all}"),
            _ => format!("lines {} to {} of {}", self.start, self.end, self.total_lines),
        };
        let mut out = format!("{}: {what}", self.path);
        if let Some(Within { name, start, end }) = &self.within {
            let _ = write!(out, ", in {name} (lines {start} to {end})");
        }
        out.push_str(&self.where_to_read_on());
        if self.crlf {
            out.push_str("; lines end with CRLF");
        }
        if self.lossy {
            out.push_str("; not valid UTF-8, other bytes shown as \u{fffd}");
        }
        out.push('\n');
        let width = self.end.to_string().len();
        for (offset, line) in self.text.split_inclusive('\n').enumerate() {
            let shown = if offset == 0 { self.first_line() } else { window(without_ending(line), 0, MAX_LINE_CHARS) };
            let _ = writeln!(out, "{:>width$}  {shown}", self.start as usize + offset);
        }
        out
    }

    /// The first line as far as it is rendered, with what is cut of the line in the file.
    fn first_line(&self) -> String {
        let seen = self.first_seen();
        let skipped = self.column as usize - 1;
        let text: String = self.text.chars().skip(seen.start - skipped).take(seen.len()).collect();
        framed(&text, seen.start, self.first_chars - seen.end)
    }

    /// Which characters of the first line are rendered, from 0.
    fn first_seen(&self) -> Span<usize> {
        let skipped = self.column as usize - 1;
        let held = without_ending(self.text.split_inclusive('\n').next().unwrap_or_default()).chars().count();
        let focus = (self.focus as usize - 1).saturating_sub(skipped);
        let seen = in_window(held, focus, MAX_LINE_CHARS);
        seen.start + skipped..seen.end + skipped
    }

    /// What of all that was asked for is not in sight, and how to see it.
    fn where_to_read_on(&self) -> String {
        let seen = self.first_seen();
        let mut out = String::new();
        if seen.len() < self.first_chars {
            let _ = write!(
                out,
                "; of line {} columns {} to {} of {}",
                self.start,
                seen.start + 1,
                seen.end,
                self.first_chars
            );
            if seen.end < self.first_chars {
                let _ = write!(out, ", read on from column {}", seen.end + 1);
            }
        }
        let long = |line: &&str| without_ending(line).chars().count() > MAX_LINE_CHARS;
        let others = self.text.split_inclusive('\n').skip(1).filter(long).count();
        if others > 0 {
            let _ = write!(out, "; {} in part", count(others, "other long line"));
        }
        if !self.complete && self.text.ends_with('\n') {
            let _ = write!(out, "; cut at the size limit, read on from line {}", self.end + 1);
        }
        out
    }
}
