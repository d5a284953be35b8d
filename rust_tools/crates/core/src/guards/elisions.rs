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

use super::finding;
use crate::check::{Change, Finding};
use crate::language::{Language, State, comment_text};

/// What is left out.
const THINGS: &str = concat!(
    r"(?:code|file|files?|class|classes|functions?|methods?|implementations?|module|script|body|logic|contents?|",
    r"document|text|imports?|tests?|test cases|fields?|props|properties|lines?|parts?|sections?|definitions?|routes?|",
    r"handlers?|components?|cases|entries|items|stuff|everything|things?|it)"
);

/// What is left out, in remarks that have no dots to make them plain.
const CODE: &str = concat!(
    r"(?:code|file|class|functions?|methods?|implementations?|module|script|body|logic|contents?|document|imports|",
    r"components?|tests)"
);

/// What is said to happen to it.
const STAYS: &str = concat!(
    r"(?:(?:remains?|stays?|is|are|goes|continues?)\s+here|",
    r"(?:(?:remains?|stays?|is|are|continues?|left|kept)\s+)?(?:as is|as before|as it (?:is|was)|unchanged|",
    r"the same(?: as (?:before|above))?|same as (?:before|above|original)|omitted(?: for brevity)?|untouched|unmodified|",
    r"not shown|intact|as-is|elided|truncated))"
);

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    let candidates: Vec<(u32, &str)> =
        change.new_lines().iter().filter(|(_, line)| may_be_remark(line, change.language)).copied().collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&str> = change.after.lines().collect();
    let text_of = |at: usize| comment_text(lines.get(at)?, change.language, *change.states().get(at)?);
    let is_comment = |at: usize| text_of(at).is_some_and(|text| !text.is_empty());
    candidates
        .into_iter()
        .filter(|(number, line)| {
            let at = *number as usize - 1;
            // Between other lines of comment, words without dots are the middle of a sentence.
            let alone = !is_comment(at + 1) && (at == 0 || !is_comment(at - 1));
            is_elision(line, change.language, change.states()[at], alone)
                || (alone && text_of(at).is_some_and(is_promise) && code_is_gone(change))
        })
        .map(|(number, line)| {
            let said = line.trim();
            let message = format!("this line stands for code that was left out: {said:?}; write the code");
            finding(change, "elision", number, message)
        })
        .collect()
}

/// Whether a line would be a remark if it stands outside strings, which takes longer to find out.
fn may_be_remark(line: &str, language: Language) -> bool {
    let line = line.trim_start();
    let begins =
        line.starts_with(['.', '…', '[', '(', '<', '{']) || language.line_comments.iter().any(|c| line.starts_with(c));
    let block = !language.block_comments.is_empty();
    (begins || block)
        && HINT.is_match(line)
        && (is_elision(line, language, State::Code, true)
            || (block && is_elision(line, language, State::Comment, true))
            || comment_text(line, language, State::Code).is_some_and(is_promise))
}

static HINT: LazyLock<Regex> = LazyLock::new(|| {
    let words = concat!(
        "rest|rema|exist|previous|original|changed|other|same|omit|snip|so on|etc|as is|as it|as before|as-is|here|",
        "touched|modified|shown|intact|elided|truncated|code|keep|missing"
    );
    Regex::new(&format!("(?i){words}")).expect("a valid expression")
});

fn is_elision(line: &str, language: Language, state: State, alone: bool) -> bool {
    let line = line.trim();
    if state == State::String {
        return false;
    }
    let comment = if language.is_code() { comment_text(line, language, state) } else { None };
    let remark = Remark::of(comment.unwrap_or(line));
    match remark.mark {
        Mark::Dots if comment.is_some() => remark.says_left_out(&DOTTED),
        Mark::Dots | Mark::Brackets => remark.says_left_out(&PLAIN),
        Mark::None => comment.is_some() && alone && remark.says_left_out(&PLAIN),
    }
}

/// `TODO: implement the rest`: an honest note in new code, an elision where code has gone.
fn is_promise(comment: &str) -> bool {
    static PROMISE: LazyLock<Regex> = LazyLock::new(|| {
        whole(concat!(
            r"(?:todo|fixme)?\W*(?:re)?(?:implement|add|write|fill in|include|insert|put|keep|complete|continue|copy|restore)\s+",
            r"(?:(?:in|with|back|the|your|all|of)\s+)*(?:rest|remaining|remainder|other|existing|original|missing)\b.{0,60}"
        ))
    });
    PROMISE.is_match(comment)
}

/// Whether the edit took away more lines than it brought, and not only one.
fn code_is_gone(change: &Change<'_>) -> bool {
    let gone = change.removed_lines();
    gone > 1 && gone > change.new_lines().iter().filter(|(_, line)| !line.trim().is_empty()).count()
}

/// The words of a remark and what marks them as a remark.
struct Remark<'a> {
    words: &'a str,
    mark: Mark,
}

enum Mark {
    /// `... words`: dots in front say that something is left out.
    Dots,
    /// `[words]`, `(words)`, `<words>`, `{words}`.
    Brackets,
    None,
}

impl<'a> Remark<'a> {
    fn of(text: &'a str) -> Self {
        const DOTS: [char; 2] = ['.', '…'];
        let in_brackets = text
            .strip_prefix(['[', '(', '<', '{'])
            .and_then(|rest| rest.trim_end_matches('.').strip_suffix([']', ')', '>', '}']));
        let inner = in_brackets.unwrap_or(text).trim();
        let mark = if inner.starts_with("..") || inner.starts_with('…') {
            Mark::Dots
        } else if in_brackets.is_some() {
            Mark::Brackets
        } else {
            Mark::None
        };
        let words = inner.trim_matches(DOTS).trim().trim_matches(['(', ')', '[', ']']).trim();
        Self { words: words.trim_end_matches(['.', ':', '!', ',', ';']).trim(), mark }
    }

    fn says_left_out(&self, phrases: &Regex) -> bool {
        const MAX_CHARS: usize = 120;
        self.words.len() < MAX_CHARS && phrases.is_match(self.words)
    }
}

/// Phrases that say enough behind dots.
static DOTTED: LazyLock<Regex> = LazyLock::new(|| {
    let of = r"(?:\s+(?:of|in|from|for)\s+(?:the|this|your)\s+[\w ]{1,30})?";
    let rest_of = format!(
        r"(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|your\s+|this\s+)?(?:\w+\s+){{0,2}}?{THINGS}{of}(?:\s+{STAYS})?"
    );
    let other = format!(
        r"(?:all\s+|the\s+|your\s+|and\s+)*(?:existing|remaining|previous|original|unchanged|other|rest)\s+(?:\w+\s+){{0,2}}?{THINGS}{of}(?:\s+{STAYS}|\s+(?:goes? )?here)?"
    );
    let stays = format!(r"(?:all\s+|the\s+|your\s+)*(?:\w+\s+){{0,3}}?{THINGS}\s+{STAYS}");
    let short = concat!(
        r"code|same as (?:before|above)|unchanged|omitted(?: for brevity)?|snip|and so on|etc|as before|",
        r"(?:the\s+)?rest(?:\s+(?:unchanged|of it|here))?|keep (?:the )?(?:rest|existing)(?: \w+){0,2}"
    );
    whole(&format!("{rest_of}|{other}|{stays}|{short}"))
});

/// Set phrases that say enough on their own.
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    let rest_of = format!(
        r"(?:the\s+)?(?:rest|remainder)\s+of\s+(?:(?:the|your|this)\s+)?(?:(?:existing|original)\s+)?{CODE}(?:\s+{STAYS})?"
    );
    let existing = r"(?:your\s+)?existing\s+(?:code|methods|functions|implementation|imports|contents?|logic)";
    let others_stay = format!(
        r"(?:all\s+|the\s+|your\s+)*(?:existing|remaining|previous|original|other)\s+(?:\w+\s+)?{CODE}\s+(?:{STAYS}|goes? here)"
    );
    let rest_stays = format!(r"(?:the\s+)?rest\s+(?:of\s+(?:the\s+)?\w+\s+)?{STAYS}");
    let omitted = format!(r"(?:{CODE}\s+)?omitted for brevity");
    whole(&format!("{rest_of}|{existing}|{others_stay}|{rest_stays}|{omitted}"))
});

fn whole(phrases: &str) -> Regex {
    Regex::new(&format!("(?i)^(?:{phrases})$")).expect("a valid expression")
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
            ("a.py", "# the remaining functions"),
            ("a.py", "# All other stuff..."),
            ("a.py", "# <code>"),
            ("a.py", "# existing file"),
            ("a.py", "# ... insert other special cases here ..."),
            ("a.js", "// etc..."),
            ("a.rs", "/// the rest of the items in the iterator as soon as possible"),
            ("a.py", "# This is what is read by\n# the rest of the code."),
            ("a.py", "# Everything else is the same as before, but with dots"),
        ] {
            assert!(!found(path, line), "{path}: {line}");
        }
    }

    #[test]
    fn a_promise_is_an_elision_where_code_has_gone() {
        let before = "def f():\n    a()\n    b()\n    c()\n";
        for promise in ["# TODO: implement the rest", "# add the remaining calls here", "# Keep existing calls"] {
            let after = format!("def f():\n    {promise}\n    a()\n");
            assert_eq!(lines_found(find, "a.py", &after, Some(before)), [2], "{promise}");
            assert_eq!(lines_found(find, "a.py", &after, None), [0; 0], "{promise}");
        }
        let longer = "def f():\n    # TODO: implement the rest\n    a()\n    b()\n    c()\n    d()\n";
        assert_eq!(lines_found(find, "a.py", longer, Some(before)), [0; 0]);
    }

    #[test]
    fn a_remark_in_a_string_or_one_that_was_there_is_no_elision() {
        assert_eq!(lines_found(find, "a.py", "x = \"\"\"\n# existing code\n\"\"\"\n", None), [0; 0]);
        let text = "# existing code\nx = 1\n";
        assert_eq!(lines_found(find, "a.py", text, Some(text)), [0; 0]);
        assert_eq!(lines_found(find, "a.py", &text.repeat(2), Some(text)), [3]);
    }
}
