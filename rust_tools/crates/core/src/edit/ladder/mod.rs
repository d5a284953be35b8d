//! Where a SEARCH text stands in a file: exactly, or nearly so in a way that leaves no doubt.
//!
//! Each rung is more tolerant than the one before. A rung that finds one place is taken; one that finds
//! several ends the climb, because a guess would edit the wrong place. Lines that REPLACE repeats from SEARCH
//! stay as the file has them, so that a tolerant rung changes no more than the edit meant to.

mod alike;
mod ellipsis;
mod exact;
mod indent;
mod kept;
mod lines;
mod punctuation;

use std::ops::Range;

use lines::{Block, Lines};

/// A text to find and what comes there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) search: &'a str,
    pub(super) replace: &'a str,
    /// Whether the texts are whole lines; else the search may also be a part of one.
    pub(super) whole_lines: bool,
    /// The line, from 1, where it should stand: of several places that fit, the nearest one is meant.
    pub(super) near: Option<u32>,
}

/// A place in a file and what comes there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bytes: Range<usize>,
    pub(super) replacement: String,
    pub(super) how: String,
}

/// Why there is no place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Several places fit equally well; their first lines, from 1.
    Ambiguous(Vec<u32>),
    Missing,
}

/// Looks for the wanted text, rung by rung.
pub(super) fn locate(text: &str, wanted: &Wanted<'_>) -> Result<Place, Miss> {
    if let Some(place) = exact::at_once(text, wanted) {
        return Ok(place);
    }
    let file = Lines::of(text);
    let whole = Block::whole(wanted);
    let trimmed = Block::trimmed(wanted);
    // Where several places fit to the letter, the line that was named decides; a resemblance is not so trusted.
    let certain: [&dyn Fn() -> Vec<Place>; 2] =
        [&|| exact::same_lines(&file, &whole), &|| exact::same_but_trailing_space(&file, &trimmed)];
    for rung in certain {
        if let Some(answer) = the_only(&file, rung(), wanted.near) {
            return answer;
        }
    }
    let tolerant: [&dyn Fn() -> Vec<Place>; 6] = [
        &|| indent::shifted(&file, &trimmed),
        &|| if wanted.whole_lines { Vec::new() } else { exact::part_of_line(&file, wanted) },
        &|| punctuation::folded(&file, &trimmed),
        &|| ellipsis::parts(&file, &trimmed),
        &|| alike::anchored(&file, &trimmed),
        &|| alike::fuzzy(&file, &trimmed),
    ];
    for rung in tolerant {
        if let Some(answer) = the_only(&file, rung(), None) {
            return answer;
        }
    }
    Err(Miss::Missing)
}

/// Whether the file holds these lines, apart from white space at their ends.
pub(super) fn holds(text: &str, lines: &str) -> bool {
    let wanted = Wanted { search: lines, replace: "", whole_lines: true, near: None };
    !exact::same_but_trailing_space(&Lines::of(text), &Block::trimmed(&wanted)).is_empty()
}

/// Whether the search has lines that only stand for others.
pub(super) fn leaves_lines_out(wanted: &Wanted<'_>) -> bool {
    wanted.search.lines().any(ellipsis::is_ellipsis)
}

/// The one place, or the one nearest to the named line; nothing where no place fits.
fn the_only(file: &Lines<'_>, mut places: Vec<Place>, near: Option<u32>) -> Option<Result<Place, Miss>> {
    if places.len() > 1
        && let Some(near) = near
    {
        let distance = |place: &Place| file.line_of(place.bytes.start).abs_diff(near);
        places.sort_by_key(distance);
        if distance(&places[0]) < distance(&places[1]) {
            places.truncate(1);
        }
    }
    match places.len() {
        0 => None,
        1 => places.pop().map(Ok),
        _ => {
            let mut lines: Vec<u32> = places.iter().map(|place| file.line_of(place.bytes.start)).collect();
            lines.sort_unstable();
            Some(Err(Miss::Ambiguous(lines)))
        }
    }
}

#[cfg(test)]
mod tests;
