//! From what was asked to one matcher that finds all patterns in one pass.

use aho_corasick::packed;
use grep_matcher::Match;
use grep_regex::RegexMatcherBuilder;
use memchr::memmem::Finder;
use regex_syntax::hir::{Hir, Look};

use super::engine::{Backtracking, Engine, Reach};
use super::required;
use super::smart_case::Typed;
use crate::error::{Error, Result};
use crate::postings::Query;
use crate::text::{count, quoted};

/// How letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// Ignored if characters are typed in the patterns and none of them is a capital letter.
    #[default]
    Smart,
    /// It counts.
    Sensitive,
    /// It is ignored.
    Ignored,
}

/// What is looked for: lines that match at least one of the patterns.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// Literal texts, or regular expressions in the syntax of Rust's regex crate.
    pub patterns: Vec<String>,
    /// Whether they are regular expressions.
    pub regex: bool,
    /// Whether a match must begin and end at the edge of a word.
    pub word: bool,
    /// How letter case counts.
    pub case: Case,
}

/// The compiled patterns, and what a reader should know about how they were understood.
#[derive(Debug)]
pub(crate) struct Matcher {
    engine: Engine,
    reach: Reach,
    /// What every text with a match holds.
    pub(crate) required: Query,
    /// The same for each of several literal texts on its own; at most 64.
    pub(crate) apart: Vec<Query>,
    pub(crate) notes: Vec<String>,
    pub(crate) ignores_case: bool,
}

/// One pattern as it will be searched.
struct Source {
    expression: String,
    /// Nothing for one that needs backtracking.
    hir: Option<Hir>,
}

const SIZE_LIMIT_BYTES: usize = 10 * 1024 * 1024;

/// Bounds of one search: what is within them compiles in about a second at most.
const MOST_PATTERNS: usize = 1000;
const MOST_PATTERN_BYTES: usize = 64 * 1024;

/// Steps after which a backtracking pattern is given up on a line: some ten milliseconds.
const MOST_STEPS: usize = 1_000_000;

impl Patterns {
    pub(crate) fn compile(&self) -> Result<Matcher> {
        if self.patterns.is_empty() || self.patterns.iter().any(String::is_empty) {
            return Err(Error::Pattern("the pattern is empty; give the text to look for".to_owned()));
        }
        self.are_within_bounds()?;
        let ignores_case = match self.case {
            Case::Sensitive => false,
            Case::Ignored => true,
            Case::Smart => {
                let typed = if self.regex { Typed::in_expression } else { Typed::in_text };
                Typed::ignores_case(self.patterns.iter().map(|pattern| typed(pattern)))
            }
        };
        let mut notes = Vec::new();
        let sources: Vec<Source> =
            self.patterns.iter().map(|pattern| self.source(pattern, ignores_case, &mut notes)).collect();
        let (engine, reach) = if sources.iter().any(|source| source.hir.is_none()) {
            self.backtracking(&sources, ignores_case)?
        } else if let Some(literals) = self.literals(ignores_case) {
            literals
        } else {
            self.linear(&sources, ignores_case)?
        };
        let each = sources.iter().map(|source| source.hir.as_ref().map_or(Query::Always, required::by));
        let each: Vec<Query> = each.collect();
        let is_apart = matches!(engine, Engine::Literals(..)) && each.len() <= 64 && !each.contains(&Query::Always);
        let (required, apart) = (Query::any(each.clone()), if is_apart { each } else { Vec::new() });
        Ok(Matcher { engine, reach, required, apart, notes, ignores_case })
    }

    /// Refuses what would take long to compile.
    fn are_within_bounds(&self) -> Result<()> {
        let bytes: usize = self.patterns.iter().map(String::len).sum();
        if self.patterns.len() > MOST_PATTERNS || bytes > MOST_PATTERN_BYTES {
            let many = count(self.patterns.len(), "pattern");
            return Err(Error::Pattern(format!(
                "{many} of {bytes} bytes are too much for one search (at most {MOST_PATTERNS} patterns, \
                 {MOST_PATTERN_BYTES} bytes); look for a telling part of the text"
            )));
        }
        Ok(())
    }

    /// The regular expression of one pattern; one that does not compile is taken literally.
    fn source(&self, pattern: &str, ignores_case: bool, notes: &mut Vec<String>) -> Source {
        let literal = || {
            let expression = regex::escape(pattern);
            Source { hir: parse(&expression, ignores_case).ok(), expression }
        };
        if !self.regex {
            return literal();
        }
        let reason = match parse(pattern, ignores_case) {
            Ok(hir) => match builder().build(pattern) {
                Ok(_) => return Source { expression: pattern.to_owned(), hir: Some(hir) },
                Err(error) => error.to_string(),
            },
            Err(error) if needs_backtracking(&error) => match backtracking_builder(pattern, ignores_case).build() {
                Ok(_) => {
                    notes.push(format!("{} looks around or back: searched line by line, by trial", quoted(pattern)));
                    return Source { expression: pattern.to_owned(), hir: None };
                }
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
        notes.push(format!("{} is no valid regular expression ({reason}); searched literally", quoted(pattern)));
        literal()
    }

    /// An engine for texts that are searched byte by byte.
    fn literals(&self, ignores_case: bool) -> Option<(Engine, Reach)> {
        if self.regex || self.word || ignores_case {
            return None;
        }
        let engine = match self.patterns.as_slice() {
            [text] => Engine::Literal(Finder::new(text).into_owned()),
            texts => {
                let finders = texts.iter().map(|text| Finder::new(text).into_owned()).collect();
                Engine::Literals(packed::Searcher::new(texts)?, finders)
            }
        };
        let reach = if self.patterns.iter().any(|text| text.contains('\n')) { Reach::Text } else { Reach::Lines };
        Some((engine, reach))
    }

    fn linear(&self, sources: &[Source], ignores_case: bool) -> Result<(Engine, Reach)> {
        let mut builder = builder();
        builder.case_insensitive(ignores_case).word(self.word);
        let expressions: Vec<&str> = sources.iter().map(|source| source.expression.as_str()).collect();
        // `crlf` lets `$` match before \r\n and keeps matches on one line; a pattern that names a line break
        // is refused by it and then searched across lines.
        if let Ok(regex) = builder.crlf(true).build_many(&expressions) {
            let ends_text = |hir: &Hir| hir.properties().look_set().contains(Look::End);
            let whole = sources.iter().filter_map(|source| source.hir.as_ref()).any(ends_text);
            return Ok((Engine::Linear(regex), if whole { Reach::Text } else { Reach::Lines }));
        }
        let regex = builder.crlf(false).line_terminator(None).build_many(&expressions);
        let together = |error| Error::Pattern(format!("the patterns cannot be searched together: {error}"));
        Ok((Engine::Linear(regex.map_err(together)?), Reach::Text))
    }

    fn backtracking(&self, sources: &[Source], ignores_case: bool) -> Result<(Engine, Reach)> {
        let compile = |source: &Source| {
            let expression = &source.expression;
            let expression = if self.word { format!(r"(?<!\w)(?:{expression})(?!\w)") } else { expression.clone() };
            let compiled = backtracking_builder(&expression, ignores_case).build();
            compiled.map_err(|error| Error::Pattern(format!("{:?} cannot be searched: {error}", source.expression)))
        };
        let patterns = sources.iter().map(compile).collect::<Result<_>>()?;
        let across_lines = self.patterns.iter().any(|pattern| pattern.contains("\\n") || pattern.contains('\n'));
        let reach = if across_lines { Reach::Text } else { Reach::Line };
        Ok((Engine::Backtracking(Backtracking::new(patterns)), reach))
    }
}

/// The meaning of an expression under the flags that every search has.
pub(super) fn parse(expression: &str, ignores_case: bool) -> std::result::Result<Hir, Box<regex_syntax::Error>> {
    let mut parser = regex_syntax::ParserBuilder::new();
    parser.utf8(false).multi_line(true).case_insensitive(ignores_case).build().parse(expression).map_err(Box::new)
}

fn needs_backtracking(error: &regex_syntax::Error) -> bool {
    use regex_syntax::ast::ErrorKind::{UnsupportedBackreference, UnsupportedLookAround};
    matches!(error, regex_syntax::Error::Parse(error)
        if matches!(error.kind(), UnsupportedBackreference | UnsupportedLookAround))
}

fn builder() -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder.multi_line(true).size_limit(SIZE_LIMIT_BYTES).dfa_size_limit(SIZE_LIMIT_BYTES);
    builder
}

fn backtracking_builder(expression: &str, ignores_case: bool) -> fancy_regex::RegexBuilder {
    let mut builder = fancy_regex::RegexBuilder::new(expression);
    builder
        .multi_line(true)
        .crlf(true)
        .case_insensitive(ignores_case)
        .bytes_mode(fancy_regex::BytesMode::UnicodeBytes)
        .backtrack_limit(MOST_STEPS)
        .max_prog_size(SIZE_LIMIT_BYTES / 100)
        .delegate_size_limit(SIZE_LIMIT_BYTES)
        .delegate_dfa_size_limit(SIZE_LIMIT_BYTES);
    builder
}

/// A line that matches: byte offsets of the line without its ending, and of the first match in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) found: Match,
}

impl Matcher {
    /// Calls `visit` for every line in which a match begins, in order, until it answers false. Every now and then
    /// `goes_on` is asked; the answer is false if it said no before the text was at its end.
    pub(crate) fn lines(&self, text: &[u8], goes_on: &dyn Fn() -> bool, visit: impl FnMut(Line) -> bool) -> bool {
        self.lines_among(u64::MAX, text, goes_on, visit)
    }

    /// The same in a text of which it is known which ones of several literal texts it can hold.
    pub(crate) fn lines_among(
        &self,
        among: u64,
        text: &[u8],
        goes_on: &dyn Fn() -> bool,
        mut visit: impl FnMut(Line) -> bool,
    ) -> bool {
        let only = self.engine.only(text, among);
        let (mut part, mut end) = (0, self.reach.part_end(text, 0));
        loop {
            let mut from = part;
            while let Some(found) = self.find(&text[..end], part, from, only) {
                let start = memchr::memrchr(b'\n', &text[..found.start()]).map_or(0, |at| at + 1);
                if start == end {
                    break; // an empty match behind the last line's ending, or in an empty file: there is no line
                }
                let rest = &text[found.start()..];
                let line_end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| found.start() + at);
                let shown_end = if text[start..line_end].ends_with(b"\r") { line_end - 1 } else { line_end };
                if !visit(Line { start, end: shown_end, found }) {
                    return true;
                }
                from = line_end.max(found.end().saturating_sub(1)) + 1;
            }
            if end == text.len() {
                return true;
            }
            if !goes_on() {
                return false;
            }
            (part, end) = (end, self.reach.part_end(text, end));
        }
    }

    /// Whether a line of a text matches.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let mut found = false;
        self.lines(text, &|| true, |_| {
            found = true;
            false
        });
        found
    }

    /// The first match from a place on in the last part of a text, which begins at `part`.
    fn find(&self, text: &[u8], part: usize, from: usize, only: Option<u32>) -> Option<Match> {
        // To look back over the lines before would cost time, and find nothing that the line needs.
        let base = if self.reach == Reach::Line { part } else { 0 };
        let found = (from <= text.len()).then(|| self.engine.find(&text[base..], from - base, only)).flatten();
        found.map(|found| found.offset(base))
    }

    /// On how many lines a backtracking pattern was given up so far: they count as lines without a match.
    pub(crate) fn given_up(&self) -> usize {
        self.engine.given_up()
    }

    /// Whether the time for a text has no tight bound.
    pub(crate) fn may_be_slow(&self) -> bool {
        matches!(self.engine, Engine::Backtracking(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(patterns: &[&str], text: &str) -> Vec<usize> {
        let patterns = patterns.iter().map(ToString::to_string).collect();
        let patterns = Patterns { patterns, regex: true, case: Case::Sensitive, ..Patterns::default() };
        let mut found = Vec::new();
        assert!(patterns.compile().expect("a pattern").lines(text.as_bytes(), &|| true, |line| {
            found.push(text[..line.start].matches('\n').count() + 1);
            true
        }));
        found
    }

    #[test]
    fn lookaround_and_backreferences_are_searched_line_by_line() {
        let text = "price\nunit_price\r\nabab\nprice ab\n";
        assert_eq!(numbers(&["(?<!_)price"], text), [1, 4]);
        assert_eq!(numbers(&[r"(ab)\1$"], text), [3]);
        assert_eq!(numbers(&["price(?=$)"], text), [1, 2]);
        assert_eq!(numbers(&["price(?=\\nunit)"], text), [1]);
        assert_eq!(numbers(&["(?<=unit_)price", r"(\w)b\1"], text), [2, 3]);
    }

    #[test]
    fn a_pattern_that_takes_too_many_steps_is_given_up_on_that_line_alone() {
        let text = format!("{}c\naab\n", "a".repeat(60));
        let patterns =
            Patterns { patterns: vec![r"^(?:(?:a|aa)(?=\w))+b".to_owned()], regex: true, ..Patterns::default() };
        let matcher = patterns.compile().expect("a pattern");
        let mut found = 0;
        matcher.lines(text.as_bytes(), &|| true, |_| {
            found += 1;
            true
        });
        assert_eq!((found, matcher.given_up()), (1, 1));
    }

    #[test]
    fn long_texts_are_searched_in_parts_with_the_same_result() {
        let line = format!("{}\n", "x".repeat(1000));
        let text = format!("{}needle\r\n{}needle", line.repeat(1100), line.repeat(1100));
        for pattern in ["needle", "needle$", "^needle", r"\bneedle\b", r"(?-m)needle\z", r"x\r?\nneedle", "^n"] {
            let found = numbers(&[pattern], &text);
            assert_eq!(found.last(), Some(&if pattern.contains("\\n") { 2201 } else { 2202 }), "{pattern}");
        }
        assert_eq!(numbers(&["^$"], &format!("{text}\n\n")), [2203]);
        assert_eq!(numbers(&["needle"], &text), [1101, 2202]);
    }

    #[test]
    fn literal_texts_are_found_as_their_expressions_are() {
        let text = "Total unit_total\r\ntotal\n\nunittotal\ntot\nal unit";
        for literals in [&["total"][..], &["unit", "total"], &["tot\nal"], &["unit_", "Total", "x"], &["total\r"]] {
            let patterns = literals.iter().map(ToString::to_string).collect();
            let patterns = Patterns { patterns, case: Case::Sensitive, ..Patterns::default() };
            let mut found = Vec::new();
            patterns.compile().expect("patterns").lines(text.as_bytes(), &|| true, |line| {
                found.push(text[..line.start].matches('\n').count() + 1);
                true
            });
            let expressions: Vec<String> = literals.iter().map(|literal| regex::escape(literal)).collect();
            let expressions: Vec<&str> = expressions.iter().map(String::as_str).collect();
            assert_eq!(found, numbers(&expressions, text), "{literals:?}");
        }
    }

    #[test]
    fn between_the_parts_of_a_long_text_it_can_be_stopped() {
        let text = "x\n".repeat(1024 * 1024);
        let patterns = Patterns { patterns: vec!["y".to_owned()], ..Patterns::default() };
        assert!(!patterns.compile().expect("a pattern").lines(text.as_bytes(), &|| false, |_| true));
    }
}
