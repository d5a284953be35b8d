//! From what was asked to one matcher that finds all patterns in one pass.

use grep_matcher::{Match, Matcher as _};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};

use crate::error::{Error, Result};

/// How letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// Ignored unless a pattern holds a capital letter.
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
    regex: RegexMatcher,
    pub(crate) notes: Vec<String>,
    pub(crate) ignores_case: bool,
}

const SIZE_LIMIT_BYTES: usize = 10 * 1024 * 1024;

impl Patterns {
    pub(crate) fn compile(&self) -> Result<Matcher> {
        if self.patterns.is_empty() || self.patterns.iter().any(String::is_empty) {
            return Err(Error::Pattern("the pattern is empty; give the text to look for".to_owned()));
        }
        let mut notes = Vec::new();
        let sources: Vec<String> = self.patterns.iter().map(|pattern| self.source(pattern, &mut notes)).collect();
        let ignores_case = match self.case {
            Case::Sensitive => false,
            Case::Ignored => true,
            Case::Smart => !self.patterns.iter().any(|pattern| self.has_capital(pattern)),
        };
        let mut builder = builder();
        builder.case_insensitive(ignores_case).word(self.word);
        // `crlf` lets `$` match before \r\n and keeps matches on one line; a pattern that names a line break
        // is refused by it and then searched across lines.
        let regex = builder
            .crlf(true)
            .build_many(&sources)
            .or_else(|_| builder.crlf(false).line_terminator(None).build_many(&sources))
            .map_err(|error| Error::Pattern(format!("the patterns cannot be searched together: {error}")))?;
        Ok(Matcher { regex, notes, ignores_case })
    }

    /// The regular expression of one pattern; one that does not compile is taken literally.
    fn source(&self, pattern: &str, notes: &mut Vec<String>) -> String {
        if !self.regex {
            return regex::escape(pattern);
        }
        match builder().build(pattern) {
            Ok(_) => pattern.to_owned(),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                notes.push(format!("{pattern:?} is no valid regular expression ({reason}); searched literally"));
                regex::escape(pattern)
            }
        }
    }

    /// Whether a pattern holds a capital letter that is meant as one (`\W` is not).
    fn has_capital(&self, pattern: &str) -> bool {
        let mut escaped = false;
        pattern.chars().any(|c| {
            let counts = !escaped && c.is_uppercase();
            escaped = self.regex && c == '\\' && !escaped;
            counts
        })
    }
}

fn builder() -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder.multi_line(true).size_limit(SIZE_LIMIT_BYTES).dfa_size_limit(SIZE_LIMIT_BYTES);
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
    /// Calls `visit` for every line in which a match begins, in order; stops when it answers false.
    pub(crate) fn lines(&self, text: &[u8], mut visit: impl FnMut(Line) -> bool) {
        let mut from = 0;
        while let Some(found) = self.next(text, from) {
            let start = memchr::memrchr(b'\n', &text[..found.start()]).map_or(0, |at| at + 1);
            if start == text.len() {
                return; // an empty match behind the last line's ending, or in an empty file: there is no line
            }
            let end = memchr::memchr(b'\n', &text[found.start()..]).map_or(text.len(), |at| found.start() + at);
            let shown_end = if text[start..end].ends_with(b"\r") { end - 1 } else { end };
            if !visit(Line { start, end: shown_end, found }) {
                return;
            }
            from = end.max(found.end().saturating_sub(1)) + 1;
        }
    }

    fn next(&self, text: &[u8], from: usize) -> Option<Match> {
        if from > text.len() {
            return None;
        }
        self.regex.find_at(text, from).ok().flatten() // its error type has no values
    }
}
