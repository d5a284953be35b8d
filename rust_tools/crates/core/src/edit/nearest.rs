//! The places of a file that look most like a SEARCH text that is not in it.

use std::fmt::Write as _;
use std::ops::Range;

use similar::{Algorithm, ChangeTag, capture_diff_slices};

use crate::edit::likeness;
use crate::text::{window, without_ending};

const MOST_PLACES: usize = 3;
const LEAST_LIKENESS: f64 = 0.5;
const MAX_SHOWN_LINES: usize = 30;
const MAX_LINE_CHARS: usize = 200;

/// The nearest places, best first, each as a small diff from the SEARCH text to the numbered lines of the file;
/// empty if nothing is alike.
pub(super) fn describe(text: &str, search: &str) -> Option<Nearest> {
    let lines: Vec<&str> = text.split_inclusive('\n').map(without_ending).collect();
    let asked: Vec<&str> = search.trim_matches('\n').split('\n').map(without_ending).collect();
    let places = places(&lines, &asked);
    let first_line = places.first()?.start as u32 + 1;
    let mut shown = String::new();
    for place in places {
        let _ = writeln!(shown, "lines {} to {}:", place.start + 1, place.end);
        show_diff(&mut shown, place.start, &lines[place], &asked);
    }
    Some(Nearest { first_line, shown })
}

/// What is shown of the nearest places.
#[derive(Debug)]
pub(super) struct Nearest {
    /// The first line, from 1, of the best one.
    pub(super) first_line: u32,
    pub(super) shown: String,
}

/// Rows of the form `number sign line`: `-` for a line as asked, `+` for one as it stands, blank where they are equal.
fn show_diff(out: &mut String, first: usize, here: &[&str], asked: &[&str]) {
    let (shown_here, shown_asked) =
        (&here[..here.len().min(MAX_SHOWN_LINES)], &asked[..asked.len().min(MAX_SHOWN_LINES)]);
    let operations = capture_diff_slices(Algorithm::Myers, shown_asked, shown_here);
    for change in operations.iter().flat_map(|operation| operation.iter_changes(shown_asked, shown_here)) {
        let number = change.new_index().map_or(String::new(), |at| (first + at + 1).to_string());
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let _ = writeln!(out, "{number:>5} {sign} {}", window(change.value(), 0, MAX_LINE_CHARS));
    }
    if here.len() > MAX_SHOWN_LINES {
        let _ = writeln!(out, "      … {} more lines", here.len() - MAX_SHOWN_LINES);
    }
}

/// The most similar places (lines from 0), best first; they do not overlap.
fn places(lines: &[&str], asked: &[&str]) -> Vec<Range<usize>> {
    const COMPARED_IN_FULL: usize = 12;
    if lines.is_empty() || asked.iter().all(|line| line.trim().is_empty()) {
        return Vec::new();
    }
    let mut rough = rough_scores(lines, asked);
    let compared = COMPARED_IN_FULL.min(rough.len());
    let best_first = |(score, first): &(u32, usize)| (std::cmp::Reverse(*score), *first);
    rough.select_nth_unstable_by_key(compared - 1, best_first);

    let mut full: Vec<(f64, usize)> = rough[..compared]
        .iter()
        .map(|(_, first)| (likeness::of_aligned(&lines[*first..(first + asked.len()).min(lines.len())], asked), *first))
        .filter(|(ratio, _)| *ratio >= LEAST_LIKENESS)
        .collect();
    full.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));

    let mut chosen: Vec<Range<usize>> = Vec::new();
    for (_, first) in full {
        if chosen.len() < MOST_PLACES {
            let place = fitted(lines, asked, first);
            if chosen.iter().all(|other| place.end <= other.start || other.end <= place.start) {
                chosen.push(place);
            }
        }
    }
    chosen
}

/// The place of about the length of the search that is most like it: its ends may lie a line further out or in, since
/// the search may lack a line or have one too many.
fn fitted(lines: &[&str], asked: &[&str], first: usize) -> Range<usize> {
    let end = (first + asked.len()).min(lines.len());
    let starts = [first, first.saturating_sub(1), (first + 1).min(end - 1)];
    let ends = [end, (end + 1).min(lines.len()), (end - 1).max(first + 1)];
    let places = starts.into_iter().flat_map(|start| ends.map(|end| start..end)).filter(|place| !place.is_empty());
    let scored = places.map(|place| (likeness::of_aligned(&lines[place.clone()], asked), place));
    // The first of equals: the place as long as the search.
    let better = |best: (f64, Range<usize>), other: (f64, Range<usize>)| if other.0 > best.0 { other } else { best };
    scored.reduce(better).map_or(first..end, |(_, place)| place)
}

/// A rough likeness for each window, by sketches of its lines; of a long search some lines stand for all.
fn rough_scores(lines: &[&str], asked: &[&str]) -> Vec<(u32, usize)> {
    const MOST_SAMPLED: usize = 32;
    let here: Vec<Sketch> = lines.iter().map(|line| Sketch::of(line)).collect();
    let last = lines.len().saturating_sub(asked.len());
    let mut scores: Vec<(u32, usize)> = (0..=last).map(|first| (0, first)).collect();
    let step = asked.len().div_ceil(MOST_SAMPLED);
    for (at, asked) in asked.iter().enumerate().step_by(step) {
        let asked = Sketch::of(asked);
        // Nothing stands before the first line and after the last one.
        let alike: Vec<u32> = std::iter::once(0)
            .chain(here.iter().map(|here| here.likeness(&asked)))
            .chain(std::iter::repeat_n(0, asked_lines_beyond(lines.len(), last, at)))
            .collect();
        // A line may stand one further up or down: the search may lack a line, or have one too many.
        for (score, near) in scores.iter_mut().zip(alike[at..].windows(3)) {
            score.0 += near[0].max(near[1]).max(near[2]);
        }
    }
    scores
}

/// How many lines after the last one a window reaches with its line `at`, and one more.
fn asked_lines_beyond(lines: usize, last_window: usize, at: usize) -> usize {
    (last_window + at + 2).saturating_sub(lines)
}

/// A set of the letter pairs of a line: equal lines have equal sketches, similar ones share bits.
struct Sketch {
    bits: u64,
    size: u32,
}

impl Sketch {
    fn of(line: &str) -> Self {
        let bytes = line.trim().as_bytes();
        let bits = bytes.windows(2).fold(0, |bits: u64, pair| {
            let hash = u32::from(pair[0]).wrapping_mul(31).wrapping_add(u32::from(pair[1])).wrapping_mul(0x9E37_79B1);
            bits | 1 << (hash >> 26)
        });
        Self { bits, size: bits.count_ones() }
    }

    /// From 0 to 100: the shared part of both sets.
    fn likeness(&self, other: &Self) -> u32 {
        ((self.bits & other.bits).count_ones() * 200).checked_div(self.size + other.size).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_was_misspelt_is_shown_with_its_number() {
        let text = "def price(cart):\n    return cart.total\n\ndef size(cart):\n    return len(cart)\n";
        let told = describe(text, "def price(cart):\n    return cart.totals()\n").expect("a place").shown;
        assert_eq!(
            told.lines().take(4).collect::<Vec<_>>(),
            [
                "lines 1 to 2:",
                "    1   def price(cart):",
                "      -     return cart.totals()",
                "    2 +     return cart.total"
            ]
        );
    }

    #[test]
    fn a_line_that_the_search_lacks_does_not_hide_the_place() {
        let text = "import a\n\ndef price(cart):\n    # the sum\n    total = sum(cart)\n    return total\n";
        let told =
            describe(text, "def price(cart):\n    total = sum(cart)\n    return totals\n").expect("a place").shown;
        assert!(told.starts_with("lines 3 to 6:\n    3   def price(cart):\n    4 +     # the sum\n    5 "), "{told}");
    }

    #[test]
    fn nothing_alike_is_nothing_said() {
        assert!(describe("a = 1\nb = 2\n", "for (const item of list) {\n").is_none());
        assert!(describe("", "x").is_none());
    }

    #[test]
    fn a_long_diff_is_cut_and_says_so() {
        let asked: Vec<String> = (0..60).map(|n| format!("value_{n} = {n}\n")).collect();
        let asked = asked.concat();
        let text = asked.replace("value", "values");
        let told = describe(&text, &asked).expect("a place").shown;
        assert!(told.ends_with("      … 30 more lines\n"), "{told}");
    }
}
