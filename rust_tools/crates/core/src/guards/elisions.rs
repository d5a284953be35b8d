//! # Elisions
//!
//! **What it does**: finds comments and bracketed remarks that stand for code which was left out.
//!
//! **Why is this bad?** "The rest stays the same" is true in a conversation and false in a file: what the
//! remark stands for is gone.
//!
//! **Example**
//! ```text
//! def save(self): ...
//! # ... rest of the class unchanged ...
//! ```
//! **Use instead**: the code itself, or an edit that touches only the lines that change.

use std::sync::LazyLock;

use regex::Regex;

use super::{finding, new_lines};
use crate::check::{Change, Finding};
use crate::language::{Language, State, comment_text, line_states};

/// What is left out.
const THINGS: &str = concat!(
    r"(?:code|codes|file|files?|class|classes|function|functions|method|methods|implementation|implementations|module|",
    r"script|body|logic|content|contents|document|text|imports?|tests?|test cases|fields?|props|properties|lines?|parts?|",
    r"sections?|definitions?|routes?|handlers?|components?|cases|entries|items|stuff|everything|things?|it)"
);

/// What is said to happen to it.
const STAYS: &str = concat!(
    r"(?:(?:remains?|stays?|is|are|goes|continues?|left|kept)\s+)?(?:here|as is|as before|as it (?:is|was)|unchanged|the same|",
    r"same as (?:before|above|original)|omitted(?: for brevity)?|untouched|unmodified|not shown|intact|as-is|elided|truncated)"
);

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    let language = Language::of(change.path);
    let states = line_states(change.after, language);
    new_lines(change)
        .into_iter()
        .filter(|(number, line)| is_elision(line, language, states[*number as usize - 1]))
        .map(|(number, line)| {
            let said = line.trim();
            finding("elision", number, format!("this line stands for code that was left out: {said:?}; write the code"))
        })
        .collect()
}

fn is_elision(line: &str, language: Language, state: State) -> bool {
    let line = line.trim();
    let marked = marked_as_left_out(line);
    if state == State::String {
        return false;
    }
    if !language.is_code() {
        return marked.is_some_and(|inner| says_left_out(inner, false));
    }
    match comment_text(line, language, state) {
        Some(said) => match marked_as_left_out(said) {
            Some(inner) => says_left_out(inner, true),
            None => says_left_out(said, false),
        },
        None => marked.is_some_and(|inner| says_left_out(inner, false)),
    }
}

/// The inside of `... words ...`, `[words]`, `(words)`, `<words>`, `{words}`; nothing for bare words.
fn marked_as_left_out(text: &str) -> Option<&str> {
    const DOTS: [char; 2] = ['.', '…'];
    let without_brackets = text
        .strip_prefix(['[', '(', '<', '{'])
        .and_then(|rest| rest.trim_end_matches('.').strip_suffix([']', ')', '>', '}']));
    let inner = without_brackets.unwrap_or(text).trim();
    let dotted = inner.starts_with("..") || inner.starts_with('…') || inner.ends_with("...") || inner.ends_with('…');
    (without_brackets.is_some() || dotted)
        .then(|| inner.trim_matches(DOTS).trim().trim_matches(['(', ')', '[', ']']).trim())
}

/// Whether words say that something was left out. `dotted` words need say less, for the dots say the rest.
fn says_left_out(words: &str, dotted: bool) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| expression(false));
    static DOTTED: LazyLock<Regex> = LazyLock::new(|| expression(true));
    let words = words.trim_end_matches(['.', ':', '!', ',', ';']).trim();
    words.len() < 120 && (if dotted { &DOTTED } else { &WHOLE }).is_match(words)
}

fn expression(dotted: bool) -> Regex {
    let of = r"(?:\s+(?:of|in|from|for)\s+(?:the|this|your)\s+[\w ]{1,30})?";
    let rest_of = format!(
        r"(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|your\s+|this\s+)?(?:\w+\s+){{0,2}}?{THINGS}{of}(?:\s+{STAYS})?"
    );
    let other = format!(
        r"(?:all\s+|the\s+|your\s+|and\s+)*(?:existing|remaining|previous|original|unchanged|other|rest)\s+(?:\w+\s+){{0,2}}?{THINGS}{of}"
    );
    let stays = format!(
        r"(?:all\s+|the\s+|your\s+)*(?:(?:rest|existing|remaining|other|previous|original)\s+)?(?:\w+\s+){{0,2}}?{THINGS}\s+{STAYS}"
    );
    let bare = r"(?:code|same as (?:before|above)|unchanged|omitted(?: for brevity)?|(?:the\s+)?rest(?:\s+(?:unchanged|of it|here))?|snip|and so on|etc|keep (?:the )?(?:rest|existing)(?: \w+){0,2}|as before)";
    let other_stays = format!("{other}(?:\\s+{STAYS}|\\s+goes? here)");
    let all = if dotted {
        format!("{rest_of}|{other}|{other_stays}|{stays}|{bare}")
    } else {
        // Without dots the remark must be one of the set phrases as a whole.
        let existing = r"(?:your\s+|the\s+)?(?:existing|remaining|unchanged)\s+(?:code|methods|functions|implementation|imports|content|contents|logic)";
        let rest_stays = format!(r"(?:the\s+)?rest\s+(?:of\s+(?:the\s+)?\w+\s+)?{STAYS}");
        let omitted = format!(r"(?:{THINGS}\s+)?omitted for brevity");
        format!("{rest_of}|{existing}|{other_stays}|{rest_stays}|{omitted}")
    };
    Regex::new(&format!("(?i)^(?:{all})$")).expect("a valid expression")
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    fn found(path: &str, line: &str) -> bool {
        !lines_found(find, path, &format!("{line}\n"), None).is_empty()
    }

    #[test]
    fn remarks_for_left_out_code_are_found_in_every_comment_style() {
        let remarks = [
            ("a.py", "# ... rest of code unchanged ..."),
            ("a.py", "    # rest of the code remains the same"),
            ("a.py", "# existing code"),
            ("a.py", "# ... existing code ..."),
            ("a.py", "# ... (rest unchanged)"),
            ("a.py", "# rest of the implementation"),
            ("a.py", "# Remaining methods stay the same"),
            ("a.js", "// ... remaining methods ..."),
            ("a.ts", "/* ... other functions ... */"),
            ("a.tsx", "{/* ... existing code ... */}"),
            ("a.rs", "// … rest of the file …"),
            ("a.c", "/* rest of the function unchanged */"),
            ("a.html", "<!-- ... rest of the file ... -->"),
            ("a.css", "/* existing code */"),
            ("a.sql", "-- rest of the file unchanged"),
            ("a.lisp", "; ... rest of code ..."),
            ("a.yaml", "# ... rest of the config file ..."),
            ("a.go", "// [rest of the code remains unchanged]"),
            ("a.java", "// other methods remain unchanged"),
            ("a.py", "# code omitted for brevity"),
            ("a.py", "# ... same as before ..."),
        ];
        for (path, line) in remarks {
            assert!(found(path, line), "{path}: {line}");
        }
    }

    #[test]
    fn remarks_without_a_comment_are_found_too() {
        for (path, line) in [
            ("a.py", "... rest of code ..."),
            ("a.js", "[rest of the code remains the same]"),
            ("a.md", "[... rest of the document unchanged ...]"),
            ("notes.txt", "(rest of file unchanged)"),
            ("a.rs", "... existing code ..."),
        ] {
            assert!(found(path, line), "{path}: {line}");
        }
    }

    #[test]
    fn ordinary_comments_and_text_are_left_alone() {
        for (path, line) in [
            ("a.py", "# the rest of the arguments are passed on"),
            ("a.py", "# existing users keep their session"),
            ("a.py", "# Check the remaining items, then stop"),
            ("a.py", "# unchanged since version 2"),
            ("a.py", "x = [...]  # rest"),
            ("a.py", "# ..."),
            ("a.py", "# see https://example.org/..."),
            ("a.py", "# Other"),
            ("a.js", "const rest = [...items];"),
            ("a.js", "// other imports"),
            ("a.md", "The rest of the code is unchanged."),
            ("a.md", "- existing code"),
            ("a.txt", "existing code"),
            ("a.py", "# Everything else is the same as before, but with dots"),
        ] {
            assert!(!found(path, line), "{path}: {line}");
        }
    }

    #[test]
    fn a_remark_in_a_string_or_one_that_was_there_is_no_elision() {
        assert_eq!(lines_found(find, "a.py", "x = \"\"\"\n# existing code\n\"\"\"\n", None), [0; 0]);
        let text = "# existing code\n";
        assert_eq!(lines_found(find, "a.py", text, Some(text)), [0; 0]);
        assert_eq!(lines_found(find, "a.py", &text.repeat(2), Some(text)), [2]);
    }
}
