//! One pass over the files that can match: what each of them holds, and what is not searched.

use super::globs::Globs;
use super::matcher::Matcher;
use super::rank::is_definition;
use crate::contents::{Content, Entry, Kind};
use crate::index::View;
use crate::listing::Skipped;

/// What a pass has found.
#[derive(Default)]
pub(super) struct Scan<'a> {
    /// Files with matching lines, in the order of their paths.
    pub(super) matching: Vec<Matching<'a>>,
    pub(super) files_searched: usize,
    pub(super) not_reached: usize,
    /// What was not searched, by reason; what the list of files leaves out is not in it.
    pub(super) skipped: Skipped,
}

pub(super) struct Matching<'a> {
    pub(super) entry: &'a Entry,
    /// Number of matching lines.
    pub(super) lines: u32,
    /// Whether one of them defines what was matched.
    pub(super) defines: bool,
}

/// What was seen of one file.
enum Seen {
    Kind(Kind),
    Lines { lines: u32, defines: bool },
    NotReached,
}

impl<'a> Scan<'a> {
    /// Looks into the files that can match. Of those that have `passed` it is known that they do not.
    pub(super) fn of(view: &'a View<'_>, matcher: &Matcher, globs: &Globs, passed: &[bool]) -> Self {
        let chosen = globs.choose().then(|| view.chosen_by(globs));
        let allowed = |position: &u32| chosen.as_ref().is_none_or(|chosen| chosen[*position as usize]);
        let mut scan = Self::default();
        let mut candidates = candidates(view, matcher);
        candidates.retain(|(at, _)| allowed(at) && !passed.get(*at as usize).is_some_and(|passed| *passed));
        scan.rule_out(view, &candidates, allowed);
        let look = |(_, among): &Candidate, entry: &Entry| look(view, matcher, *among, entry);
        let seen = view.map_each(&candidates, |(position, _)| *position, matcher.may_be_slow(), look);
        for ((position, _), seen) in candidates.iter().zip(seen) {
            match seen {
                Seen::NotReached => scan.not_reached += 1,
                Seen::Kind(kind) => scan.count(kind, 1),
                Seen::Lines { lines, defines } => {
                    let entry = &*view.entries[*position as usize];
                    scan.matching.push(Matching { entry, lines, defines });
                    scan.files_searched += 1;
                }
            }
        }
        scan
    }

    /// Number of matching lines.
    pub(super) fn lines(&self) -> usize {
        self.matching.iter().map(|matching| matching.lines as usize).sum()
    }

    /// Counts the other files: their postings say that they have no match.
    fn rule_out(&mut self, view: &View<'_>, candidates: &[Candidate], allowed: impl Fn(&u32) -> bool) {
        let mut candidates = candidates.iter().map(|(position, _)| *position).peekable();
        let mut kinds = [0; Kind::ALL.len()];
        for position in 0..view.entries.len() as u32 {
            let looked_at = candidates.next_if_eq(&position).is_some();
            if !looked_at && allowed(&position) {
                kinds[view.coverage.kind(position as usize) as usize] += 1;
            }
        }
        for kind in Kind::ALL {
            self.count(kind, kinds[kind as usize]);
        }
    }

    fn count(&mut self, kind: Kind, files: u32) {
        match kind.as_skipped() {
            None => self.files_searched += files as usize,
            Some(reason) if files > 0 => *self.skipped.entry(reason).or_default() += files,
            Some(_) => {}
        }
    }
}

/// The position of a file that can match, and which ones of several texts that are looked for it can hold.
type Candidate = (u32, u64);

fn candidates(view: &View<'_>, matcher: &Matcher) -> Vec<Candidate> {
    if !matcher.apart.is_empty() {
        return view.coverage.candidates_of_each(&matcher.apart);
    }
    let all = || (0..view.entries.len() as u32).collect();
    let positions = view.coverage.candidates(&matcher.required).unwrap_or_else(all);
    positions.into_iter().map(|position| (position, u64::MAX)).collect()
}

fn look(view: &View<'_>, matcher: &Matcher, among: u64, entry: &Entry) -> Seen {
    const PROBED_FOR_DEFINITIONS: u32 = 200;
    let goes_on = || view.token().stopped().is_none();
    if !goes_on() {
        return Seen::NotReached;
    }
    let text = match view.content(entry) {
        Content::Text(text) => text,
        other => return Seen::Kind(other.kind()),
    };
    let (mut lines, mut defines) = (0, false);
    let whole = matcher.lines_among(among, &text, &goes_on, |line| {
        lines += 1;
        defines = defines || (lines <= PROBED_FOR_DEFINITIONS && is_definition(&text, &line));
        true
    });
    match (whole, lines) {
        (false, _) => Seen::NotReached,
        (true, 0) => Seen::Kind(Kind::Text),
        (true, lines) => Seen::Lines { lines, defines },
    }
}
