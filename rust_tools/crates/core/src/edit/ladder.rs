//! Where a SEARCH text stands in a file: exactly, or nearly so in a way that leaves no doubt.
//!
//! Each rung is more tolerant than the one before. A rung that finds one place is taken; one that finds
//! several ends the climb, because a guess would edit the wrong place.

use std::ops::Range;

use crate::text::{likeness, without_ending};

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

/// Looks for `search` in `text`, rung by rung.
pub(super) fn locate(text: &str, search: &str, replace: &str) -> Result<Place, Miss> {
    let file = File::of(text);
    let trimmed = Block::trimmed(search, replace);
    let whole = Block::whole(search, replace);
    let rungs: [&dyn Fn() -> Vec<Place>; 5] = [
        &|| file.same_lines(&whole),
        &|| file.same_but_trailing_space(&trimmed),
        &|| file.shifted(&trimmed),
        &|| file.part_of_line(search, replace),
        &|| file.anchored(&trimmed),
    ];
    for rung in rungs {
        let mut places = rung();
        match places.len() {
            0 => {}
            1 => return Ok(places.remove(0)),
            _ => return Err(Miss::Ambiguous(places.iter().map(|place| file.line_of(place.bytes.start)).collect())),
        }
    }
    Err(Miss::Missing)
}

/// The two sides of an edit as lines without endings.
struct Block<'a> {
    search: Vec<&'a str>,
    replace: Vec<&'a str>,
}

impl<'a> Block<'a> {
    fn whole(search: &'a str, replace: &'a str) -> Self {
        let lines = |text: &'a str| text.split_inclusive('\n').map(without_ending).collect();
        Self { search: lines(search), replace: lines(replace) }
    }

    /// Without the blank lines around the search, and as many of those around the replacement.
    fn trimmed(search: &'a str, replace: &'a str) -> Self {
        let mut block = Self::whole(search, replace);
        let blank = |line: &&str| line.trim().is_empty();
        while block.search.first().is_some_and(blank) {
            block.search.remove(0);
            if block.replace.first().is_some_and(blank) {
                block.replace.remove(0);
            }
        }
        while block.search.last().is_some_and(blank) {
            block.search.pop();
            if block.replace.last().is_some_and(blank) {
                block.replace.pop();
            }
        }
        block
    }
}

/// A file as lines.
struct File<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
    starts: Vec<usize>,
}

impl<'a> File<'a> {
    fn of(text: &'a str) -> Self {
        let raw = text.split_inclusive('\n');
        let mut starts = vec![0];
        starts.extend(raw.clone().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }));
        Self { text, lines: raw.map(without_ending).collect(), starts }
    }

    fn line_of(&self, byte: usize) -> u32 {
        self.starts.partition_point(|start| *start <= byte) as u32
    }

    /// First lines of the windows, as long as the search, for which `fits` holds.
    fn windows(&self, length: usize, fits: impl Fn(&[&str]) -> bool) -> Vec<usize> {
        if length == 0 {
            return Vec::new();
        }
        self.lines.windows(length).enumerate().filter(|(_, window)| fits(window)).map(|(at, _)| at).collect()
    }

    /// Rung 1: the same lines; only their endings may differ.
    fn same_lines(&self, block: &Block<'_>) -> Vec<Place> {
        let found = self.windows(block.search.len(), |window| window == block.search.as_slice());
        found.into_iter().map(|at| self.place(at, block.search.len(), &block.replace, "exact".to_owned())).collect()
    }

    /// Rung 2: white space at the ends of lines and blank lines around the block do not count.
    fn same_but_trailing_space(&self, block: &Block<'_>) -> Vec<Place> {
        let same = |(a, b): (&&str, &&str)| a.trim_end() == b.trim_end();
        let found = self.windows(block.search.len(), |window| window.iter().zip(&block.search).all(same));
        let how = "white space at line ends differs";
        found.into_iter().map(|at| self.place(at, block.search.len(), &block.replace, how.to_owned())).collect()
    }

    /// Rung 3: every line is indented by the same more or less; the replacement is shifted likewise.
    fn shifted(&self, block: &Block<'_>) -> Vec<Place> {
        let found = self.windows(block.search.len(), |window| shift_between(window, &block.search).is_some());
        found
            .into_iter()
            .filter_map(|at| {
                let shift = shift_between(&self.lines[at..at + block.search.len()], &block.search)?;
                let replace = shift.apply(&block.replace)?;
                let replace: Vec<&str> = replace.iter().map(String::as_str).collect();
                Some(self.place(at, block.search.len(), &replace, shift.describe()))
            })
            .collect()
    }

    /// Rung 4: the search is a part of a line, or begins or ends inside one, at the edges of words.
    fn part_of_line(&self, search: &str, replace: &str) -> Vec<Place> {
        let crlf = self.text.contains("\r\n");
        let (search, replace) = (search.trim_matches(['\n', '\r']), replace.trim_matches(['\n', '\r']));
        let with_endings = |text: &str| text.replace("\r\n", "\n").replace('\n', if crlf { "\r\n" } else { "\n" });
        let needle = with_endings(search);
        if needle.trim().is_empty() {
            return Vec::new();
        }
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let splits_word = |at: usize| word(self.text[..at].chars().next_back()) && word(self.text[at..].chars().next());
        let ends = |(start, found): (usize, &str)| start..start + found.len();
        self.text
            .match_indices(needle.as_str())
            .map(ends)
            .filter(|bytes| !splits_word(bytes.start) && !splits_word(bytes.end))
            .map(|bytes| Place { bytes, replacement: with_endings(replace), how: "exact, part of a line".to_owned() })
            .collect()
    }

    /// Rung 5: first and last line are the same, the number of lines too, and what is between is alike.
    fn anchored(&self, block: &Block<'_>) -> Vec<Place> {
        const LEAST_LINES: usize = 3;
        const LEAST_LIKENESS: f32 = 0.6;
        let length = block.search.len();
        if length < LEAST_LINES {
            return Vec::new();
        }
        let between = block.search[1..length - 1].join("\n");
        let found = self.windows(length, |window| {
            let same = |at: usize| window[at].trim_end() == block.search[at].trim_end();
            same(0) && same(length - 1)
        });
        let alike = |at: &usize| {
            let here = self.lines[at + 1..at + length - 1].join("\n");
            likeness(&here, &between) >= LEAST_LIKENESS
        };
        let how = "first and last line match, lines between differ a little";
        match found.as_slice() {
            [only] if alike(only) => vec![self.place(*only, length, &block.replace, how.to_owned())],
            _ => Vec::new(),
        }
    }

    /// The place of whole lines, the replacement with the line endings that the file has there.
    fn place(&self, first: usize, length: usize, replace: &[&str], how: String) -> Place {
        let bytes = self.starts[first]..self.starts[first + length];
        let here = &self.text[bytes.clone()];
        let ending =
            if here.contains("\r\n") || (!here.contains('\n') && self.text.contains("\r\n")) { "\r\n" } else { "\n" };
        let mut replacement = replace.join(ending);
        if !replace.is_empty() && here.ends_with('\n') {
            replacement.push_str(ending);
        }
        Place { bytes, replacement, how }
    }
}

/// White space that all lines of a window have in front, beyond (or short of) those of the search.
#[derive(Debug, PartialEq, Eq)]
enum Shift<'a> {
    More(&'a str),
    Less(&'a str),
}

fn shift_between<'a>(window: &[&'a str], search: &[&'a str]) -> Option<Shift<'a>> {
    let mut shift: Option<Shift<'a>> = None;
    for (here, asked) in window.iter().zip(search) {
        let (here, asked) = (here.trim_end(), asked.trim_end());
        if here.is_empty() && asked.is_empty() {
            continue;
        }
        let this = match here.strip_suffix(asked) {
            Some(more) if !asked.is_empty() => Shift::More(more),
            _ if !here.is_empty() => Shift::Less(asked.strip_suffix(here)?),
            _ => return None,
        };
        let (Shift::More(space) | Shift::Less(space)) = this;
        if space.is_empty() || !space.trim().is_empty() || shift.as_ref().is_some_and(|known| *known != this) {
            return None;
        }
        shift = Some(this);
    }
    shift
}

impl Shift<'_> {
    /// The same shift on other lines; nothing if a line has less in front than is taken away.
    fn apply(&self, lines: &[&str]) -> Option<Vec<String>> {
        lines
            .iter()
            .map(|line| match self {
                _ if line.trim().is_empty() => Some(String::new()),
                Self::More(space) => Some(format!("{space}{line}")),
                Self::Less(space) => line.strip_prefix(space).map(str::to_owned),
            })
            .collect()
    }

    fn describe(&self) -> String {
        let (sign, space) = match self {
            Self::More(space) => ('+', space),
            Self::Less(space) => ('-', space),
        };
        let unit = if space.contains('\t') { "white space characters" } else { "spaces" };
        format!("re-indented by {sign}{} {unit}", space.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(text: &str, search: &str, replace: &str) -> Result<(String, String), Miss> {
        let place = locate(text, search, replace)?;
        let mut out = text.to_owned();
        out.replace_range(place.bytes, &place.replacement);
        Ok((out, place.how))
    }

    const CART: &str = "class Cart:\n    def price(self):\n        return 1\n\n    def size(self):\n        return 2\n";

    #[test]
    fn exact_lines_are_replaced_once() {
        let (out, how) = apply(CART, "        return 2\n", "        return 3\n").expect("a place");
        assert_eq!((out.as_str(), how.as_str()), (CART.replace("return 2", "return 3").as_str(), "exact"));
    }

    #[test]
    fn several_places_are_refused_with_their_lines() {
        let text = "a\nb\na\nb\n";
        assert_eq!(apply(text, "a\n", "c\n"), Err(Miss::Ambiguous(vec![1, 3])));
        assert_eq!(apply("  x = 1\n    x = 1\n", "x = 1\n", "x = 2\n"), Err(Miss::Ambiguous(vec![1, 2])));
    }

    #[test]
    fn line_endings_of_the_file_win() {
        let (out, _) = apply("a\r\nb\r\nc\r\n", "b\n", "x\ny\n").expect("a place");
        assert_eq!(out, "a\r\nx\r\ny\r\nc\r\n");
        let (out, _) = apply("a\r\nb\r\n", "a\nb", "c\nd").expect("a place");
        assert_eq!(out, "c\r\nd\r\n");
    }

    #[test]
    fn a_missing_final_newline_stays_missing() {
        let (out, _) = apply("a\nb", "b\n", "c\n").expect("a place");
        assert_eq!(out, "a\nc");
    }

    #[test]
    fn white_space_at_line_ends_and_blank_lines_around_do_not_count() {
        let (out, how) = apply("a  \nb\nc\n", "\na\nb \n\n", "\nx\n").expect("a place");
        assert_eq!((out.as_str(), how.as_str()), ("x\nc\n", "white space at line ends differs"));
    }

    #[test]
    fn a_uniform_shift_is_applied_to_the_replacement() {
        let (out, how) =
            apply(CART, "def size(self):\n    return 2\n", "def size(self):\n    if x:\n        return 3\n")
                .expect("a place");
        assert!(out.ends_with("    def size(self):\n        if x:\n            return 3\n"), "{out}");
        assert_eq!(how, "re-indented by +4 spaces");
        let (out, how) = apply("a()\nb()\n", "    a()\n    b()\n", "    c()\n").expect("a place");
        assert_eq!((out.as_str(), how.as_str()), ("c()\n", "re-indented by -4 spaces"));
    }

    #[test]
    fn a_shift_that_the_replacement_cannot_follow_is_no_place() {
        assert_eq!(apply("a()\nb()\n", "    a()\n    b()\n", "c()\n"), Err(Miss::Missing));
    }

    #[test]
    fn part_of_a_line_is_found_at_word_edges_only() {
        let (out, _) = apply("total = price(a)\n", "price(a)", "price(b)").expect("a place");
        assert_eq!(out, "total = price(b)\n");
        assert_eq!(apply("xx = 10\n", "x = 1", "x = 2"), Err(Miss::Missing));
    }

    #[test]
    fn a_line_given_without_indent_keeps_it_for_all_new_lines() {
        let (out, _) = apply("def f():\n    return 1\n", "return 1", "if a:\n    return 2\nreturn 1").expect("a place");
        assert_eq!(out, "def f():\n    if a:\n        return 2\n    return 1\n");
    }

    #[test]
    fn anchors_bridge_small_differences_but_not_large_ones() {
        let text = "def f():\n    # adds the values\n    return 1\n";
        let (out, _) =
            apply(text, "def f():\n    # adds values\n    return 1\n", "def f():\n    return 2\n").expect("a place");
        assert_eq!(out, "def f():\n    return 2\n");
        let far = "def f():\n    raise KeyError(name)\n    return 1\n";
        assert_eq!(apply(text, far, "pass\n"), Err(Miss::Missing));
    }

    fn body() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[ ]{0,4}[a-z]{1,6}", 1..6)
    }

    proptest! {
        #[test]
        fn a_shifted_search_gives_the_shifted_replacement(lines in body(), new in body(), by in 1usize..9) {
            let pad = " ".repeat(by);
            let plain = |lines: &[String]| lines.join("\n") + "\n";
            let shifted = |lines: &[String]| format!("{pad}{}\n", lines.join(&format!("\n{pad}")));
            let file = format!("BEGIN\n{}END\n", shifted(&lines));
            if let Ok((out, _)) = apply(&file, &plain(&lines), &plain(&new)) {
                prop_assert_eq!(out, format!("BEGIN\n{}END\n", shifted(&new)));
            }
        }

        #[test]
        fn what_is_outside_the_place_is_never_touched(before in body(), old in body(), after in body(), new in body()) {
            let text = |lines: &[String]| lines.join("\n") + "\n";
            let file = format!("{}{}{}", text(&before), text(&old), text(&after));
            if let Ok(place) = locate(&file, &text(&old), &text(&new)) {
                prop_assert_eq!(&file[place.bytes], text(&old));
                prop_assert_eq!(place.replacement, text(&new));
            }
        }
    }
}
