//! One edit on one text, in memory.

use crate::edit::ladder::{self, Miss, Place, Wanted, locate};
use crate::edit::{Change, nearest};
use crate::error::{Error, Result};
use crate::text::{count, without_ending};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text after one more edit (nothing where the file is removed), and how its place was found.
pub(super) fn changed(
    path: &str,
    before: Option<&str>,
    current: Option<&str>,
    change: &Change,
) -> Result<(Option<String>, String)> {
    let current = current.unwrap_or_default();
    match change {
        Change::Delete => Ok((None, "deleted".to_owned())),
        Change::Whole { content } => Ok(whole(before, content)),
        Change::Replace { search, replace } if search.trim().is_empty() => created(path, current, replace),
        Change::Replace { search, replace } => {
            replaced(path, current, &Wanted { search, replace, whole_lines: false, near: None })
        }
        Change::Hunk { search, replace, line } if search.is_empty() => inserted(path, current, replace, *line),
        Change::Hunk { search, replace, line } => {
            replaced(path, current, &Wanted { search, replace, whole_lines: true, near: *line })
        }
    }
}

/// New content in the form that the file has: line endings, byte order mark, final newline.
fn whole(before: Option<&str>, content: &str) -> (Option<String>, String) {
    let Some(before) = before else { return (Some(content.to_owned()), "created".to_owned()) };
    let mut after = content.replace("\r\n", "\n");
    if before.ends_with('\n') && !after.is_empty() && !after.ends_with('\n') {
        after.push('\n');
    }
    if before.contains("\r\n") {
        after = after.replace('\n', "\r\n");
    }
    if before.starts_with(BYTE_ORDER_MARK) && !after.starts_with(BYTE_ORDER_MARK) {
        after.insert(0, BYTE_ORDER_MARK);
    }
    (Some(after), "whole file".to_owned())
}

/// An empty search makes a file; one that has text already is not overwritten.
fn created(path: &str, current: &str, content: &str) -> Result<(Option<String>, String)> {
    if current.trim().is_empty() {
        return Ok((Some(content.to_owned()), "created".to_owned()));
    }
    let lines = count(current.lines().count(), "line");
    Err(Error::edit(path, format!("{path}: SEARCH is empty, but the file has {lines}"))
        .with_hint("quote the lines to replace, or give the whole file"))
}

/// A hunk without any line to find: its lines come before the line that it names.
fn inserted(path: &str, current: &str, lines: &str, before: Option<u32>) -> Result<(Option<String>, String)> {
    if current.is_empty() {
        return Ok((Some(lines.to_owned()), "created".to_owned()));
    }
    let total = current.split_inclusive('\n').count();
    let at = before.filter(|before| (1..=total + 1).contains(&(*before as usize))).ok_or_else(|| {
        let number = before.map_or("no line number".to_owned(), |before| format!("line {before} of {total}"));
        Error::edit(path, format!("{path}: a hunk only adds lines, without context, at {number}"))
            .with_hint("give the lines around the new ones too")
    })?;
    let start: usize = current.split_inclusive('\n').take(at as usize - 1).map(str::len).sum();
    let known = if current.contains('\n') { current } else { lines };
    let ending = if known.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new: String = lines.split_inclusive('\n').flat_map(|line| [without_ending(line), ending]).collect();
    let mut after = current.to_owned();
    if start == current.len() {
        let is_ended = current.ends_with('\n');
        if !is_ended || !lines.ends_with('\n') {
            new.truncate(without_ending(&new).len());
        }
        if !is_ended {
            new.insert_str(0, ending);
        }
    }
    after.insert_str(start, &new);
    Ok((Some(after), format!("inserted before line {at}")))
}

fn replaced(path: &str, current: &str, wanted: &Wanted<'_>) -> Result<(Option<String>, String)> {
    if wanted.search == wanted.replace {
        return Err(Error::edit(path, format!("{path}: SEARCH and REPLACE are the same, the edit changes nothing")));
    }
    let mark = if current.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let text = &current[mark..];
    let mut place = locate(text, wanted).map_err(|miss| match miss {
        Miss::Ambiguous(lines) => ambiguous(path, &lines),
        Miss::Missing => not_found(path, text, wanted),
    })?;
    if wanted.whole_lines && place.bytes.end == text.len() {
        end_as_asked(&mut place, wanted, text.ends_with('\n'));
    }
    let (front, back) = (&current[..mark + place.bytes.start], &current[mark + place.bytes.end..]);
    Ok((Some([front, &place.replacement, back].concat()), place.how))
}

/// Where only one side of a hunk ends without a newline, the end of the file is what is changed.
fn end_as_asked(place: &mut Place, wanted: &Wanted<'_>, file_is_ended: bool) {
    let ended = wanted.replace.ends_with('\n');
    if wanted.replace.is_empty() || wanted.search.ends_with('\n') == ended || file_is_ended == ended {
        return;
    }
    if ended {
        place.replacement.push_str(if wanted.replace.ends_with("\r\n") { "\r\n" } else { "\n" });
    } else {
        place.replacement.truncate(without_ending(&place.replacement).len());
    }
}

fn ambiguous(path: &str, lines: &[u32]) -> Error {
    const MOST_SHOWN: usize = 20;
    let mut different = lines.to_vec();
    different.dedup(); // one line may hold several parts that fit
    let mut shown = different.iter().take(MOST_SHOWN).map(u32::to_string).collect::<Vec<_>>().join(", ");
    if different.len() > MOST_SHOWN {
        shown = format!("{shown} and {} more", different.len() - MOST_SHOWN);
    }
    Error::edit(path, format!("{path}: SEARCH matches {} places, at lines {shown}", lines.len()))
        .at_line(lines.first().copied().unwrap_or_default())
        .with_hint("add neighbouring lines until it is unique")
}

fn not_found(path: &str, text: &str, wanted: &Wanted<'_>) -> Error {
    let lines = count(wanted.search.lines().count(), "line");
    if !wanted.replace.trim().is_empty() && ladder::holds(text, wanted.replace) {
        return Error::edit(path, format!("{path}: SEARCH ({lines}) is not in the file, but REPLACE is"))
            .with_hint("the edit seems to be done already");
    }
    let kept = if ladder::leaves_lines_out(wanted) {
        "Lines of \"...\" can stand for kept lines only where SEARCH and REPLACE have the same ones. "
    } else {
        ""
    };
    let Some(nearest) = nearest::describe(text, wanted.search) else {
        return Error::edit(path, format!("{path}: SEARCH ({lines}) is not in the file, nor anything like it"))
            .with_hint(format!("{kept}read the file first"));
    };
    Error::edit(path, format!("{path}: SEARCH ({lines}) is not in the file")).at_line(nearest.first_line).with_hint(
        format!(
            "quote the lines as they stand. {kept}Nearest places (- as in SEARCH, + as in the file):\n{}",
            nearest.shown
        ),
    )
}
