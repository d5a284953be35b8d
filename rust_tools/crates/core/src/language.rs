//! What is known of a language from a file's name: how comments and strings look, and whether it is code.

/// The few facts about a language that line-based checks need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language {
    pub(crate) name: Name,
    /// What begins a comment that ends with the line.
    pub(crate) line_comments: &'static [&'static str],
    /// What begins and ends a comment over several lines.
    pub(crate) block_comments: &'static [(&'static str, &'static str)],
    /// Delimiters of strings that may hold line breaks.
    pub(crate) long_strings: &'static [&'static str],
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
    long_strings: &["\"\"\"", "'''"],
    short_strings: &['"', '\''],
};

const TEXT: Language =
    Language { name: Name::Text, line_comments: &[], block_comments: &[], long_strings: &[], short_strings: &[] };

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
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => like_c(Name::Script, &["`"], &['"', '\'']),
            "rs" => like_c(Name::Rust, &["\""], &[]),
            "go" => like_c(Name::Go, &["`"], &['"', '\'']),
            "java" => like_c(Name::Java, &["\"\"\""], &['"', '\'']),
            "kt" | "kts" | "scala" | "groovy" | "gradle" | "swift" | "dart" => {
                like_c(Name::Java, &["\"\"\"", "'''"], &['"', '\''])
            }
            "cs" => like_c(Name::Java, &["\"\"\"", "@\""], &['"', '\'']),
            "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" | "m" | "mm" | "proto" => {
                like_c(Name::C, &[], &['"', '\''])
            }
            "php" => Self { line_comments: &["//", "#"], ..like_c(Name::Script, &["\"", "'"], &[]) },
            "css" | "scss" | "less" => like_c(Name::Style, &[], &['"', '\'']),
            "sh" | "bash" | "zsh" | "fish" | "dockerfile" | "makefile" | "mk" | "cmake" => {
                hashes(Name::Shell, &["\"", "'"])
            }
            "rb" | "pl" | "pm" | "r" | "jl" | "ex" | "exs" | "tcl" => hashes(Name::Shell, &["\"\"\"", "\"", "'"]),
            "yaml" | "yml" | "toml" | "ini" | "cfg" | "conf" | "properties" | "env" => {
                hashes(Name::Data, &["\"\"\"", "'''"])
            }
            "sql" | "lua" | "hs" | "elm" | "adb" | "ads" => Self {
                name: Name::Sql,
                line_comments: &["--"],
                block_comments: &[("/*", "*/"), ("--[[", "]]"), ("{-", "-}")],
                long_strings: &["'"],
                short_strings: &['"'],
            },
            "html" | "htm" | "xml" | "svg" | "vue" | "svelte" | "xhtml" => Self {
                name: Name::Markup,
                block_comments: &[("<!--", "-->"), ("/*", "*/")],
                line_comments: SLASHES,
                ..TEXT
            },
            "lisp" | "el" | "clj" | "cljs" | "scm" | "asm" | "s" => {
                Self { name: Name::Lisp, line_comments: &[";"], long_strings: &["\""], ..TEXT }
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
    let mut open: Option<(&str, State)> = None;
    for line in text.split_inclusive('\n') {
        states.push(open.map_or(State::Code, |(_, state)| state));
        // A stray fence would be read as an opening quote where backquotes delimit strings.
        let fence = open.is_none() && line.trim_start().starts_with("```");
        open = if fence { None } else { after_line(line, language, open) };
    }
    states
}

/// The comment or string that is still open at the end of a line: what closes it, and its kind.
fn after_line<'a>(line: &str, language: Language, before: Option<(&'a str, State)>) -> Option<(&'a str, State)> {
    let mut open = before;
    let mut short: Option<char> = None;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let mut step = c.len_utf8();
        if let Some((close, state)) = open {
            if state == State::String && c == '\\' {
                step += rest[step..].chars().next().map_or(0, char::len_utf8);
            } else if rest.starts_with(close) {
                step = close.len();
                open = None;
            }
        } else if let Some(quote) = short {
            if c == '\\' {
                step += rest[step..].chars().next().map_or(0, char::len_utf8);
            } else if c == quote {
                short = None;
            }
        } else if let Some((start, close)) = language.block_comments.iter().find(|(start, _)| rest.starts_with(start)) {
            step = start.len();
            open = Some((close, State::Comment));
        } else if language.line_comments.iter().any(|start| rest.starts_with(start)) {
            return None;
        } else if let Some(quotes) = language.long_strings.iter().find(|quotes| rest.starts_with(**quotes)) {
            step = quotes.len();
            open = Some((quotes.trim_start_matches('@'), State::String));
        } else if language.short_strings.contains(&c) {
            short = Some(c);
        }
        rest = &rest[step..];
    }
    open
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
