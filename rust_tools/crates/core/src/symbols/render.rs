//! Which uses of a name are shown, and the text that a model reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::near::closest_names;
use super::references::{FileUses, Reference, References};
use super::{Use, parts};
use crate::index::View;
use crate::outline::Occurrence;
use crate::text::{count, quoted};

/// Characters kept for the first line, the counts and the next step.
const FRAME_CHARS: usize = 700;

/// Counts of files that are listed by name.
const MOST_FILES: usize = 10;

/// The groups in their order; tests come last, whatever they do with the name.
const GROUPS: [(&str, &str); 5] = [
    ("Definitions", "definition"),
    ("Imports", "import"),
    ("Calls", "call"),
    ("Other uses", "other use"),
    ("Tests", "use in tests"),
];

fn group(test: bool, role: Use) -> usize {
    match role {
        _ if test => 4,
        Use::Definition => 0,
        Use::Import => 1,
        Use::Call => 2,
        Use::Other => 3,
    }
}

/// One group: how many uses there are by file, and the first of them, more than can be shown.
#[derive(Default)]
struct Group {
    total: usize,
    by_file: Vec<(String, usize)>,
    first: Vec<Reference>,
}

fn groups(view: &View<'_>, files: &[FileUses], limit: usize) -> [Group; GROUPS.len()] {
    let mut groups: [Group; GROUPS.len()] = Default::default();
    for file in files {
        for (number, into) in groups.iter_mut().enumerate() {
            let its: Vec<Occurrence> =
                file.uses.iter().filter(|it| group(file.test, it.role) == number).copied().collect();
            if its.is_empty() {
                continue;
            }
            let wanted = its.len().min(limit.saturating_sub(into.first.len()));
            into.first.extend(file.references(view, &its[..wanted]));
            into.by_file.push((file.path.clone(), its.len()));
            into.total += its.len();
        }
    }
    groups
}

/// Chooses the uses, counts the rest and renders everything.
pub(super) fn fill(
    found: &mut References,
    view: &View<'_>,
    asked: &str,
    name: &str,
    files: &[FileUses],
    limit: usize,
    budget_chars: usize,
) {
    let groups = groups(view, files, limit.max(1));
    let counts = groups.each_ref().map(|group| group.total);
    let shown = choose(&groups, limit.max(1), budget_chars.saturating_sub(FRAME_CHARS));
    let mut rest: BTreeMap<String, usize> = BTreeMap::new();
    let mut body = String::new();
    for ((group, shown), (heading, _)) in groups.into_iter().zip(shown).zip(GROUPS) {
        for (path, times) in group.by_file {
            *rest.entry(path).or_default() += times;
        }
        write_group(&mut body, heading, &group.first[..shown]);
        found.hits.extend(group.first.into_iter().take(shown));
    }
    for hit in &found.hits {
        rest.entry(hit.path.clone()).and_modify(|times| *times -= 1);
    }
    rest.retain(|_, times| *times > 0);
    found.rest = rest.into_iter().collect();
    found.complete = found.rest.is_empty() && found.unparsed.is_empty() && found.partial.is_none();
    let mut out = first_line(found, name, counts);
    write_elsewhere(&mut out, found);
    out.push_str(&body);
    write_rest(&mut out, &found.rest);
    write_next_step(&mut out, found, view, asked, name);
    found.rendered = out;
}

/// How many of each group are shown: first a third of the limit each, then more in the order of the groups.
fn choose(groups: &[Group; GROUPS.len()], limit: usize, budget_chars: usize) -> [usize; GROUPS.len()] {
    let mut shown = [0; GROUPS.len()];
    let (mut left, mut left_chars) = (limit, budget_chars);
    for most in [limit.div_ceil(3), usize::MAX] {
        for (Group { first: uses, .. }, shown) in groups.iter().zip(&mut shown) {
            while *shown < uses.len().min(most) && left > 0 {
                let before = shown.checked_sub(1).map(|before| &uses[before].path);
                let cost = cost(&uses[*shown], before);
                if cost > left_chars && left < limit {
                    break;
                }
                left_chars = left_chars.saturating_sub(cost);
                left -= 1;
                *shown += 1;
            }
        }
    }
    shown
}

fn cost(reference: &Reference, path_before: Option<&String>) -> usize {
    const NUMBER_CHARS: usize = 14;
    let heading = if path_before == Some(&reference.path) { 0 } else { reference.path.len() + 2 };
    heading + reference.text.chars().count() + reference.inside.len() + NUMBER_CHARS
}

fn first_line(found: &References, name: &str, counts: [usize; GROUPS.len()]) -> String {
    let mut out = format!("{} to {}", count(found.total, "reference"), quoted(name));
    if found.total > 0 {
        let kinds = counts.iter().zip(GROUPS).filter(|(number, _)| **number > 0);
        let kinds: Vec<String> = kinds
            .map(|(number, (_, noun))| match noun.strip_suffix(" in tests") {
                Some(noun) => format!("{} in tests", count(*number, noun)),
                None => count(*number, noun),
            })
            .collect();
        let shown =
            if found.rest.is_empty() { "all shown".to_owned() } else { format!("showing {}", found.hits.len()) };
        let _ = write!(out, " in {}: {}; {shown}", count(found.files, "file"), kinds.join(", "));
    }
    let stopped =
        found.partial.map_or_else(String::new, |stop| format!(" ({}): some files were not read", stop.as_str()));
    let _ = writeln!(out, "; {}{stopped}", if found.complete { "complete" } else { "not complete" });
    out
}

/// Where else the word stands, which no tree can tell about.
fn write_elsewhere(out: &mut String, found: &References) {
    if found.in_text > 0 {
        let _ = writeln!(out, "Also {} in comments, strings and other text.", count(found.in_text, "time"));
    }
    if !found.other_files.is_empty() {
        let files = listed(&found.other_files);
        let _ = writeln!(
            out,
            "Also as a word in {} in no known language: {files}.",
            count(found.other_files.len(), "file")
        );
    }
    if !found.unparsed.is_empty() {
        let files = count(found.unparsed.len(), "file");
        let _ = writeln!(out, "Not counted: {files} that could not be parsed: {}.", found.unparsed.join(", "));
    }
}

fn listed(files: &[(String, usize)]) -> String {
    let mut names: Vec<String> =
        files.iter().take(MOST_FILES).map(|(path, times)| format!("{path} ({times})")).collect();
    if files.len() > MOST_FILES {
        names.push(format!("… and {} more", files.len() - MOST_FILES));
    }
    names.join(", ")
}

fn write_group(out: &mut String, heading: &str, uses: &[Reference]) {
    if uses.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    let mut path = "";
    for same_line in uses.chunk_by(|a, b| a.path == b.path && a.line == b.line) {
        let reference = &same_line[0];
        if reference.path != path {
            path = &reference.path;
            let _ = writeln!(out, "{path}");
        }
        let times = if same_line.len() > 1 { format!(" ({} times)", same_line.len()) } else { String::new() };
        let inside = if reference.inside.is_empty() { String::new() } else { format!(" in {}", reference.inside) };
        let _ = writeln!(out, "  {}{times}{inside}: {}", reference.line, reference.text);
    }
}

fn write_rest(out: &mut String, rest: &[(String, usize)]) {
    if rest.is_empty() {
        return;
    }
    let references: usize = rest.iter().map(|(_, times)| times).sum();
    let _ = writeln!(out, "\nNot shown: {} in {}", count(references, "reference"), count(rest.len(), "file"));
    for (path, times) in rest.iter().take(MOST_FILES) {
        let _ = writeln!(out, "  {path}: {times}");
    }
    if rest.len() > MOST_FILES {
        let _ = writeln!(out, "  … and {} more", count(rest.len() - MOST_FILES, "file"));
    }
}

fn write_next_step(out: &mut String, found: &References, view: &View<'_>, asked: &str, name: &str) {
    if parts(asked).len() > 1 {
        let _ = writeln!(out, "Note: uses of every {name:?} are listed; which of them mean {asked:?} is not resolved.");
    }
    if found.total > 0 {
        if let Some(hit) = found.hits.first() {
            let _ = writeln!(out, "\nNext: read {} around line {}.", hit.path, hit.line);
        }
        return;
    }
    let names = if found.partial.is_none() { closest_names(view, name, 5) } else { Vec::new() };
    if !names.is_empty() {
        let _ = writeln!(out, "Defined are: {}.", names.join(", "));
    }
    let step = if names.is_empty() { "search for it as text" } else { "ask for one of these names" };
    let _ = writeln!(out, "Next: {step}.");
}
