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

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::Stmt;

use super::finding;
use crate::check::{Change, Finding};
use crate::language::{Language, Name, State, line_states};
use crate::outline::{self, Kind};
use crate::python::{is_python, nested_blocks, parse};

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    let Some(before) = change.before else { return Vec::new() };
    let lost = if is_python(change.path) {
        lost_in_python(change.path, change.after, before)
    } else {
        lost_elsewhere(Language::of(change.path), change.after, before)
    };
    lost.into_iter()
        .map(|(what, line)| {
            let message =
                format!("{what} (line {line} before the edit) is gone; keep it, or import it from its new place");
            finding("lost-symbol", 1, message)
        })
        .collect()
}

/// A public definition and the line where it was.
type Lost = (String, u32);

/// Nothing is said while the new text does not parse: what is missing may only be unreadable.
fn lost_in_python(path: &str, after: &str, before: &str) -> Vec<Lost> {
    let Some(parsed) = parse(path, after).filter(|parsed| parsed.errors().is_empty()) else { return Vec::new() };
    let kept: BTreeSet<String> = outline::of(path, after).into_iter().map(|symbol| symbol.qualified_name).collect();
    let mut imported = BTreeSet::new();
    imported_names(parsed.suite(), &mut imported);
    let mut lost: Vec<Lost> = Vec::new();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    for symbol in outline::of(path, before) {
        let name = &symbol.qualified_name;
        let public = name.split('.').all(|part| !part.starts_with('_') && part != "<locals>");
        let top = name.split('.').next().unwrap_or(name);
        let known = kept.contains(name) || imported.contains(top) || imported.contains("*");
        // A lost class is said once, not once more for each of its methods.
        let with_its_class = name.rsplit_once('.').is_some_and(|(class, _)| gone.contains(class));
        if symbol.kind == Kind::Variable || !public || known {
            continue;
        }
        if gone.insert(name.clone()) && !with_its_class {
            lost.push((format!("public {} {name}", symbol.kind.as_str()), symbol.line));
        }
    }
    lost
}

/// Names that imports bind anywhere outside functions and classes; `*` for "all of a module".
fn imported_names(body: &[Stmt], names: &mut BTreeSet<String>) {
    for statement in body {
        let aliases = match statement {
            Stmt::Import(import) => &import.names,
            Stmt::ImportFrom(import) => &import.names,
            other => {
                nested_blocks(other, &mut |block| imported_names(block, names));
                continue;
            }
        };
        for alias in aliases {
            names.insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
        }
    }
}

fn lost_elsewhere(language: Language, after: &str, before: &str) -> Vec<Lost> {
    let old = exported(language, before);
    if old.is_empty() {
        return Vec::new();
    }
    let kept: BTreeSet<String> = exported(language, after).into_iter().map(|(name, _)| name).collect();
    let still_named = |name: &str| {
        // Exported in another way, such as by a list at the end of the file or a re-export.
        Regex::new(&format!(r"(?m)^\s*(?:export|pub use|module\.exports|exports)\b[^\n]*\b{}\b", regex::escape(name)))
            .is_ok_and(|again| again.is_match(after))
    };
    old.into_iter()
        .filter(|(name, _)| !kept.contains(name) && !still_named(name))
        .map(|(name, line)| (format!("public {name}"), line))
        .collect()
}

/// Names that other files can use, read line by line.
fn exported(language: Language, text: &str) -> Vec<Lost> {
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
    let pattern = match language.name {
        Name::Script => &SCRIPT,
        Name::Rust => &RUST,
        Name::Go => &GO,
        Name::Java => &JAVA,
        _ => return Vec::new(),
    };
    let states = line_states(text, language);
    let mut seen = BTreeSet::new();
    (1..)
        .zip(text.lines())
        .filter(|(number, _)| states[*number as usize - 1] == State::Code)
        .filter_map(|(number, line)| {
            let groups = pattern.captures(line)?;
            let name = groups.get(1).or_else(|| groups.get(2))?.as_str().to_owned();
            seen.insert(name.clone()).then_some((name, number))
        })
        .collect()
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid expression")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(path: &str, before: &str, after: &str) -> Vec<String> {
        let found = find(&Change { path, after, before: Some(before) });
        found.into_iter().map(|f| f.message.split(" is gone").next().unwrap_or_default().to_owned()).collect()
    }

    const BEFORE: &str = "def area(r):\n    return r\n\nclass Cart:\n    def add(self): ...\n    def _sort(self): ...\n\ndef _hidden(): ...\n";

    #[test]
    fn what_other_code_may_use_is_missed() {
        assert_eq!(
            lost("a.py", BEFORE, "class Cart:\n    pass\n"),
            ["public function area (line 1 before the edit)", "public method Cart.add (line 5 before the edit)",]
        );
        assert_eq!(lost("a.py", BEFORE, "def area(r): ...\n"), ["public class Cart (line 4 before the edit)"]);
    }

    #[test]
    fn private_moved_rebound_and_unreadable_things_are_not() {
        let kept = "from other import Cart\narea = make_area()\n";
        assert_eq!(lost("a.py", BEFORE, kept), [""; 0]);
        assert_eq!(lost("a.py", BEFORE, "from shapes import *\n"), [""; 0]);
        assert_eq!(lost("a.py", BEFORE, "def (:\n"), [""; 0]);
        assert_eq!(lost("a.py", BEFORE, BEFORE), [""; 0]);
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
        for (path, before, after, gone) in cases {
            let found = lost(path, before, after);
            assert!(found.len() == 1 && found[0].starts_with(gone), "{path}: {found:?}");
        }
    }
}
