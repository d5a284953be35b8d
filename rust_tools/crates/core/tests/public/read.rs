//! Reading, finding and outlining files.

use orchestrator_tools::error::Error;
use orchestrator_tools::outline::Symbol;
use orchestrator_tools::read::Range;

use crate::project::Project;

const ALL: Range = Range { start: None, end: None };

fn lines(start: u32, end: u32) -> Range {
    Range { start: Some(start), end: Some(end) }
}

#[test]
fn a_range_is_read_with_what_it_is_part_of() {
    let text: String = (1..=12).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
    let project = Project::with(&[("a.txt", &text), ("crlf.txt", "a\r\nb"), ("empty.txt", "")]);
    project.write("latin1.txt", b"caf\xe9\n");
    project.write("binary", b"\0\x01");
    let index = project.index();
    let render = |path: &str, range: Range, most: usize| index.read(path, range, most).expect("an excerpt").render();
    let all = [
        render("./a.txt", lines(9, 11), 1000),
        render("a.txt", lines(11, 99), 1000),
        render("a.txt", lines(50, 60), 1000),
        render("a.txt", ALL, 20),
        render("crlf.txt", ALL, 1000),
        render("empty.txt", ALL, 1000),
        render("latin1.txt", ALL, 1000),
        render("binary", ALL, 1000),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_text_is_exactly_what_the_file_holds() {
    let text = "a\r\nb\n\nü";
    let index = Project::with(&[("a.txt", text)]);
    let read = index.index().read("a.txt", ALL, 1000).expect("an excerpt");
    assert_eq!((read.text.as_str(), read.start, read.end, read.total_lines, read.complete), (text, 1, 4, 4, true));
}

#[test]
fn a_line_longer_than_the_limit_is_cut_and_said() {
    let project = Project::with(&[("a.txt", &"x".repeat(5000))]);
    let read = project.index().read("a.txt", ALL, 100).expect("an excerpt");
    assert_eq!((read.text.len(), read.complete), (100, false));
}

#[test]
fn a_part_of_a_file_says_what_it_is_a_part_of() {
    let shapes = "class Shape:\n    kind = 1\n\n    def draw(self):\n        a = 1\n        b = 2\n\nx = 1\n";
    let project = Project::with(&[("shapes.py", shapes)]);
    let index = project.index();
    let render = |start, end| index.read("shapes.py", lines(start, end), 1000).expect("an excerpt").render();
    insta::assert_snapshot!([render(5, 6), render(2, 4), render(7, 8), render(1, 8)].join("\n"));
}

#[test]
fn a_very_long_line_is_shown_around_the_column_that_was_asked_for() {
    let line = format!("{}needle{}\nlast\n", "a".repeat(100_000), "b".repeat(100_000));
    let project = Project::with(&[("min.js", &line)]);
    let read = |max| project.index().read_at("min.js", lines(1, 2), 100_001, max).expect("an excerpt");
    assert_eq!((read(1 << 20).text.len(), read(1 << 20).complete), (line.len(), true));
    let cut = read(3000);
    assert_eq!((cut.text.len(), cut.column, cut.complete), (3000, 99_001, false));
    let shown = [read(1 << 20).render(), cut.render()].join("\n");
    insta::assert_snapshot!(shown.replace(&"a".repeat(200), "(200 a)").replace(&"b".repeat(394), "(394 b)"));
}

#[test]
fn a_missing_file_names_the_closest_ones() {
    let project = Project::with(&[("src/core/cart.py", ""), ("src/card.py", ""), ("readme.md", "")]);
    match project.index().read("src/cart.py", ALL, 100) {
        Err(error @ Error::NotFound { .. }) => {
            assert_eq!(error.to_string(), "\"src/cart.py\" does not exist; closest: src/core/cart.py, src/card.py");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_are_found_by_glob_name_and_letters() {
    let project =
        Project::with(&[("src/cart.py", ""), ("src/cart_view.py", ""), ("tests/test_cart.py", ""), ("a.md", "")]);
    let index = project.index();
    let found = |query: &str| index.find(query, 2).expect("a result").render();
    insta::assert_snapshot!(["*.md", "cart", "src/", "srcview", "crat.py"].map(found).join("\n"));
}

const MODULE: &str = r#""""Shapes."""
import math
LIMIT: int = 3

@decorated
def area(
    radius: float,
) -> float:
    """Area."""
    def square(x): return x * x
    return math.pi * square(radius)

class Shape(Base, metaclass=Meta):
    kind = "shape"
    async def draw(self) -> None: ...
    class Inner:
        pass

if LIMIT:
    def conditional(): pass
"#;

#[test]
fn an_outline_names_what_a_file_defines() {
    let project = Project::with(&[("shapes.py", MODULE), ("shapes.txt", "fn area() {}\n")]);
    let index = project.index();
    let line = |s: &Symbol| {
        let (kind, doc) = (s.kind.as_str(), if s.documented { "documented" } else { "" });
        format!("{}-{} @{} {kind} {} | {} {doc}", s.start, s.end, s.line, s.qualified_name, s.signature)
    };
    let outline = index.outline("shapes.py").expect("an outline");
    insta::assert_snapshot!(outline.iter().map(line).collect::<Vec<_>>().join("\n"));
    assert_eq!(index.outline("shapes.txt").expect("an outline"), []);
}

#[test]
fn definitions_are_found_by_plain_and_qualified_name() {
    let project = Project::with(&[("a.py", MODULE), ("b.py", "def draw(): ...\n"), ("c.py", "draw = 1 +\n")]);
    let index = project.index();
    let places = |name: &str| {
        let found = index.definitions(name).into_iter();
        found.map(|(path, symbol)| format!("{path}:{}", symbol.line)).collect::<Vec<_>>()
    };
    assert_eq!(places("draw"), ["a.py:15", "b.py:1", "c.py:1"]);
    assert_eq!(places("Shape.draw"), ["a.py:15"]);
    assert_eq!(places("missing"), [""; 0]);
    assert_eq!(places(""), [""; 0]);
}
