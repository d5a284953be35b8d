//! The languages without an exact parser, by their grammars. These are written for editors: they get over errors,
//! and take some valid code, such as macros, for an error. So what they find is advice, and only what is new counts.

use tree_sitter::{Node, Tree};

use super::{Change, Finding, Source, introduced};
use crate::languages::Grammar;

/// Later errors mostly follow from the first ones.
const MOST_ERRORS: usize = 5;

/// How much of the text at an error is shown.
const MOST_CHARS: usize = 40;

/// Places that the grammar of the file does not accept and that the change brought in.
pub(super) fn new_problems(change: &Change<'_>) -> Vec<Finding> {
    let Some(grammar) = Grammar::of(change.path, change.after.as_bytes()) else { return Vec::new() };
    let found = problems(grammar, change.path, change.after);
    // Errors of a file that had some before move and change with it: their number tells whether one is new.
    if let Some(before) = change.before.filter(|_| !found.is_empty()) {
        let old = problems(grammar, change.path, before);
        if found.len() <= old.len() {
            return Vec::new();
        }
        return introduced::only(change, found, |_| old);
    }
    found
}

fn problems(grammar: &Grammar, path: &str, text: &str) -> Vec<Finding> {
    let Ok(tree) = grammar.parse(text) else { return Vec::new() };
    if !tree.root_node().has_error() {
        return Vec::new();
    }
    broken(&tree).into_iter().map(|node| finding(path, text, node)).collect()
}

/// The outermost nodes that are errors or were put in by the parser.
fn broken(tree: &Tree) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let is_broken = node.is_error() || node.is_missing();
        if is_broken {
            found.push(node);
        }
        if !is_broken && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
        if found.len() == MOST_ERRORS {
            return found;
        }
    }
}

fn finding(path: &str, text: &str, node: Node<'_>) -> Finding {
    let start = node.start_position();
    let line = text.lines().nth(start.row).unwrap_or_default();
    let column = line.get(..start.column).map_or(0, |head| head.chars().count());
    let message = if node.is_missing() {
        format!("`{}` seems to be missing here", node.kind())
    } else {
        let near: String = text
            .get(node.byte_range())
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(MOST_CHARS)
            .collect();
        format!("this does not look right: `{}`", near.trim())
    };
    Finding {
        source: Source::Syntax,
        path: path.to_owned(),
        line: start.row as u32 + 1,
        column: column as u32 + 1,
        code: "syntax-error".to_owned(),
        message,
        blocking: false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;

    fn lines(path: &str, text: &str, before: Option<&str>) -> Vec<u32> {
        let found = check(path, text, before);
        assert!(found.iter().all(|finding| !finding.blocking), "{found:?}");
        found.into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn new_errors_are_advice_in_every_language() {
        for (path, text, line) in [
            ("a.rs", "fn f() -> u32 {\n    1 +\n}\n", 2),
            ("a.go", "package a\n\nfunc f( {\n}\n", 3),
            ("A.java", "class A {\n    int f( { return 1; }\n}\n", 2),
            ("a.c", "int f(void) {\n    return 1 +;\n}\n", 2),
            ("a.cpp", "int f() {\n    return 1 +;\n}\n", 2),
            ("a.cs", "class A {\n    int F( { return 1; }\n}\n", 2),
            ("a.rb", "def f\n  x = (1\nend\n", 2),
            ("a.php", "<?php\nfunction f( {\n}\n", 2),
            ("a.sh", "if true; then\n  echo a\n", 3),
            ("a.kt", "fun f(: Int {\n}\n", 1),
            ("a.swift", "func f( -> Int {\n}\n", 1),
            ("a.lua", "function f(\nend\n", 1),
        ] {
            let found = lines(path, text, None);
            assert!(!found.is_empty() && found[0].abs_diff(line) <= 1, "{path}: {found:?}");
            assert_eq!(lines(path, &format!("\n{text}"), Some(text)), [0; 0], "{path}");
        }
    }

    #[test]
    fn valid_code_is_left_alone() {
        for (path, text) in [
            ("a.rs", "fn f() -> u32 { 1 }\n"),
            ("a.go", "package a\n\nfunc f() {}\n"),
            ("a.c", "int f(void) { return 1; }\n"),
            ("a.sh", "for x in a b; do echo \"$x\"; done\n"),
            ("a.rb", "def f = 1\n"),
            ("a.xyz", "( not a language\n"),
        ] {
            assert_eq!(lines(path, text, None), [0; 0], "{path}");
        }
    }
}
