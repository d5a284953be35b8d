//! The rungs that go by likeness: for a search that has a slip in it, where no other place is near.

use super::Place;
use super::indent::{Shift, common_shift};
use super::lines::{Block, Lines, windows};
use crate::edit::likeness::{self, Likeness};

/// Rung 7: first and last line are the same, only one place has them this far apart, and what is between is alike.
pub(super) fn anchored(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    const LEAST_LINES: usize = 3;
    const LEAST_LIKENESS: f64 = 0.6;
    let length = block.search.len();
    if length < LEAST_LINES {
        return Vec::new();
    }
    let ends = [block.search[0], block.search[length - 1]];
    let same_ends = |window: &[&str]| window[0].trim() == ends[0].trim() && window[length - 1].trim() == ends[1].trim();
    let [only] = windows(&file.bare, length, same_ends)[..] else { return Vec::new() };
    let here = &file.bare[only..only + length];
    let between = likeness::of_blocks(&here[1..length - 1], &block.search[1..length - 1]).whole;
    let place =
        common_shift(&[here[0], here[length - 1]], &ends).filter(|_| between >= LEAST_LIKENESS).and_then(|shift| {
            let how = format!("first and last line match, lines between are {} alike", percent(between));
            file.place(only, block, &shift, with_shift(how, &shift))
        });
    place.into_iter().collect()
}

/// Rung 8: one place is very much like the search, line by line, and every other clearly less so. Half of the lines at
/// least are the same: a slip or two is forgiven, not another text.
pub(super) fn fuzzy(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    /// In one or two lines a slip cannot be told from another statement.
    const LEAST_LINES: usize = 3;
    const LEAST_LIKENESS: f64 = 0.9;
    const LEAST_LEAD: f64 = 0.05;
    const LEAST_LIKENESS_OF_A_LINE: f64 = 0.6;
    const MOST_COMPARED: usize = 200;
    let length = block.search.len();
    let lines = block.search.iter().filter(|line| !line.trim().is_empty()).count();
    if lines < LEAST_LINES {
        return Vec::new();
    }
    let candidates = likeness::candidates(&file.bare, &block.search, LEAST_LIKENESS - LEAST_LEAD);
    if candidates.len() > MOST_COMPARED {
        return Vec::new(); // a text that is like itself everywhere
    }
    let mut scored: Vec<(Likeness, usize)> = candidates
        .into_iter()
        .map(|first| (likeness::of_blocks(&file.bare[first..first + length], &block.search), first))
        .collect();
    scored.sort_by(|a, b| b.0.whole.total_cmp(&a.0.whole));
    let Some((best, first)) = scored.first().copied() else { return Vec::new() };
    let led = scored.get(1).is_none_or(|(second, _)| second.whole <= best.whole - LEAST_LEAD);
    let slips = best.worst_line >= LEAST_LIKENESS_OF_A_LINE && 2 * best.same_lines >= lines;
    if best.whole < LEAST_LIKENESS || !slips || !led {
        return Vec::new();
    }
    let shift = common_shift(&file.bare[first..first + length], &block.search);
    let how = format!("{} alike, no other place is near", percent(best.whole));
    shift.and_then(|shift| file.place(first, block, &shift, with_shift(how, &shift))).into_iter().collect()
}

fn with_shift(how: String, shift: &Shift<'_>) -> String {
    if *shift == Shift::None { how } else { format!("{how}; {}", shift.describe()) }
}

/// Rounded down: 100 % is said of equal texts only.
#[expect(clippy::cast_sign_loss, reason = "a ratio between 0 and 1")]
fn percent(ratio: f64) -> String {
    format!("{} %", (ratio * 100.0).floor() as u32)
}
