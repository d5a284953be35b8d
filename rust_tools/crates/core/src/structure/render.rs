//! Which matches are shown, and the text that a model reads.

use std::fmt::Write as _;

use super::pattern::Found;
use super::{FileMatches, Match, Matches, Request};
use crate::contents::Content;
use crate::index::View;
use crate::outline::Facts;
use crate::search::rank::rank;
use crate::text::{count, quoted, window};

/// Characters kept for the first line, the counts and the next step.
const FRAME_CHARS: usize = 700;
const MAX_LINE_CHARS: usize = 200;
const MAX_CAPTURE_CHARS: usize = 80;

/// Lines of a match that are shown.
const MOST_LINES: usize = 3;
const MOST_FILES: usize = 10;

/// Chooses the matches, counts the rest and renders everything.
pub(super) fn fill(matches: &mut Matches, view: &View<'_>, request: &Request, mut per_file: Vec<FileMatches>) {
    per_file.sort_by(|a, b| (rank(&a.path, false), &a.path).cmp(&(rank(&b.path, false), &b.path)));
    let (limit, mut left_chars) = (request.limit.max(1), request.budget_chars.saturating_sub(FRAME_CHARS));
    let mut body = String::new();
    let mut full = false;
    for FileMatches { path, found } in per_file {
        let mut shown = 0;
        if let (false, Some((text, facts))) = (full, text_and_facts(view, &path)) {
            let lines = Lines::new(&text);
            for found in &found {
                let one = lines.place(&path, found);
                let heading = if shown == 0 { format!("\n{path}\n") } else { String::new() };
                let block = heading + &block(&one, &facts);
                let size = block.chars().count();
                full = matches.matches.len() == limit || (size > left_chars && !matches.matches.is_empty());
                if full {
                    break;
                }
                left_chars = left_chars.saturating_sub(size);
                body.push_str(&block);
                matches.matches.push(one);
                shown += 1;
            }
        }
        if shown < found.len() {
            matches.rest.push((path, found.len() - shown));
        }
    }
    matches.complete = matches.rest.is_empty() && matches.partial.is_none() && matches.unparsed.is_empty();
    let mut out = first_line(matches, request);
    for note in &matches.notes {
        let _ = writeln!(out, "Note: {note}.");
    }
    if !matches.unparsed.is_empty() {
        let files = count(matches.unparsed.len(), "file");
        let _ = writeln!(out, "Not searched: {files} that could not be parsed: {}.", matches.unparsed.join(", "));
    }
    out.push_str(&body);
    write_rest(&mut out, matches);
    write_next_step(&mut out, matches);
    matches.rendered = out;
}

fn text_and_facts(view: &View<'_>, path: &str) -> Option<(String, std::sync::Arc<Facts>)> {
    let entry = view.entry(path)?;
    match view.content(entry) {
        Content::Text(text) => Some((String::from_utf8_lossy(&text).into_owned(), entry.facts(&text))),
        _ => None,
    }
}

/// A text that is asked for places in ascending order or not.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    fn place(&self, path: &str, found: &Found) -> Match {
        let text = self.text.get(found.range.clone()).unwrap_or_default();
        let line = self.line(found.range.start);
        let before = self.text.get(self.starts[line - 1]..found.range.start).unwrap_or_default();
        Match {
            path: path.to_owned(),
            line: line as u32,
            column: before.chars().count() as u32 + 1,
            end_line: self.line(found.range.start + text.trim_end().len().saturating_sub(1)) as u32,
            text: text.to_owned(),
            captures: found.captures.clone(),
        }
    }
}

/// One match: its place, what it lies in, its first lines, and what the holes hold where that is not in sight.
fn block(found: &Match, facts: &Facts) -> String {
    let lines = if found.line == found.end_line {
        found.line.to_string()
    } else {
        format!("{}-{}", found.line, found.end_line)
    };
    let around = facts.enclosing(found.line).filter(|symbol| symbol.line != found.line);
    let inside = around.map_or_else(String::new, |symbol| format!(" in {}", symbol.qualified_name));
    let mut source = found.text.trim_end().lines();
    let mut out = format!("  {lines}{inside}: {}\n", window(source.next().unwrap_or_default(), 0, MAX_LINE_CHARS));
    for line in source.by_ref().take(MOST_LINES - 1) {
        let _ = writeln!(out, "{}", format!("      {}", window(line, 0, MAX_LINE_CHARS)).trim_end());
    }
    let more = source.count();
    if more > 0 {
        let _ = writeln!(out, "      … {}", count(more, "more line"));
        for (name, text) in &found.captures {
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(out, "    ${name} = {}", window(&folded, 0, MAX_CAPTURE_CHARS));
        }
    }
    out
}

fn first_line(matches: &Matches, request: &Request) -> String {
    let mut out = format!("{} of {}", count(matches.total, "match"), quoted(&request.pattern));
    if matches.total > 0 {
        let shown =
            if matches.rest.is_empty() { "all shown".to_owned() } else { format!("showing {}", matches.matches.len()) };
        let _ = write!(out, " in {}; {shown}", count(matches.files, "file"));
    }
    let complete = match matches.partial {
        Some(stop) => format!("not complete ({})", stop.as_str()),
        None if matches.complete => "complete".to_owned(),
        None => "not complete".to_owned(),
    };
    let languages =
        if matches.languages.is_empty() { String::new() } else { format!(" ({})", matches.languages.join(", ")) };
    let _ = writeln!(out, "; {complete}; searched {}{languages}", count(matches.files_searched, "file"));
    out
}

fn write_rest(out: &mut String, matches: &Matches) {
    if matches.rest.is_empty() {
        return;
    }
    let hidden: usize = matches.rest.iter().map(|(_, times)| times).sum();
    let _ = writeln!(out, "\nNot shown: {} in {}", count(hidden, "match"), count(matches.rest.len(), "file"));
    for (path, times) in matches.rest.iter().take(MOST_FILES) {
        let _ = writeln!(out, "  {path}: {times}");
    }
    if matches.rest.len() > MOST_FILES {
        let _ = writeln!(out, "  … and {} more", count(matches.rest.len() - MOST_FILES, "file"));
    }
}

fn write_next_step(out: &mut String, matches: &Matches) {
    let step = match matches.matches.first() {
        None if matches.files_searched == 0 => "no file of this language and path; check both".to_owned(),
        None => "use more holes, such as $$$ARGS for all arguments, or search for the name as text".to_owned(),
        Some(_) if !matches.rest.is_empty() => "narrow it with fewer holes or a path glob".to_owned(),
        Some(found) => format!("read {} around line {}", found.path, found.line),
    };
    let _ = writeln!(out, "\nNext: {step}.");
}
