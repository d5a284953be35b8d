//! Parsing with a bound on the work: hostile or broken sources can make a generalised parser very slow.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, Parser, Tree};

use super::Grammar;

/// Why a file has no syntax tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unparsed {
    /// It took more work than any ordinary source of its size does.
    TooSlow,
    /// It is nested more deeply than any ordinary source.
    TooDeep,
}

/// Larger files get no more work than a file of this size.
const LARGE_BYTES: usize = 1024 * 1024;

/// Some scanners read on and on between two reports. The clock stops them, at twenty times of what ordinary sources
/// take: on no machine that works is it the clock that decides about those.
pub(crate) fn time_of(bytes: usize) -> Duration {
    Duration::from_millis(500 + bytes as u64 / 500)
}

/// How many times the parser may report progress. It does so every hundred steps; ordinary sources need
/// less than one step for each byte.
fn effort_of(bytes: usize) -> usize {
    1_000 + bytes.min(LARGE_BYTES) / 20
}

/// The text with letters in place of what is not ASCII, byte for byte. The scanner of the grammar for bash asks C's
/// `isdigit` about any character, which reads beyond its table for those above 255.
fn without_high_characters(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.bytes().map(|byte| if byte.is_ascii() { char::from(byte) } else { 'x' }).collect())
}

impl Grammar {
    /// The syntax tree of a text, errors and all.
    pub(crate) fn parse(&self, text: &str) -> Result<Tree, Unparsed> {
        let mut parser = Parser::new();
        parser.set_language(self.language()).expect("grammars are of an ABI that this library reads");
        let source = if self.name == "bash" { without_high_characters(text) } else { Cow::Borrowed(text) };
        let bytes = source.as_bytes();
        let mut left = effort_of(bytes.len());
        let deadline = Instant::now() + time_of(bytes.len());
        let mut progress = |_: &_| {
            left -= 1;
            if left == 0 || Instant::now() > deadline { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        parser
            .parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
            .ok_or(Unparsed::TooSlow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_every_size_are_read_behind_a_brace() {
        let bash = Grammar::named("bash").expect("a language");
        for character in ['é', '\u{8000}', '😀', '\u{10e94d}'] {
            let text = format!("echo {{{character}..9}} \"{character}\"\nf() {{ echo; }}\n");
            let tree = bash.parse(&text).expect("a tree");
            assert_eq!(tree.root_node().end_byte(), text.len());
        }
    }
}
