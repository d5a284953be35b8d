//! The places of a file that look most like a SEARCH text that is not in it.

use std::fmt::Write as _;

use crate::text::{likeness, window, without_ending};

const MOST_PLACES: usize = 3;
const LEAST_LIKENESS: f32 = 0.5;
const MAX_SHOWN_LINES: usize = 30;
const MAX_LINE_CHARS: usize = 200;

/// The nearest places with their numbered lines, best first; empty if nothing is alike.
pub(super) fn describe(text: &str, search: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').map(without_ending).collect();
    let asked: Vec<&str> = search.trim_matches('\n').split('\n').collect();
    let mut out = String::new();
    for first in places(&lines, &asked) {
        let last = (first + asked.len()).min(lines.len());
        let _ = writeln!(out, "lines {} to {last}:", first + 1);
        for (number, line) in (first + 1..).zip(&lines[first..last]).take(MAX_SHOWN_LINES) {
            let _ = writeln!(out, "{number:>5} | {}", window(line, 0, MAX_LINE_CHARS));
        }
        if last - first > MAX_SHOWN_LINES {
            let _ = writeln!(out, "      … {} more lines", last - first - MAX_SHOWN_LINES);
        }
    }
    out
}

/// First lines (from 0) of the most similar windows that do not overlap.
fn places(lines: &[&str], asked: &[&str]) -> Vec<usize> {
    const COMPARED_IN_FULL: usize = 12;
    if lines.is_empty() || asked.iter().all(|line| line.trim().is_empty()) {
        return Vec::new();
    }
    let here: Vec<u64> = lines.iter().map(|line| sketch(line)).collect();
    let wanted: Vec<u64> = asked.iter().map(|line| sketch(line)).collect();
    let last = lines.len().saturating_sub(asked.len());
    let mut rough: Vec<(u32, usize)> = (0..=last)
        .map(|first| (wanted.iter().zip(&here[first..]).map(|(a, b)| shared_bits(*a, *b)).sum(), first))
        .collect();
    rough.sort_unstable_by_key(|(score, first)| (std::cmp::Reverse(*score), *first));

    let asked_text = asked.join("\n");
    let mut full: Vec<(f32, usize)> = rough
        .into_iter()
        .take(COMPARED_IN_FULL)
        .map(|(_, first)| {
            let text = lines[first..(first + asked.len()).min(lines.len())].join("\n");
            (likeness(&text, &asked_text), first)
        })
        .filter(|(ratio, _)| *ratio >= LEAST_LIKENESS)
        .collect();
    full.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));

    let mut chosen: Vec<usize> = Vec::new();
    for (_, first) in full {
        if chosen.len() < MOST_PLACES && chosen.iter().all(|other| first.abs_diff(*other) >= asked.len()) {
            chosen.push(first);
        }
    }
    chosen
}

/// A set of the letter pairs of a line in 64 bits: equal lines have equal sketches, similar ones share bits.
fn sketch(line: &str) -> u64 {
    let bytes = line.trim().as_bytes();
    bytes.windows(2).fold(0, |bits, pair| {
        let hash = u32::from(pair[0]).wrapping_mul(31).wrapping_add(u32::from(pair[1])).wrapping_mul(0x9E37_79B1);
        bits | 1 << (hash >> 26)
    })
}

/// Percentage of shared bits.
fn shared_bits(a: u64, b: u64) -> u32 {
    ((a & b).count_ones() * 100).checked_div((a | b).count_ones()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_was_misspelt_is_shown_with_its_number() {
        let text = "def price(cart):\n    return cart.total\n\ndef size(cart):\n    return len(cart)\n";
        let told = describe(text, "    return cart.totals()\n");
        assert!(told.starts_with("lines 2 to 2:\n    2 |     return cart.total\n"), "{told}");
    }

    #[test]
    fn nothing_alike_is_nothing_said() {
        assert_eq!(describe("a = 1\nb = 2\n", "for (const item of list) {\n"), "");
        assert_eq!(describe("", "x"), "");
    }
}
