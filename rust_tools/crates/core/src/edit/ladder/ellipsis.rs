//! The rung for a search that leaves lines out: `...` on both sides stands for the same kept lines.

use super::Place;
use super::indent::{Shift, common_shift};
use super::lines::{Block, Lines, windows};

/// Rung 6: the parts between the `...` lines stand in the file in this order, in one way only.
pub(super) fn parts(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    let Some(parts) = Parts::of(block) else { return Vec::new() };
    let candidates: Vec<Vec<Candidate<'_>>> = parts.blocks.iter().map(|part| candidates(file, part)).collect();
    let mut shifts: Vec<Shift<'_>> = Vec::new();
    for candidate in &candidates[0] {
        if !shifts.contains(&candidate.shift) {
            shifts.push(candidate.shift);
        }
    }
    let found: Vec<(Shift<'_>, Way)> = shifts
        .into_iter()
        .flat_map(|shift| parts.ways(&candidates, shift).into_iter().map(move |way| (shift, way)))
        .collect();
    match found.as_slice() {
        [] => Vec::new(),
        [(shift, only)] => parts.place(file, only, shift).into_iter().collect(),
        [(_, one), (_, other), ..] => different_parts(file, one, other),
    }
}

/// Where two ways to place the parts differ first: what has to be made unique.
fn different_parts(file: &Lines<'_>, one: &[usize], other: &[usize]) -> Vec<Place> {
    let differing = std::iter::zip(one, other).find(|(one, other)| one != other);
    let starts = differing.map_or([0, 0], |(one, other)| [*one, *other]);
    starts
        .map(|line| Place { bytes: file.start(line)..file.start(line), replacement: String::new(), how: String::new() })
        .into()
}

/// The first line of each part.
type Way = Vec<usize>;

/// Both sides cut at their `...` lines; parts that correspond are one block.
struct Parts<'a> {
    blocks: Vec<Block<'a>>,
}

/// Where a part could stand, and how much further in than it is written.
struct Candidate<'a> {
    start: usize,
    shift: Shift<'a>,
}

impl<'a> Parts<'a> {
    /// Nothing where the sides do not have the same parts, or a part that has to be found is empty.
    fn of(block: &Block<'a>) -> Option<Self> {
        let cut = |lines: &[&'a str]| lines.split(|line| is_ellipsis(line)).map(<[&str]>::to_vec).collect::<Vec<_>>();
        let (search, replace) = (cut(&block.search), cut(&block.replace));
        if search.len() < 2 || search.len() != replace.len() {
            return None;
        }
        let last = search.len() - 1;
        let mut blocks = Vec::new();
        for (at, (search, replace)) in search.into_iter().zip(replace).enumerate() {
            let nothing = search.iter().all(|line| line.trim().is_empty());
            match (nothing, at == 0 || at == last) {
                (false, _) => blocks.push(Block { search, replace, ending: block.ending }),
                // An ellipsis at the edge stands for what is around the edit: there is nothing to find or change.
                (true, true) if replace.iter().all(|line| line.trim().is_empty()) => {}
                (true, _) => return None,
            }
        }
        (!blocks.is_empty()).then_some(Self { blocks })
    }

    /// The ways, two at most, to put the parts one after the other with the same shift.
    fn ways(&self, candidates: &[Vec<Candidate<'_>>], shift: Shift<'_>) -> Vec<Way> {
        let last = candidates.len() - 1;
        // From the last part to the first: where a part can stand, with at most two ways to go on from there.
        let mut ways: Vec<(usize, Vec<Way>)> = Vec::new();
        for at in (0..=last).rev() {
            let length = self.blocks[at].search.len();
            let starts =
                candidates[at].iter().filter(|candidate| candidate.shift == shift).map(|candidate| candidate.start);
            ways = starts
                .map(|start| {
                    if at == last {
                        return (start, vec![vec![start]]);
                    }
                    let after = ways.partition_point(|(next, _)| *next < start + length);
                    let rest = ways[after..].iter().take(2).flat_map(|(_, ways)| ways).take(2);
                    (start, rest.map(|rest| [&[start], rest.as_slice()].concat()).collect())
                })
                .filter(|(_, ways): &(usize, Vec<Way>)| !ways.is_empty())
                .collect();
        }
        ways.into_iter().flat_map(|(_, ways)| ways).take(2).collect()
    }

    fn place(&self, file: &Lines<'_>, starts: &[usize], shift: &Shift<'_>) -> Option<Place> {
        let mut replacement = String::new();
        let mut kept = Vec::new();
        let mut end = starts[0];
        for (part, start) in self.blocks.iter().zip(starts) {
            if *start > end {
                kept.push(format!("{} to {start}", end + 1));
                replacement.push_str(file.span(end, *start));
            }
            replacement.push_str(&file.replaced(*start, part, shift)?);
            end = start + part.search.len();
        }
        let mut how = match kept.as_slice() {
            [] => "\"...\" stands for no lines here".to_owned(),
            lines => format!("\"...\" stands for lines {}", lines.join(", ")),
        };
        if *shift != Shift::None {
            how = format!("{how}; {}", shift.describe());
        }
        Some(Place { bytes: file.start(starts[0])..file.start(end), replacement, how })
    }
}

fn candidates<'a>(file: &Lines<'a>, part: &Block<'a>) -> Vec<Candidate<'a>> {
    let same = |(a, b): (&&str, &&str)| a.trim() == b.trim();
    windows(&file.bare, part.search.len(), |window| window.iter().zip(&part.search).all(same))
        .into_iter()
        .filter_map(|start| {
            let shift = common_shift(&file.bare[start..start + part.search.len()], &part.search)?;
            Some(Candidate { start, shift })
        })
        .collect()
}

/// A line that only stands for others: three dots or the ellipsis character, perhaps as a comment.
pub(super) fn is_ellipsis(line: &str) -> bool {
    let line = line.trim();
    let bare = ["#", "//", "--"].iter().find_map(|leader| line.strip_prefix(leader)).unwrap_or(line);
    matches!(bare.trim(), "..." | "…")
}
