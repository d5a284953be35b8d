//! What is newly wrong with a file: only problems that the edit brought in.

mod change;
mod data;
mod introduced;
mod project;
mod python;
mod script;
mod syntax;

use crate::guards::{self, lost_symbols};
use crate::python::is_python;
use crate::workers;

pub(crate) use change::Change;
pub use project::FileChange;

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind of check found it.
    pub source: Source,
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// A short stable name: a rule of Ruff (`F821`), `syntax-error`, or the name of a guard.
    pub code: String,
    /// What is wrong and, where that is not plain, what to do.
    pub message: String,
    /// Whether the edit must not be written like this. What does not block is advice: true, but harmless, or
    /// seen by a parser that is sometimes wrong.
    pub blocking: bool,
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

impl Finding {
    /// The finding on one line: `path:line:column: message (code)`, advice marked as such.
    pub fn render(&self) -> String {
        let Self { path, line, column, code, message, .. } = self;
        let advice = if self.blocking { "" } else { "advice: " };
        format!("{path}:{line}:{column}: {advice}{message} ({code})")
    }
}

/// Problems of `after` that `before` did not have, in the order of their lines.
///
/// ```
/// use orchestrator_tools::check::check;
///
/// let before = "def total(lines):\n    return sum(lines)\n";
/// let after = "def total(lines):\n    return sum(liens)\n";
/// let found = check("cart.py", after, Some(before));
/// assert_eq!((found[0].line, found[0].code.as_str(), found[0].blocking), (2, "F821", true));
/// assert!(check("cart.py", before, None).is_empty());
/// ```
pub fn check(path: &str, after: &str, before: Option<&str>) -> Vec<Finding> {
    if before == Some(after) {
        return Vec::new();
    }
    workers::run(|| {
        let change = Change::new(path, after, before);
        let mut findings = of_change(&change);
        findings.extend(lost_symbols::lost(&change).iter().map(|lost| lost_symbols::finding_of(path, lost)));
        in_order(findings)
    })
}

/// What parsers, rules and guards find in one file, lost symbols aside; to be called on the threads of [`workers`].
pub(crate) fn of_change(change: &Change<'_>) -> Vec<Finding> {
    let (mut findings, guarded) = rayon::join(|| new_problems(change), || guards::all(change));
    findings.extend(guarded);
    findings
}

fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.source, &a.code, &a.message)
            .cmp(&(&b.path, b.line, b.column, b.source, &b.code, &b.message))
    });
    findings
}

/// What the parsers and static rules say of the new text and do not say of the old one.
fn new_problems(change: &Change<'_>) -> Vec<Finding> {
    let path = change.path;
    if is_python(path) {
        let found = python::problems(path, change.after, change.parsed());
        return introduced::only(change, found, |before| python::problems(path, before, change.parsed_before()));
    }
    if script::is_script(path) {
        return script::new_problems(change);
    }
    let Some(look) = data::parser_of(path) else { return syntax::new_problems(change) };
    introduced::only(change, look(path, change.after), |before| look(path, before))
}

/// Says what is wrong with a text, given its path.
type Parser = fn(&str, &str) -> Vec<Finding>;

#[cfg(test)]
mod tests;
