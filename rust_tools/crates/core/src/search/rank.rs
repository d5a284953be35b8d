//! What is shown first: definitions before uses, sources before tests before what tools made.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::matcher::Line;

/// How far down a file stands in a result; smaller is shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    no_definition: bool,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Source,
    Test,
    Generated,
}

pub(crate) fn rank(path: &str, defines: bool) -> Rank {
    Rank { no_definition: !defines, place: place(path) }
}

/// Whether a matching line defines what was matched.
pub(crate) fn is_definition(text: &[u8], line: &Line) -> bool {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^\s*(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|async|abstract",
            r"|final|sealed|unsafe|override|virtual|declare|extern|const)\s+)*",
            r"(?:def|class|fn|func|function|struct|enum|trait|interface|type|impl|mod|module|macro_rules!|namespace",
            r"|const|let|var|object|record|protocol|extension)\s+(?:\([^)]*\)\s*)?[*&]?"
        ))
        .expect("a valid expression")
    });
    let found = line.found.start().saturating_sub(line.start)..=line.found.end().saturating_sub(line.start);
    HEAD.find(&text[line.start..line.end]).is_some_and(|head| found.contains(&head.end()))
}

/// Whether a file holds tests, by its path.
pub(crate) fn is_test(path: &str) -> bool {
    place(path) == Place::Test
}

/// Whether a file is neither a test nor made by a tool, by its path.
pub(crate) fn is_source(path: &str) -> bool {
    place(path) == Place::Source
}

/// Whether a file is what a tool has made of another one to make it short, by its path.
pub(crate) fn is_minified(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .and_then(|name| name.split_once('.'))
        .is_some_and(|(_, ending)| ending.starts_with("min.") || ending.contains(".min."))
}

fn place(path: &str) -> Place {
    const MADE: [&[u8]; 5] = [b"vendor", b"third_party", b"dist", b"build", b"generated"];
    const TESTS: [&[u8]; 6] = [b"test", b"tests", b"testing", b"__tests__", b"spec", b"specs"];
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let lies_in = |names: &[&[u8]]| folders.as_bytes().split(|byte| *byte == b'/').any(|part| names.contains(&part));
    if lies_in(&MADE) || ending.starts_with("min.") || ending.ends_with("lock") {
        return Place::Generated;
    }
    let is_test = lies_in(&TESTS)
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || ending.starts_with("test.")
        || ending.starts_with("spec.");
    if is_test { Place::Test } else { Place::Source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::matcher::Patterns;

    fn defines(line: &str, word: &str) -> bool {
        let patterns = Patterns { patterns: vec![word.to_owned()], ..Patterns::default() };
        let mut answer = false;
        patterns.compile().expect("a pattern").lines(line.as_bytes(), &|| true, |hit| {
            answer = is_definition(line.as_bytes(), &hit);
            false
        });
        answer
    }

    #[test]
    fn definition_lines_of_many_languages_are_known() {
        for line in [
            "def price(a):",
            "    async def price(self):",
            "class price:",
            "pub(crate) const fn price() {}",
            "export default async function price() {",
            "func (c *Cart) price() int {",
            "  public static class price {",
            "export const price = 1;",
        ] {
            assert!(defines(line, "price"), "{line}");
        }
        for line in ["x = price(a)", "return price", "def other(price):", "import price", "# def of price"] {
            assert!(!defines(line, "price"), "{line}");
        }
        assert!(defines("def price(a):", "def price"));
    }

    #[test]
    fn sources_come_before_tests_before_generated_files() {
        let order = ["src/a.py", "tests/a.py", "dist/a.js"];
        assert!(order.windows(2).all(|pair| rank(pair[0], false) < rank(pair[1], false)));
        assert!(rank("tests/a.py", true) < rank("src/a.py", false));
    }
}
