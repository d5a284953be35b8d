//! What is newly wrong with a file: only problems that the edit brought in.

mod data;
mod python;

use std::collections::BTreeMap;

use crate::guards;
use crate::python::is_python;
use crate::workers;

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind of check found it.
    pub source: Source,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// A short stable name: a rule of Ruff (`F821`), `syntax-error`, or the name of a guard.
    pub code: String,
    /// What is wrong and, where that is not plain, what to do.
    pub message: String,
}

/// The kinds of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The file does not parse.
    Syntax,
    /// It parses, but would fail when run.
    Static,
    /// The edit itself went wrong: markers, elisions, lost definitions.
    Guard,
}

impl Source {
    /// The lower-case word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Static => "static",
            Self::Guard => "guard",
        }
    }
}

/// A file's change, as checks and guards see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) path: &'a str,
    pub(crate) after: &'a str,
    pub(crate) before: Option<&'a str>,
}

/// Problems of `after` that `before` did not have, in the order of their lines.
pub fn check(path: &str, after: &str, before: Option<&str>) -> Vec<Finding> {
    let mut findings = workers::run(|| {
        let mut findings = new_problems(path, after, before);
        findings.extend(guards::all(&Change { path, after, before }));
        findings
    });
    findings.sort_by(|a, b| (a.line, a.column, a.source, &a.code).cmp(&(b.line, b.column, b.source, &b.code)));
    findings
}

/// What the parsers and static rules say of `after` and do not say of `before`.
fn new_problems(path: &str, after: &str, before: Option<&str>) -> Vec<Finding> {
    let look: fn(&str, &str) -> Vec<Finding> = match path.rsplit_once('.') {
        _ if is_python(path) => python::problems,
        Some((_, "json")) => data::json,
        Some((_, "toml")) => data::toml,
        _ => return Vec::new(),
    };
    let findings = look(path, after);
    let Some(before) = before.filter(|_| !findings.is_empty()) else { return findings };
    let old = look(path, before);
    if old.iter().any(|finding| finding.source == Source::Syntax) {
        return unless_unreadable_before(findings, after, before, &old);
    }
    without_known(findings, &old)
}

/// Drops each finding for which `old` has an equal one; lines may have moved, so they do not count.
fn without_known(findings: Vec<Finding>, old: &[Finding]) -> Vec<Finding> {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in old {
        *known.entry((&finding.code, &finding.message)).or_default() += 1;
    }
    let mut new = Vec::new();
    for finding in findings {
        let left = known.iter_mut().find(|((code, message), _)| *code == finding.code && *message == finding.message);
        match left {
            Some((_, left)) if *left > 0 => *left -= 1,
            _ => new.push(finding),
        }
    }
    new
}

/// A file that did not parse has no older static findings to compare with: what stands on a line that
/// was there before is taken to be old.
fn unless_unreadable_before(findings: Vec<Finding>, after: &str, before: &str, old: &[Finding]) -> Vec<Finding> {
    let lines: Vec<&str> = after.lines().collect();
    let was_there = |finding: &Finding| {
        lines.get(finding.line as usize - 1).is_some_and(|line| before.lines().any(|b| b.trim() == line.trim()))
    };
    let (syntax, other): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| f.source == Source::Syntax);
    let mut kept = without_known(syntax, old);
    kept.extend(other.into_iter().filter(|finding| !was_there(finding)));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(path: &str, after: &str, before: Option<&str>) -> Vec<String> {
        check(path, after, before).into_iter().map(|finding| format!("{}:{}", finding.line, finding.code)).collect()
    }

    #[test]
    fn only_what_the_edit_brought_in_is_told() {
        let before = "print(old_name)\n";
        assert_eq!(codes("a.py", "x = 1\nprint(old_name)\n", Some(before)), [""; 0]);
        assert_eq!(codes("a.py", "print(old_name)\nprint(old_name)\n", Some(before)), ["2:F821"]);
        assert_eq!(codes("a.py", "print(new_name)\n", None), ["1:F821"]);
    }

    #[test]
    fn an_edit_that_repairs_the_syntax_is_not_blamed_for_older_names() {
        let before = "print(old_name)\ndef f(:\n    pass\n";
        let after = "print(old_name)\ndef f():\n    new_name\n";
        assert_eq!(codes("a.py", after, Some(before)), ["3:F821"]);
    }

    #[test]
    fn data_files_are_parsed_exactly() {
        assert_eq!(codes("a.json", "{\"a\": 1,}\n", None), ["1:syntax-error"]);
        assert_eq!(codes("a.json", "{\"a\": 1}\n", None), [""; 0]);
        assert_eq!(codes("a.toml", "a = 1\nb = = 2\n", None), ["2:syntax-error"]);
        assert_eq!(codes("a.toml", "a = 1\na = 2\n", Some("a = 1\na = 2\n")), [""; 0]);
    }

    #[test]
    fn other_files_have_guards_only() {
        assert_eq!(codes("a.xyz", "anything ( at all\n", None), [""; 0]);
        assert_eq!(codes("a.xyz", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", None).len(), 1);
    }
}
