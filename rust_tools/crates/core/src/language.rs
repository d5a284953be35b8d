//! What is known of a language from a file's name: how comments and strings look, and whether it is code.

/// The few facts about a language that line-based checks need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language {
    pub(crate) name: Name,
    /// What begins a comment that ends with the line.
    pub(crate) line_comments: &'static [&'static str],
    /// What begins and ends a comment over several lines.
    pub(crate) block_comments: &'static [(&'static str, &'static str)],
    /// What begins and ends a string that may hold line breaks; the longer beginnings first.
    pub(crate) long_strings: &'static [(&'static str, &'static str)],
    /// Delimiters of strings that end with their line at the latest.
    pub(crate) short_strings: &'static [char],
}

/// The languages that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Python,
    Script,
    Rust,
    Go,
    Java,
    C,
    Shell,
    Sql,
    Markup,
    Style,
    Data,
    Lisp,
    /// Prose: Markdown, reStructuredText, plain text, and whatever is unknown.
    Text,
}

const PYTHON: Language = Language {
    name: Name::Python,
    line_comments: &["#"],
    block_comments: &[],
    long_strings: TRIPLE,
    short_strings: &['"', '\''],
};

const TEXT: Language =
    Language { name: Name::Text, line_comments: &[], block_comments: &[], long_strings: &[], short_strings: &[] };

type Pairs = &'static [(&'static str, &'static str)];

const DOUBLE: (&str, &str) = ("\"", "\"");
const SINGLE: (&str, &str) = ("'", "'");
const TRIPLE_DOUBLE: (&str, &str) = ("\"\"\"", "\"\"\"");
const TRIPLE: Pairs = &[TRIPLE_DOUBLE, ("'''", "'''")];
const BACKQUOTE: Pairs = &[("`", "`")];
const RUST_STRINGS: Pairs = &[("r##\"", "\"##"), ("r#\"", "\"#"), ("r\"", "\""), DOUBLE];
const SLASHES: &[&str] = &["//"];
const STARS: &[(&str, &str)] = &[("/*", "*/")];

impl Language {
    pub(crate) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit_once('.').map_or(name, |(_, ending)| ending).to_ascii_lowercase();
        let like_c = |name, long_strings, short_strings| Self {
            name,
            line_comments: SLASHES,
            block_comments: STARS,
            long_strings,
            short_strings,
        };
        let hashes = |name, long_strings| Self { name, line_comments: &["#"], long_strings, ..PYTHON };
        match ending.as_str() {
            "py" | "pyi" | "pyw" => PYTHON,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => {
                like_c(Name::Script, BACKQUOTE, &['"', '\''])
            }
            "rs" => like_c(Name::Rust, RUST_STRINGS, &[]),
            "go" => like_c(Name::Go, BACKQUOTE, &['"', '\'']),
            "java" => like_c(Name::Java, &[TRIPLE_DOUBLE], &['"', '\'']),
            "kt" | "kts" | "scala" | "groovy" | "gradle" | "swift" | "dart" => like_c(Name::Java, TRIPLE, &['"', '\'']),
            "cs" => like_c(Name::Java, &[TRIPLE_DOUBLE, ("@\"", "\"")], &['"', '\'']),
            "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" | "m" | "mm" | "proto" => {
                like_c(Name::C, &[], &['"', '\''])
            }
            "php" => Self { line_comments: &["//", "#"], ..like_c(Name::Script, &[DOUBLE, SINGLE], &[]) },
            "css" | "scss" | "less" => like_c(Name::Style, &[], &['"', '\'']),
            "sh" | "bash" | "zsh" | "fish" | "dockerfile" | "makefile" | "mk" | "cmake" => {
                hashes(Name::Shell, &[DOUBLE, SINGLE])
            }
            "rb" | "pl" | "pm" | "r" | "jl" | "ex" | "exs" | "tcl" => {
                hashes(Name::Shell, &[TRIPLE_DOUBLE, DOUBLE, SINGLE])
            }
            "yaml" | "yml" | "toml" | "ini" | "cfg" | "conf" | "properties" | "env" => hashes(Name::Data, TRIPLE),
            "sql" | "lua" | "hs" | "elm" | "adb" | "ads" => Self {
                name: Name::Sql,
                line_comments: &["--"],
                block_comments: &[("/*", "*/"), ("--[[", "]]"), ("{-", "-}")],
                long_strings: &[SINGLE],
                short_strings: &['"'],
            },
            "html" | "htm" | "xml" | "svg" | "vue" | "svelte" | "xhtml" => Self {
                name: Name::Markup,
                block_comments: &[("<!--", "-->"), ("/*", "*/")],
                line_comments: SLASHES,
                ..TEXT
            },
            "lisp" | "el" | "clj" | "cljs" | "scm" | "asm" | "s" => {
                Self { name: Name::Lisp, line_comments: &[";"], long_strings: &[DOUBLE], ..TEXT }
            }
            _ => TEXT,
        }
    }

    /// Whether the file is program text, in which a line of prose or a fence has no business.
    pub(crate) fn is_code(self) -> bool {
        self.name != Name::Text
    }
}

/// What a line begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Code,
    /// A comment that began on an earlier line.
    Comment,
    /// A string that began on an earlier line.
    String,
}

/// For each line what it begins in, found by reading delimiters only: cheap, and right for files that
/// do not parse.
pub(crate) fn line_states(text: &str, language: Language) -> Vec<State> {
    let mut states = Vec::new();
    let mut open: Option<Open> = None;
    for line in text.split_inclusive('\n') {
        states.push(open.as_ref().map_or(State::Code, Open::state));
        // A stray fence would be read as an opening quote where backquotes delimit strings.
        let fence = open.is_none() && line.trim_start().starts_with("```");
        open = if fence { None } else { after_line(line, language, open) };
    }
    states
}

/// A comment or string that has begun and not ended.
enum Open {
    Comment { start: &'static str, close: &'static str, depth: u32 },
    LongString { close: &'static str, escapes: bool },
    ShortString { close: char },
}

impl Open {
    fn state(&self) -> State {
        match self {
            Self::Comment { .. } => State::Comment,
            Self::LongString { .. } | Self::ShortString { .. } => State::String,
        }
    }
}

/// The comment or string that is still open at the end of a line.
fn after_line(line: &str, language: Language, before: Option<Open>) -> Option<Open> {
    let mut open = before;
    let mut rest = line;
    while !rest.is_empty() {
        let step;
        (step, open) = match open {
            None => {
                if language.line_comments.iter().any(|start| rest.starts_with(start)) {
                    return None;
                }
                next_in_code(rest, language)
            }
            Some(comment @ Open::Comment { .. }) => next_in_comment(rest, language, comment),
            Some(string) => next_in_string(rest, string),
        };
        rest = &rest[step..];
    }
    open.filter(|open| !matches!(open, Open::ShortString { .. }))
}

/// How far to go, and what is open then.
type Step = (usize, Option<Open>);

fn next_in_code(rest: &str, language: Language) -> Step {
    // A quote as a character of Rust opens no string.
    if language.name == Name::Rust && (rest.starts_with("'\"'") || rest.starts_with("'\\\"'")) {
        return (rest[1..].find('\'').map_or(1, |end| end + 2), None);
    }
    if let Some((start, close)) = language.block_comments.iter().find(|(start, _)| rest.starts_with(start)) {
        return (start.len(), Some(Open::Comment { start, close, depth: 1 }));
    }
    if let Some((start, close)) = language.long_strings.iter().find(|(start, _)| rest.starts_with(start)) {
        let raw = start.starts_with(['r', '@']) || (language.name == Name::Go && *start == "`");
        return (start.len(), Some(Open::LongString { close, escapes: !raw }));
    }
    let first = rest.chars().next().unwrap_or_default();
    let short = language.short_strings.contains(&first).then_some(Open::ShortString { close: first });
    (first.len_utf8(), short)
}

/// Block comments of Rust nest; those of C do not.
fn next_in_comment(rest: &str, language: Language, open: Open) -> Step {
    let Open::Comment { start, close, depth } = open else { return (rest.len(), Some(open)) };
    if rest.starts_with(close) {
        let left = depth - 1;
        return (close.len(), (left > 0).then_some(Open::Comment { start, close, depth: left }));
    }
    if language.name == Name::Rust && rest.starts_with(start) {
        return (start.len(), Some(Open::Comment { start, close, depth: depth + 1 }));
    }
    (first_char(rest), Some(Open::Comment { start, close, depth }))
}

fn next_in_string(rest: &str, open: Open) -> Step {
    let (closes, escapes, length) = match &open {
        Open::LongString { close, escapes } => (rest.starts_with(close), *escapes, close.len()),
        Open::ShortString { close } => (rest.starts_with(*close), true, close.len_utf8()),
        Open::Comment { .. } => (false, false, 0),
    };
    if closes {
        return (length, None);
    }
    let step = first_char(rest);
    let skipped = if escapes && rest.starts_with('\\') { first_char(&rest[step..]) } else { 0 };
    (step + skipped, Some(open))
}

fn first_char(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The text of a line's comment if the line holds nothing but a comment.
pub(crate) fn comment_text(line: &str, language: Language, state: State) -> Option<&str> {
    let line = line.trim();
    if state == State::Comment {
        return Some(line.trim_start_matches(['*', ' ']));
    }
    if state == State::String {
        return None;
    }
    if let Some(rest) = line.strip_prefix("{/*").and_then(|rest| rest.strip_suffix("*/}")) {
        return Some(rest.trim()); // JSX
    }
    for (start, close) in language.block_comments {
        if let Some(rest) = line.strip_prefix(start) {
            return Some(rest.strip_suffix(close).unwrap_or(rest).trim_matches(['*', ' ']));
        }
    }
    let start = language.line_comments.iter().find(|start| line.starts_with(**start))?;
    Some(line.trim_start_matches(start.chars().next()?).trim())
}

#[cfg(test)]
mod tests {
    use super::State::{Code, Comment, String};
    use super::*;

    #[test]
    fn strings_and_comments_over_lines_are_followed() {
        let python = "x = '# no' # yes \"\"\"\ny = \"\"\"a\n```\n\"\"\"\nz = 'it\\'s'\nw = 1\n";
        assert_eq!(line_states(python, Language::of("a.py")), [Code, Code, String, String, Code, Code]);
        let script = "let a = `x\n```\n`; /* b\nc */ let u = \"/* no\";\nd\n";
        assert_eq!(line_states(script, Language::of("a.ts"))[..2], [Code, String]);
        let rust = "/* a\nb */ let c = \"d\n e\";\nf\n";
        assert_eq!(line_states(rust, Language::of("a.rs")), [Code, Comment, String, Code]);
        let rust = "/* a/* b */\nc */ let q = '\"'; let r = r#\"\\\n\" \"#;\nd\n";
        assert_eq!(line_states(rust, Language::of("a.rs")), [Code, Comment, String, Code]);
    }

    #[test]
    fn a_comment_line_gives_its_text() {
        let text = |line, path| comment_text(line, Language::of(path), Code);
        assert_eq!(text("  # rest of code", "a.py"), Some("rest of code"));
        assert_eq!(text("/* rest */", "a.c"), Some("rest"));
        assert_eq!(text("<!-- rest -->", "a.html"), Some("rest"));
        assert_eq!(text("{/* rest */}", "a.tsx"), Some("rest"));
        assert_eq!(text("-- rest", "a.sql"), Some("rest"));
        assert_eq!(text("x = 1 # rest", "a.py"), None);
    }
}
