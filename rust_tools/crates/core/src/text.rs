//! Lines, columns and windows on long lines.

use ruff_text_size::TextSize;

/// Where each line of a text begins, to turn offsets into line numbers.
#[derive(Debug)]
pub(crate) struct LineStarts(Vec<u32>);

impl LineStarts {
    pub(crate) fn of(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        Self(std::iter::once(0).chain(breaks.map(|at| at as u32 + 1)).collect())
    }

    /// The line, from 1, that holds an offset.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        self.0.partition_point(|start| *start <= offset.to_u32()) as u32
    }

    /// The column of an offset in characters, from 1.
    pub(crate) fn column(&self, text: &str, offset: TextSize) -> u32 {
        let start = self.0[self.line(offset) as usize - 1] as usize;
        text.get(start..offset.to_usize()).map_or(1, |head| head.chars().count() as u32 + 1)
    }
}

/// A line without its ending, `\n` or `\r\n`.
pub(crate) fn without_ending(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// At most `width` characters of a line around the character `focus` (from 0); what is cut is counted.
pub(crate) fn window(line: &str, focus: usize, width: usize) -> String {
    let total = line.chars().count();
    if total <= width {
        return line.to_owned();
    }
    let start = focus.saturating_sub(width / 3).min(total - width);
    let end = start + width;
    let shown: String = line.chars().skip(start).take(width).collect();
    let before = if start > 0 { format!("[{start} characters] …") } else { String::new() };
    let after = if end < total { format!("… [{} characters]", total - end) } else { String::new() };
    format!("{before}{shown}{after}")
}

/// Whether the name of a file ends with a dot and `ending`.
pub(crate) fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

/// Whether a line holds a name that is no part of a longer one.
pub(crate) fn has_word(line: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let alone = |at: usize| !line[..at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part);
    !name.is_empty() && line.match_indices(name).any(|(at, _)| alone(at))
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = match number {
        1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_keeps_the_focus_and_counts_what_it_cuts() {
        let line = format!("{}needle{}", "a".repeat(500), "b".repeat(300));
        assert_eq!(window(&line, 500, 30), "[490 characters] …aaaaaaaaaaneedlebbbbbbbbbbbbbb… [286 characters]");
        assert_eq!(window("short", 2, 30), "short");
        assert_eq!(window("äöüß", 3, 2), "[2 characters] …üß");
    }
}
