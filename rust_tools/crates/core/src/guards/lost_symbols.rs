//! # Lost symbols
//!
//! **What it does**: finds public functions, classes and methods that the file defined before and does not
//! define or import any more.
//!
//! **Why is this bad?** Other code may use them. Most often they were not removed on purpose: the answer
//! gave the whole file and left them out.
//!
//! **Example**
//! ```text
//! before: def area(r), def volume(r)      after: def area(r)
//! ```
//! **Use instead**: keep the definition, or import it from where it now lives.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::{Alias, Identifier, Stmt};
use ruff_text_size::Ranged;

use crate::check::{Change, Finding, Source};
use crate::language::{Language, Name, State, line_states};
use crate::python::{is_python, nested_blocks};
use crate::text::LineStarts;

/// A public definition that is gone.
pub(crate) struct Lost {
    /// `function `, `class `, `method `, or nothing where that is not known.
    pub(crate) what: &'static str,
    /// Its name, qualified by its class.
    pub(crate) name: String,
    /// The line where it was.
    pub(crate) line: u32,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "public {}{} (line {} before the edit)", self.what, self.name, self.line)
    }
}

/// The finding of a symbol that nobody is known to use.
pub(crate) fn finding_of(path: &str, lost: &Lost) -> Finding {
    Finding {
        source: Source::Guard,
        path: path.to_owned(),
        line: 1,
        column: 1,
        code: "lost-symbol".to_owned(),
        message: format!("{lost} is gone; keep it, or import it from its new place"),
        blocking: true,
    }
}

/// The public definitions that a change takes out of a file.
pub(crate) fn lost(change: &Change<'_>) -> Vec<Lost> {
    let Some(before) = change.before else { return Vec::new() };
    if is_python(change.path) { lost_in_python(change, before) } else { lost_elsewhere(change, before) }
}

/// Nothing is said while the new text does not parse: what is missing may only be unreadable.
fn lost_in_python(change: &Change<'_>, before: &str) -> Vec<Lost> {
    if headers(before).eq(headers(change.after)) {
        return Vec::new();
    }
    let Some(parsed) = change.parsed().filter(|parsed| parsed.errors().is_empty()) else { return Vec::new() };
    let Some(parsed_before) = change.parsed_before() else { return Vec::new() };
    // Where the old text does not parse, what belongs to what is a guess: any definition of the name counts.
    let exact = parsed_before.errors().is_empty();
    let key = |name: &str| if exact { name.to_owned() } else { name.rsplit('.').next().unwrap_or(name).to_owned() };
    let mut kept: HashSet<String> = HashSet::new();
    definitions(parsed.suite(), "", &mut |_, name, _| {
        kept.insert(key(&name));
    });
    if !exact {
        local_definitions(parsed.suite(), &mut kept);
    }
    let mut bound = BTreeSet::new();
    bound_names(parsed.suite(), &mut bound);
    let lines = LineStarts::of(before);
    let mut lost: Vec<Lost> = Vec::new();
    let mut gone: HashSet<String> = HashSet::new();
    definitions(parsed_before.suite(), "", &mut |what, name, own| {
        let public = name.split('.').all(|part| !part.is_empty() && !part.starts_with('_'));
        let top = name.split('.').next().unwrap_or(&name);
        if !public
            || kept.contains(&key(&name))
            || bound.contains(top)
            || bound.contains("*")
            || !gone.insert(name.clone())
        {
            return;
        }
        // A lost class is said once, not once more for each of its methods.
        if name.rsplit_once('.').is_none_or(|(class, _)| !gone.contains(class)) {
            lost.push(Lost { what, line: lines.line(own.start()), name });
        }
    });
    lost
}

/// The lines that begin a definition, indentation included: while they stay, nothing is lost.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| {
        let line = line.trim_start();
        ["def ", "class ", "async "].iter().any(|start| line.starts_with(start))
    })
}

/// Calls `report` with the kind, qualified name and own name of every function, class and method that can be
/// reached from outside.
fn definitions(body: &[Stmt], class: &str, report: &mut dyn FnMut(&'static str, String, &Identifier)) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => {
                let what = if class.is_empty() { "function " } else { "method " };
                report(what, format!("{class}{}", function.name), &function.name);
            }
            Stmt::ClassDef(inner) => {
                let name = format!("{class}{}", inner.name);
                report("class ", name.clone(), &inner.name);
                definitions(&inner.body, &format!("{name}."), report);
            }
            _ => nested_blocks(statement, &mut |block| definitions(block, class, report)),
        }
    }
}

/// Names of the functions that are defined inside functions.
fn local_definitions(body: &[Stmt], names: &mut HashSet<String>) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => {
                names.insert(function.name.to_string());
                local_definitions(&function.body, names);
            }
            Stmt::ClassDef(class) => local_definitions(&class.body, names),
            _ => nested_blocks(statement, &mut |block| local_definitions(block, names)),
        }
    }
}

/// Names that imports and assignments bind outside functions and classes; `*` for "all of a module".
fn bound_names(body: &[Stmt], names: &mut BTreeSet<String>) {
    for statement in body {
        match statement {
            Stmt::Import(import) => names.extend(import.names.iter().map(bound_by)),
            Stmt::ImportFrom(import) => names.extend(import.names.iter().map(bound_by)),
            Stmt::Assign(assign) => {
                names.extend(assign.targets.iter().filter_map(|target| Some(target.as_name_expr()?.id.to_string())));
            }
            Stmt::AnnAssign(assign) => names.extend(assign.target.as_name_expr().map(|name| name.id.to_string())),
            other => nested_blocks(other, &mut |block| bound_names(block, names)),
        }
    }
}

fn bound_by(alias: &Alias) -> String {
    alias.asname.as_ref().unwrap_or(&alias.name).to_string()
}

fn lost_elsewhere(change: &Change<'_>, before: &str) -> Vec<Lost> {
    let Some(pattern) = export_of(change.language) else { return Vec::new() };
    let kept_lines: HashSet<&str> = change.after.lines().collect();
    if before.lines().all(|line| kept_lines.contains(line) || !pattern.is_match(line)) {
        return Vec::new();
    }
    let kept: BTreeSet<String> = exported(pattern, change.language, change.after).map(|(name, _)| name).collect();
    let still_named = |name: &str| {
        // Exported in another way, such as by a list at the end of the file or a re-export.
        Regex::new(&format!(r"(?m)^\s*(?:export|pub use|module\.exports|exports)\b[^\n]*\b{}\b", regex::escape(name)))
            .is_ok_and(|again| again.is_match(change.after))
    };
    let mut seen = BTreeSet::new();
    exported(pattern, change.language, before)
        .filter(|(name, _)| seen.insert(name.clone()) && !kept.contains(name) && !still_named(name))
        .map(|(name, line)| Lost { what: "", name, line })
        .collect()
}

/// What a line looks like that defines a name which other files can use.
fn export_of(language: Language) -> Option<&'static Regex> {
    static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
        compiled(
            r"^export\s+(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|class|interface|type|enum|const|let)\s+([\w$]+)",
        )
    });
    static RUST: LazyLock<Regex> = LazyLock::new(|| {
        compiled(
            r#"^pub\s+(?:const\s+|async\s+|unsafe\s+|extern\s+(?:"C"\s+)?)*(?:fn|struct|enum|trait|type|static|mod|union|const)\s+(\w+)"#,
        )
    });
    static GO: LazyLock<Regex> = LazyLock::new(|| compiled(r"^(?:func\s+(?:\([^)]*\)\s*)?|type\s+)([A-Z]\w*)"));
    static JAVA: LazyLock<Regex> = LazyLock::new(|| {
        compiled(
            r"^(?:    |\t)?public\s+(?:static\s+|final\s+|abstract\s+|synchronized\s+|default\s+)*(?:(?:class|interface|enum|record)\s+(\w+)|[\w<>\[\], .?]+?\s+(\w+)\s*\()",
        )
    });
    match language.name {
        Name::Script => Some(&SCRIPT),
        Name::Rust => Some(&RUST),
        Name::Go => Some(&GO),
        Name::Java => Some(&JAVA),
        _ => None,
    }
}

/// Names that other files can use and their lines, read line by line.
fn exported(pattern: &Regex, language: Language, text: &str) -> impl Iterator<Item = (String, u32)> {
    let states = line_states(text, language);
    (1..).zip(text.lines()).zip(states).filter(|(_, state)| *state == State::Code).filter_map(|((number, line), _)| {
        let groups = pattern.captures(line)?;
        Some((groups.get(1).or_else(|| groups.get(2))?.as_str().to_owned(), number))
    })
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid expression")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone(path: &str, before: &str, after: &str) -> Vec<String> {
        crate::workers::run(|| lost(&Change::new(path, after, Some(before)))).iter().map(ToString::to_string).collect()
    }

    const BEFORE: &str = "def area(r):\n    return r\n\nclass Cart:\n    def add(self): ...\n    def _sort(self): ...\n\ndef _hidden(): ...\n";

    #[test]
    fn what_other_code_may_use_is_missed() {
        assert_eq!(
            gone("a.py", BEFORE, "class Cart:\n    pass\n"),
            ["public function area (line 1 before the edit)", "public method Cart.add (line 5 before the edit)",]
        );
        assert_eq!(gone("a.py", BEFORE, "def area(r): ...\n"), ["public class Cart (line 4 before the edit)"]);
    }

    #[test]
    fn private_moved_rebound_and_unreadable_things_are_not() {
        let kept = "from other import Cart\narea = make_area()\n";
        assert_eq!(gone("a.py", BEFORE, kept), [""; 0]);
        assert_eq!(gone("a.py", BEFORE, "from shapes import *\n"), [""; 0]);
        assert_eq!(gone("a.py", BEFORE, "def (:\n"), [""; 0]);
        assert_eq!(gone("a.py", BEFORE, BEFORE), [""; 0]);
    }

    #[test]
    fn what_cannot_be_read_in_a_broken_text_is_not_missed() {
        let after = "class Cart:\n    def add(\n        self,\n    ): ...\n\n    def total(self): ...\n\ndef f():\n    def g(): ...\n";
        for gone_line in ["    def add(\n", "class Cart:\n", "        self,\n    ): ...\n"] {
            assert_eq!(gone("a.py", &after.replace(gone_line, ""), after), [""; 0], "{gone_line}");
        }
    }

    #[test]
    fn exports_of_other_languages_are_known() {
        let cases = [
            (
                "a.ts",
                "export async function load() {}\nexport class Cart {}\nfunction own() {}\n",
                "export { load };\n",
                "public Cart",
            ),
            ("a.rs", "pub fn load() {}\npub(crate) fn own() {}\n", "fn load() {}\n", "public load"),
            ("a.go", "func (c *Cart) Load() {}\nfunc own() {}\n", "func own() {}\n", "public Load"),
            (
                "A.java",
                "public class A {\n    public int load(int a) { return a; }\n}\n",
                "public class A {\n}\n",
                "public load",
            ),
        ];
        for (path, before, after, name) in cases {
            let found = gone(path, before, after);
            assert!(found.len() == 1 && found[0].starts_with(name), "{path}: {found:?}");
        }
    }
}
