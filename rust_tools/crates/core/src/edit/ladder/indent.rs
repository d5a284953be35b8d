//! The rung that lets a whole block be indented otherwise than the search.

use std::borrow::Cow;

use super::Place;
use super::lines::{Block, Lines, windows};

/// White space that all lines of a place have in front, beyond (or short of) those of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift<'a> {
    None,
    More(&'a str),
    Less(&'a str),
}

/// Rung 3: every line is indented by the same more or less; the replacement is shifted likewise.
pub(super) fn shifted(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    let shift_at = |at: usize| shift_between(&file.bare[at..at + block.search.len()], &block.search);
    let found = windows(&file.bare, block.search.len(), |window| shift_between(window, &block.search).is_some());
    found
        .into_iter()
        .filter_map(|at| shift_at(at).and_then(|shift| file.place(at, block, &shift, shift.describe())))
        .collect()
}

/// The shift that makes the search the same as the window, apart from white space at line ends.
pub(super) fn shift_between<'a>(window: &[&'a str], search: &[&'a str]) -> Option<Shift<'a>> {
    let same = |pair: (&&str, &&str)| pair.0.trim() == pair.1.trim();
    if !window.iter().zip(search).all(same) {
        return None;
    }
    common_shift(window, search).filter(|shift| *shift != Shift::None)
}

/// The one shift of all lines that are blank on neither side; nothing if they do not agree.
pub(super) fn common_shift<'a>(window: &[&'a str], search: &[&'a str]) -> Option<Shift<'a>> {
    let mut known: Option<Shift<'a>> = None;
    for (here, asked) in window.iter().zip(search) {
        let (here_space, asked_space) = (leading_space(here), leading_space(asked));
        if here_space.len() == here.len() || asked_space.len() == asked.len() {
            continue;
        }
        let this = match (here_space.strip_suffix(asked_space), asked_space.strip_suffix(here_space)) {
            (Some(""), _) => Shift::None,
            (Some(more), _) => Shift::More(more),
            (_, Some(less)) => Shift::Less(less),
            _ => return None,
        };
        if known.is_some_and(|known| known != this) {
            return None;
        }
        known = Some(this);
    }
    Some(known.unwrap_or(Shift::None))
}

fn leading_space(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

impl Shift<'_> {
    /// The same shift on another line; nothing if the line has less in front than is taken away.
    pub(super) fn apply<'l>(&self, line: &'l str) -> Option<Cow<'l, str>> {
        match self {
            Self::None => Some(Cow::Borrowed(line)),
            _ if line.trim().is_empty() => Some(Cow::Borrowed("")),
            Self::More(space) => Some(Cow::Owned(format!("{space}{line}"))),
            Self::Less(space) => line.strip_prefix(space).map(Cow::Borrowed),
        }
    }

    pub(super) fn describe(&self) -> String {
        let (sign, space) = match self {
            Self::None => return String::new(),
            Self::More(space) => ('+', space),
            Self::Less(space) => ('-', space),
        };
        let unit = if space.contains('\t') { "white space characters" } else { "spaces" };
        format!("re-indented by {sign}{} {unit}", space.chars().count())
    }
}
