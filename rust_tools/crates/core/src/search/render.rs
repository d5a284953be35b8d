//! Which hits are shown, and the text that a model reads.

use std::fmt::Write as _;

use super::matcher::{Line, Matcher};
use super::{Candidate, Hit, Request, Search};
use crate::cancel::Stop;
use crate::contents::Content;
use crate::index::View;
use crate::text::{count, quoted, window};

const MAX_LINE_CHARS: usize = 200;

/// Patterns that the first line repeats; the others are counted.
const MOST_PATTERNS: usize = 12;

/// In the first round a file shows at most so many hits, so that one file cannot hide the others.
const FIRST_ROUND_HITS: usize = 8;

/// Characters kept for the first line and the next step.
const FRAME_CHARS: usize = 380;

/// The counts of files that are not shown get this part of the budget: one tenth.
const REST_SHARE: usize = 10;

/// A file's hits in the order of their lines, and how many of them are shown.
struct Shown {
    hits: Vec<Hit>,
    shown: usize,
}

/// Chooses the hits, counts the rest and renders everything.
pub(super) fn fill(
    search: &mut Search,
    view: &View<'_>,
    request: &Request,
    matcher: &Matcher,
    candidates: &[Candidate<'_>],
    advice: &[String],
) {
    let shown = choose(view, request, matcher, candidates);
    let mut body = String::new();
    for (candidate, file) in candidates.iter().zip(&shown) {
        write_file(&mut body, candidate, file);
        search.hits.extend_from_slice(&file.hits[..file.shown]);
    }
    let unshown = |at: usize| candidates[at].count as usize - shown.get(at).map_or(0, |file| file.shown);
    search.rest = (0..candidates.len())
        .filter(|at| unshown(*at) > 0)
        .map(|at| (candidates[at].entry.path.clone(), unshown(at)))
        .collect();
    search.complete = search.rest.is_empty() && search.not_reached == 0;
    let shown_files = shown.iter().filter(|file| file.shown > 0).count();
    let mut out = first_line(search, request, shown_files);
    for note in &search.notes {
        let _ = writeln!(out, "Note: {note}.");
    }
    out.push_str(&body);
    write_rest(&mut out, search, request.budget_chars);
    for line in advice {
        let _ = writeln!(out, "{line}");
    }
    write_next_step(&mut out, search, !advice.is_empty());
    search.rendered = out;
}

/// Takes hits file by file in the order of rank, first a few of each, then more, within both limits.
fn choose(view: &View<'_>, request: &Request, matcher: &Matcher, candidates: &[Candidate<'_>]) -> Vec<Shown> {
    let mut left_hits = request.limit.max(1);
    let mut left_chars = request.budget_chars.saturating_sub(FRAME_CHARS + request.budget_chars / REST_SHARE);
    let mut files: Vec<Shown> = Vec::new();
    for round_hits in [FIRST_ROUND_HITS, usize::MAX] {
        for (at, candidate) in candidates.iter().enumerate() {
            if left_hits == 0 || (at > 0 && view.token().is_overdue()) {
                return files;
            }
            if files.len() <= at {
                files.push(Shown { hits: hits_of(view, request, matcher, candidate), shown: 0 });
            }
            let first = at == 0;
            let file = &mut files[at];
            while left_hits > 0 && file.shown < file.hits.len().min(round_hits) {
                let heading = if file.shown == 0 { candidate.entry.path.len() + 16 } else { 0 };
                let cost = heading + cost_of(&file.hits[file.shown]);
                if cost > left_chars && !(first && file.shown == 0) {
                    return files;
                }
                left_chars = left_chars.saturating_sub(cost);
                left_hits -= 1;
                file.shown += 1;
            }
        }
    }
    files
}

fn cost_of(hit: &Hit) -> usize {
    const NUMBER_CHARS: usize = 9;
    let lines = std::iter::once(&hit.text).chain(&hit.before).chain(&hit.after);
    lines.map(|line| line.chars().count() + NUMBER_CHARS).sum()
}

fn hits_of(view: &View<'_>, request: &Request, matcher: &Matcher, candidate: &Candidate<'_>) -> Vec<Hit> {
    let Content::Text(text) = view.content(candidate.entry) else { return Vec::new() };
    let mut hits = Vec::new();
    let (mut counted_to, mut line_number) = (0, 1);
    matcher.lines(&text, &|| !view.token().is_overdue(), |line| {
        line_number += memchr::memchr_iter(b'\n', &text[counted_to..line.start]).count() as u32;
        counted_to = line.start;
        hits.push(hit(&text, &candidate.entry.path, line, line_number, request.context));
        // The count may have been taken of an earlier state of the file; it is never exceeded.
        hits.len() < request.limit.max(1).min(candidate.count as usize)
    });
    hits
}

fn hit(text: &[u8], path: &str, line: Line, number: u32, context: usize) -> Hit {
    let before_match = String::from_utf8_lossy(&text[line.start..line.found.start().min(line.end)]);
    let column = before_match.chars().count();
    let shown = String::from_utf8_lossy(&text[line.start..line.end]);
    let plain = |bytes: &[u8]| window(String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']), 0, MAX_LINE_CHARS);
    let mut before: Vec<String> = Vec::new();
    let mut at = line.start;
    while before.len() < context && at > 0 {
        let start = memchr::memrchr(b'\n', &text[..at - 1]).map_or(0, |end| end + 1);
        before.push(plain(&text[start..at]));
        at = start;
    }
    before.reverse();
    let rest = memchr::memchr(b'\n', &text[line.end..]).map_or(&[][..], |end| &text[line.end + end + 1..]);
    let after = rest.split_inclusive(|byte| *byte == b'\n').take(context).map(plain).collect();
    Hit {
        path: path.to_owned(),
        line: number,
        column: column as u32 + 1,
        text: window(shown.trim_end(), column, MAX_LINE_CHARS),
        before,
        after,
    }
}

fn first_line(search: &Search, request: &Request, shown_files: usize) -> String {
    let patterns = &request.patterns.patterns;
    let mut asked: Vec<String> = patterns.iter().take(MOST_PATTERNS).map(|pattern| quoted(pattern)).collect();
    if patterns.len() > MOST_PATTERNS {
        asked.push(format!("{} more", patterns.len() - MOST_PATTERNS));
    }
    let stopped = match search.partial {
        Some(Stop::Deadline) => "PARTIAL, the time was over: ",
        Some(Stop::Cancelled) => "PARTIAL, cancelled: ",
        None => "",
    };
    let what = format!("{stopped}{} for {}", count(search.total, "matching line"), asked.join(" or "));
    let shown = if search.total == 0 {
        String::new()
    } else if search.rest.is_empty() {
        format!(" in {}; all shown", count(search.files, "file"))
    } else {
        let files = count(search.files, "file");
        format!(" in {files}; showing {} in {}", search.hits.len(), count(shown_files, "file"))
    };
    let complete = if search.complete { "complete" } else { "not complete" };
    let mut line = format!("{what}{shown}; {complete}; searched {}", count(search.files_searched, "file"));
    if search.not_reached > 0 {
        let _ = write!(line, ", {} not reached", search.not_reached);
    }
    if !search.skipped.is_empty() {
        let skipped: Vec<String> = search.skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
        let _ = write!(line, "; skipped {}", skipped.join(", "));
    }
    line.push('\n');
    line
}

fn write_file(out: &mut String, candidate: &Candidate<'_>, file: &Shown) {
    if file.shown == 0 {
        return;
    }
    let _ = writeln!(out, "\n{}", candidate.entry.path);
    let mut last_line = 0;
    let context = file.hits.iter().any(|hit| !hit.before.is_empty() || !hit.after.is_empty());
    for (at, hit) in file.hits[..file.shown].iter().enumerate() {
        let first = hit.line - hit.before.len() as u32;
        if context && last_line > 0 && first > last_line + 1 {
            out.push_str("  --\n");
        }
        for (number, text) in (first..).zip(&hit.before).filter(|(number, _)| *number > last_line) {
            let _ = writeln!(out, "{}", format!("  {number}- {text}").trim_end());
        }
        let _ = writeln!(out, "  {}: {}", hit.line, hit.text);
        let next = file.hits[..file.shown].get(at + 1).map_or(u32::MAX, |hit| hit.line);
        last_line = hit.line;
        for (number, text) in (hit.line + 1..).zip(&hit.after).take_while(|(number, _)| *number < next) {
            let _ = writeln!(out, "{}", format!("  {number}- {text}").trim_end());
            last_line = number;
        }
    }
}

fn write_rest(out: &mut String, search: &Search, budget_chars: usize) {
    const MOST_FILES: usize = 15;
    if search.rest.is_empty() {
        return;
    }
    let lines: usize = search.rest.iter().map(|(_, unshown)| unshown).sum();
    let _ = writeln!(out, "\nNot shown: {} in {}", count(lines, "line"), count(search.rest.len(), "file"));
    let end = out.len() + budget_chars / REST_SHARE;
    for (at, (path, unshown)) in search.rest.iter().enumerate() {
        if at == MOST_FILES || out.len() + path.len() > end {
            let _ = writeln!(out, "  … and {} more", count(search.rest.len() - at, "file"));
            return;
        }
        let _ = writeln!(out, "  {path}: {unshown}");
    }
}

fn write_next_step(out: &mut String, search: &Search, advised: bool) {
    let step = match (search.total, search.rest.first()) {
        _ if search.partial.is_some() => "Next: allow more time, or narrow it with a path glob.".to_owned(),
        (0, _) if advised && search.files_searched == 0 => "Next: mend the path glob, or leave it out.".to_owned(),
        (0, _) if advised => "Next: use what one of these lines names.".to_owned(),
        (0, _) => "Next: search for a shorter part of the name, or find the file by name.".to_owned(),
        (_, Some((path, _))) => {
            let place = path.split_once('/').map_or("*", |(folder, _)| folder);
            let place = if place == "*" { path.clone() } else { format!("{place}/**") };
            format!("Next: narrow it with a longer pattern or a path glob such as {place:?}.")
        }
        (_, None) => match search.hits.first() {
            Some(hit) if hit.column as usize > MAX_LINE_CHARS => {
                format!("Next: read {} around line {}, column {}.", hit.path, hit.line, hit.column)
            }
            Some(hit) => format!("Next: read {} around line {}.", hit.path, hit.line),
            None => return,
        },
    };
    let _ = writeln!(out, "{step}");
}
