//! How alike lines are, measured so that even a large file is compared with a search in milliseconds.
//!
//! The likeness of two texts is twice the length of their longest common subsequence over the sum of their
//! lengths, in bytes; that of two blocks is the same over their lines one by one, without the white space around.

use std::iter::zip;

/// Lines whose lengths multiply to more are compared by their common beginning and end only.
const MOST_COMPARED: usize = 4 << 20;

/// How alike two blocks are, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    pub(super) whole: f64,
    /// The least alike pair of lines.
    pub(super) worst_line: f64,
    /// How many pairs of lines are the same, blank ones left aside.
    pub(super) same_lines: usize,
}

/// Compares as many lines as the shorter block has; further ones have nothing in common with it.
pub(super) fn of_blocks(here: &[&str], asked: &[&str]) -> Likeness {
    let (mut common, mut worst_line, mut same_lines) = (0, 1.0_f64, 0);
    for (here, asked) in zip(here, asked) {
        let (here, asked) = (here.trim(), asked.trim());
        let in_common = in_common(here.as_bytes(), asked.as_bytes());
        common += in_common;
        same_lines += usize::from(here == asked && !here.is_empty());
        worst_line = worst_line.min(ratio(in_common, here.len() + asked.len()));
    }
    let length = |lines: &[&str]| lines.iter().map(|line| line.trim().len()).sum::<usize>();
    Likeness { whole: ratio(common, length(here) + length(asked)), worst_line, same_lines }
}

/// Like [`of_blocks`], but lines may be lacking on either side, three in a row at most. A line that stands further up
/// or down then counts as far as it is alike, in a long block only if it is the same.
pub(super) fn of_aligned(here: &[&str], asked: &[&str]) -> f64 {
    const BAND: usize = 3;
    const LONG_BLOCK: usize = 40;
    let (here, asked_lines): (Vec<&str>, Vec<&str>) = (trimmed(here), trimmed(asked));
    // Bytes in common of the lines asked so far and as many lines here, three less to three more.
    let mut best = [0; 2 * BAND + 1];
    for (at, asked) in asked_lines.iter().enumerate() {
        let above = best;
        for shift in 0..best.len() {
            let line = (at + shift).checked_sub(BAND).and_then(|line| here.get(line));
            let compared = shift == BAND || (shift.abs_diff(BAND) == 1 && asked_lines.len() <= LONG_BLOCK);
            let common = line.map_or(0, |line| match (line == asked, compared) {
                (true, _) => line.len(),
                (false, true) => in_common(line.as_bytes(), asked.as_bytes()),
                (false, false) => 0,
            });
            let lacking = above.get(shift + 1).copied().unwrap_or_default();
            let too_many = shift.checked_sub(1).map_or(0, |shift| best[shift]);
            best[shift] = (above[shift] + common).max(lacking).max(too_many);
        }
    }
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    ratio(best.into_iter().max().unwrap_or_default(), length(&here) + length(&asked_lines))
}

fn trimmed<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().map(|line| line.trim()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "lengths of files of 16 MB at most")]
fn ratio(common: usize, lengths: usize) -> f64 {
    if lengths == 0 { 1.0 } else { 2.0 * common as f64 / lengths as f64 }
}

/// The length of the longest common subsequence: 64 columns of the table at a time (Hyyrö 2004).
pub(super) fn in_common(a: &[u8], b: &[u8]) -> usize {
    let front = zip(a, b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = zip(a.iter().rev(), b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    let outside = front + back;
    if a.is_empty() || b.is_empty() || a.len() * b.len() > MOST_COMPARED {
        return outside;
    }
    let words = a.len().div_ceil(64);
    let mut columns_of = vec![0_u64; 256 * words];
    for (at, byte) in a.iter().enumerate() {
        columns_of[usize::from(*byte) * words + at / 64] |= 1 << (at % 64);
    }
    let mut open = vec![u64::MAX; words];
    for byte in b {
        let columns = &columns_of[usize::from(*byte) * words..][..words];
        let mut carry = false;
        for (open, columns) in open.iter_mut().zip(columns) {
            let matched = *open & columns;
            let (sum, over) = open.overflowing_add(matched);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            carry = over || over_again;
            *open = sum | (*open & !matched);
        }
    }
    outside + open.iter().map(|word| word.count_zeros() as usize).sum::<usize>()
}

/// How often each of 32 groups of bytes occurs in a line: a cheap upper bound of what two lines have in common.
struct Bag {
    counts: [u8; 32],
    length: usize,
}

impl Bag {
    fn of(line: &str) -> Self {
        let line = line.trim();
        let mut counts = [0_u8; 32];
        for byte in line.bytes() {
            let count = &mut counts[usize::from(byte & 31)];
            *count = count.saturating_add(1);
        }
        if counts.contains(&u8::MAX) {
            counts = [u8::MAX; 32]; // too long to be counted: as if it held everything
        }
        Self { counts, length: line.len() }
    }

    /// What the two do not have in common, at least, in bytes of both.
    fn apart(&self, other: &Self) -> usize {
        let shared: u32 = zip(&self.counts, &other.counts).map(|(a, b)| u32::from(*a.min(b))).sum();
        let bound = if self.counts[0] == u8::MAX && other.counts[0] == u8::MAX {
            self.length.min(other.length)
        } else {
            shared as usize
        };
        (self.length + other.length).saturating_sub(2 * bound)
    }
}

/// First lines (from 0) of every place that may be at least this much like the block: none that is, is missing.
pub(super) fn candidates(lines: &[&str], asked: &[&str], least: f64) -> Vec<usize> {
    if asked.is_empty() || lines.len() < asked.len() {
        return Vec::new();
    }
    let here: Vec<Bag> = lines.iter().map(|line| Bag::of(line)).collect();
    let wanted: Vec<Bag> = asked.iter().map(|line| Bag::of(line)).collect();
    let wanted_length: usize = wanted.iter().map(|bag| bag.length).sum();
    let mut length: usize = here[..asked.len()].iter().map(|bag| bag.length).sum();
    let mut found = Vec::new();
    for first in 0..=lines.len() - asked.len() {
        if first > 0 {
            length = length + here[first + asked.len() - 1].length - here[first - 1].length;
        }
        if may_be_like(&here[first..], &wanted, allowed(length + wanted_length, least)) {
            found.push(first);
        }
    }
    found
}

/// How many bytes may differ in texts of this length together.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a part of a length that fits")]
fn allowed(lengths: usize, least: f64) -> usize {
    (lengths as f64 * (1.0 - least)).ceil() as usize
}

fn may_be_like(here: &[Bag], wanted: &[Bag], allowed: usize) -> bool {
    let mut apart = 0;
    zip(here, wanted).all(|(here, wanted)| {
        apart += here.apart(wanted);
        apart <= allowed
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The table as textbooks draw it.
    fn by_table(a: &[u8], b: &[u8]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (at, y) in b.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    fn block(lines: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[ ]{0,2}[ab=]{0,6}", lines)
    }

    #[test]
    fn a_lacking_line_costs_no_more_than_itself() {
        let here = ["def f():", "    a = 1", "    # why", "    b = 2", "    return a"];
        let asked = ["def f():", "    a = 1", "    b = 2", "    return a"];
        let lengths = 2 * (8 + 5 + 5 + 8) + 5;
        assert!((of_aligned(&here, &asked) - ratio(8 + 5 + 5 + 8, lengths)).abs() < 1e-9);
        assert!((of_aligned(&asked, &here) - ratio(8 + 5 + 5 + 8, lengths)).abs() < 1e-9);
        assert!(of_blocks(&here, &asked).whole < 0.6);
    }

    proptest! {
        #[test]
        fn an_alignment_finds_at_least_what_stands_line_by_line(here in block(0..8), asked in block(0..8)) {
            let here: Vec<&str> = here.iter().map(String::as_str).collect();
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            let aligned = of_aligned(&here, &asked);
            prop_assert!(aligned >= of_blocks(&here, &asked).whole - 1e-9 && aligned <= 1.0);
        }

        #[test]
        fn common_bytes_are_those_of_the_table(a in "[a-d]{0,200}", b in "[a-d]{0,200}") {
            prop_assert_eq!(in_common(a.as_bytes(), b.as_bytes()), by_table(a.as_bytes(), b.as_bytes()));
        }

        #[test]
        fn no_place_that_is_alike_enough_is_missing(lines in block(0..12), asked in block(1..4), least in 0.0..1.0) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            let found = candidates(&lines, &asked, least);
            for (first, window) in lines.windows(asked.len()).enumerate() {
                let alike = of_blocks(window, &asked).whole >= least;
                prop_assert!(!alike || found.contains(&first), "place {}", first);
            }
        }
    }

    #[test]
    fn very_long_lines_are_bounded_too() {
        let (a, b) = ("a".repeat(3_000), format!("{}b", "a".repeat(3_000)));
        assert!((of_blocks(&[&a], &[&b]).whole - 6_000.0 / 6_001.0).abs() < 1e-9);
        assert_eq!(candidates(&[&a], &[&b], 0.99), [0]);
        let (a, b) = (format!("x{}y", "a".repeat(5_000)), format!("y{}x", "a".repeat(5_000)));
        assert_eq!(in_common(a.as_bytes(), b.as_bytes()), 0, "too long to be compared: nothing is promised");
    }
}
