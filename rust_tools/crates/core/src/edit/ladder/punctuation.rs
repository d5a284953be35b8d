//! The rung that takes typographic characters for the plain ones that stand on keyboards.

use std::borrow::Cow;

use super::Place;
use super::indent::{Shift, common_shift};
use super::lines::{Block, Lines, windows};

/// Rung 5: the same lines once quotes, dashes, spaces, ellipsis characters and full-width forms are plain,
/// indented as in the search or all by the same more or less.
pub(super) fn folded(file: &Lines<'_>, block: &Block<'_>) -> Vec<Place> {
    if file.text.is_ascii() && block.search.iter().all(|line| line.is_ascii()) {
        return Vec::new();
    }
    let here: Vec<Cow<'_, str>> = file.bare.iter().map(|line| plain(line)).collect();
    let asked: Vec<Cow<'_, str>> = block.search.iter().map(|line| plain(line)).collect();
    let here: Vec<&str> = here.iter().map(AsRef::as_ref).collect();
    let asked: Vec<&str> = asked.iter().map(AsRef::as_ref).collect();
    let same = |(a, b): (&&str, &&str)| a.trim() == b.trim();
    windows(&here, asked.len(), |window| window.iter().zip(&asked).all(same))
        .into_iter()
        .filter_map(|at| {
            let shift = common_shift(&here[at..at + asked.len()], &asked)?;
            let how = match shift {
                Shift::None => "punctuation differs".to_owned(),
                shift => format!("punctuation differs, {}", shift.describe()),
            };
            file.place(at, block, &shift, how)
        })
        .collect()
}

/// A line with plain punctuation.
pub(super) fn plain(line: &str) -> Cow<'_, str> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '‘' | '’' | '‚' | '‛' | '′' => out.push('\''),
            '“' | '”' | '„' | '‟' | '″' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => out.push(' '),
            '…' => out.push_str("..."),
            '\u{ff01}'..='\u{ff5e}' => out.extend(char::from_u32(u32::from(c) - 0xff01 + 0x21)),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}
