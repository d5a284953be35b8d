//! What a search finds, counts, shows and says.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestrator_tools::cancel::{Stop, Token};
use orchestrator_tools::index::{Index, Options};
use orchestrator_tools::search::{Case, Patterns, Request, Search};
use proptest::prelude::*;

use crate::project::Project;

fn shop() -> Project {
    Project::with(&[
        ("shop/cart.py", "import tax\n\ndef total_price(cart):\n    return sum(cart) + tax.of(cart)\n"),
        ("shop/view.py", "from cart import total_price\n\nprint(total_price([1, 2]))\nprint(total_price([]))\n"),
        ("tests/test_cart.py", "from cart import total_price\n\ndef test_total():\n    assert total_price([]) == 0\n"),
        ("web/dist/app.js", "function x(){return total_price}\n"),
        ("notes.md", "Prices are in cents.\n"),
    ])
}

fn search(project: &Project, change: impl FnOnce(&mut Request)) -> Search {
    let mut request = Request::literal("total_price");
    change(&mut request);
    project.index().search(&request).expect("a result")
}

#[test]
fn definitions_come_first_then_sources_tests_and_generated_files() {
    insta::assert_snapshot!(search(&shop(), |_| {}).render());
}

#[test]
fn what_is_not_shown_is_counted() {
    let found = search(&shop(), |request| request.limit = 2);
    insta::assert_snapshot!(found.render());
    assert_eq!((found.hits.len(), found.total, found.complete), (2, 7, false));
}

#[test]
fn exactly_at_the_limit_is_complete() {
    let found = search(&shop(), |request| request.limit = 7);
    assert_eq!((found.hits.len(), found.total, found.complete), (7, 7, true));
}

#[test]
fn context_lines_are_shown_once() {
    let found = search(&shop(), |request| {
        request.globs = vec!["shop".to_owned()];
        request.context = 1;
    });
    insta::assert_snapshot!(found.render());
}

#[test]
fn the_same_question_gives_the_same_bytes_whatever_the_budget_of_memory() {
    let project = shop();
    let small = Index::open(project.path(), None, 0).expect("an index");
    let request = Request::literal("total");
    let once = project.index().search(&request).expect("a result");
    for _ in 0..3 {
        assert_eq!(small.search(&request).expect("a result").render(), once.render());
    }
}

#[test]
fn a_broken_expression_is_searched_literally_and_said() {
    let project = Project::with(&[("a.py", "x = f(a[0)\n")]);
    let found = search(&project, |request| {
        request.patterns = Patterns { patterns: vec!["f(a[0".to_owned()], regex: true, ..Patterns::default() };
    });
    insta::assert_snapshot!(found.render());
}

#[test]
fn lookaround_is_searched_by_trial_and_said() {
    let found = search(&shop(), |request| {
        let patterns = vec![r"(?<!def )total_price(?=\()".to_owned()];
        request.patterns = Patterns { patterns, regex: true, ..Patterns::default() };
    });
    insta::assert_snapshot!(found.render());
}

#[test]
fn a_stopped_search_says_first_that_it_is_not_whole() {
    let request = Request::literal("total_price");
    let late = shop().index().search_until(&request, &Token::new(Some(Duration::ZERO))).expect("a result");
    let token = Token::default();
    token.cancel();
    let unwanted = shop().index().search_until(&request, &token).expect("a result");
    insta::assert_snapshot!(format!("{}\n{}", late.render(), unwanted.render()));
    assert_eq!((late.partial, late.not_reached, late.complete), (Some(Stop::Deadline), 5, false));
}

#[test]
fn nothing_found_explains_itself() {
    let wrong_case = search(&shop(), |request| request.patterns.patterns = vec!["Total_Price".to_owned()]);
    let misspelt = search(&shop(), |request| request.patterns.patterns = vec!["total_prise".to_owned()]);
    let phrase = search(&shop(), |request| request.patterns.patterns = vec!["cart price tax".to_owned()]);
    let expression = search(&shop(), |request| request.patterns.patterns = vec!["total_.*cart".to_owned()]);
    let elsewhere = search(&shop(), |request| request.globs = vec!["shpo/**".to_owned()]);
    let all = [wrong_case, misspelt, phrase, expression, elsewhere];
    insta::assert_snapshot!(all.iter().map(Search::render).collect::<Vec<_>>().join("\n"));
}

#[test]
fn hits_in_files_that_are_left_out_are_said() {
    let project = Project::with(&[
        (".gitignore", "*.log\nout/\n"),
        ("a.py", ""),
        ("b.log", "needle\n"),
        ("out/deep/c.txt", "needle\nneedle\n"),
        ("out/d.txt", "needle\n"),
        ("node_modules/x/index.js", "needle\n"),
        ("env/pyvenv.cfg", ""),
        ("env/lib/needle.py", "needle\n"),
    ]);
    let everywhere = search(&project, |request| request.patterns.patterns = vec!["needle".to_owned()]);
    let python = search(&project, |request| {
        request.patterns.patterns = vec!["needle".to_owned()];
        request.globs = vec!["*.py".to_owned()];
    });
    insta::assert_snapshot!([everywhere.render(), python.render()].join("\n"));
}

#[test]
fn a_long_line_is_shown_around_the_match() {
    let line = format!("{}needle{}\n", "a".repeat(100_000), "b".repeat(100_000));
    let found = search(&Project::with(&[("min.js", &line)]), |request| {
        request.patterns.patterns = vec!["needle".to_owned()];
    });
    assert_eq!(found.hits[0].column, 100_001);
    assert!(found.render().len() < 600 && found.hits[0].text.contains("needle"), "{}", found.render());
}

#[test]
fn binary_big_and_strange_files_are_said_or_searched() {
    let project = Project::with(&[]);
    project.write("binary", b"needle\0");
    project.write("big", vec![b'a'; 5 * 1024 * 1024]);
    project.write("latin1.txt", b"caf\xe9 needle\n");
    let utf16: Vec<u8> = "\u{feff}x needle\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    project.write("utf16.txt", utf16);
    let found = search(&project, |request| request.patterns.patterns = vec!["needle".to_owned()]);
    insta::assert_snapshot!(found.render());
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let project = Project::with(&[("marked.py", "\u{feff}import os\n"), ("mark", "\u{feff}")]);
    let found = search(&project, |request| {
        request.patterns = Patterns { patterns: vec!["^import".to_owned()], regex: true, ..Patterns::default() };
    });
    let hit = &found.hits[0];
    assert_eq!((hit.path.as_str(), hit.line, hit.column, hit.text.as_str()), ("marked.py", 1, 1, "import os"));
    let mark = search(&project, |request| request.patterns.patterns = vec!["\u{feff}".to_owned()]);
    assert_eq!((mark.total, mark.files_searched), (0, 2));
}

#[test]
fn many_patterns_are_one_search_and_a_line_counts_once() {
    let found = search(&shop(), |request| {
        request.patterns.patterns = ["total_price", "print", "cents"].map(str::to_owned).to_vec();
    });
    assert_eq!((found.total, found.files), (8, 5));
}

#[test]
fn a_pattern_over_lines_is_found_where_it_begins() {
    let found = search(&shop(), |request| request.patterns.patterns = vec!["import tax\n\ndef".to_owned()]);
    assert_eq!((found.total, found.hits[0].line), (1, 1));
    let found = search(&shop(), |request| {
        request.patterns =
            Patterns { patterns: vec![r"\]\)\)?\nprint".to_owned()], regex: true, ..Patterns::default() };
    });
    assert_eq!((found.total, found.hits[0].line), (1, 3));
}

#[test]
fn the_budget_bounds_what_is_rendered() {
    let lines = "needle and some more text to fill the line\n".repeat(50);
    let files: Vec<(String, &str)> = (0..100).map(|n| (format!("folder/file{n:03}.py"), lines.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let project = Project::with(&files);
    for budget in [0, 500, 1000, 3000, 6000] {
        let found = search(&project, |request| {
            request.patterns.patterns = vec!["needle".to_owned()];
            request.limit = 1000;
            request.budget_chars = budget;
        });
        let shown: usize = found.rest.iter().map(|(_, unshown)| unshown).sum::<usize>() + found.hits.len();
        assert!(found.render().len() <= budget.max(900), "{} of {budget}", found.render().len());
        assert_eq!((found.total, shown), (5000, 5000));
        assert!(!found.hits.is_empty());
    }
}

/// What a search must agree with: every line of every file on its own.
fn naive(files: &BTreeMap<String, String>, expression: &str, ignore_case: bool) -> Vec<(String, u32, u32)> {
    let regex = regex::RegexBuilder::new(expression).case_insensitive(ignore_case).build().expect("an expression");
    let mut found = Vec::new();
    for (path, text) in files {
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let line = line.strip_suffix('\n').unwrap_or(line);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if let Some(hit) = regex.find(line) {
                found.push((path.clone(), number, line[..hit.start()].chars().count() as u32 + 1));
            }
        }
    }
    found
}

fn corpus() -> impl Strategy<Value = BTreeMap<String, String>> {
    let path = "[ab]{1,2}(/[ab]{1,2})?\\.(py|rs)";
    let line = "[aAbü_ ]{0,6}";
    let ending = prop::sample::select(vec!["\n", "\r\n", ""]);
    let text = prop::collection::vec((line, ending), 0..8)
        .prop_map(|lines| lines.into_iter().map(|(line, ending)| line + ending).collect::<String>());
    prop::collection::btree_map(path, text, 0..8)
}

fn an_expression() -> impl Strategy<Value = (String, bool)> {
    let literal = "[aAbü_]{1,5}".prop_map(|text| (text, false));
    let regexes = [
        "a+b?",
        "^a",
        "b$",
        "[^b]ü",
        "a.b",
        "^$",
        r"\bab\b",
        "a|_b",
        "(?i)ab",
        r"\s+a",
        "x*",
        "ab[aü]a",
        "(ab|ba){2}",
        "aab|a_a|üb",
        "a{3}",
        "(?:aa|b)_[^a]",
        "ab(?:a|_)+b",
        "A(?i:bb)",
        "_a*_b",
    ];
    prop_oneof![literal, prop::sample::select(regexes.to_vec()).prop_map(|text| (text.to_owned(), true))]
}

/// A change of one file, or nothing but a look at the disk.
#[derive(Debug, Clone)]
enum Change {
    Write(String, String),
    Remove(usize),
    Refresh,
}

fn a_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => corpus().prop_filter_map("a file", |files| files.into_iter().next()).prop_map(|(path, text)| Change::Write(path, text)),
        1 => any::<prop::sample::Index>().prop_map(|at| Change::Remove(at.index(8))),
        1 => Just(Change::Refresh),
    ]
}

impl Change {
    fn make(self, project: &Project, index: &Index, files: &mut BTreeMap<String, String>) {
        match self {
            Self::Write(path, text) => {
                project.write(&path, &text);
                index.update(&[&path]).expect("a known path");
                files.insert(path, text);
            }
            Self::Remove(at) => {
                let Some(path) = files.keys().nth(at).cloned() else { return };
                project.remove(&path);
                index.update(&[&path]).expect("a known path");
                files.remove(&path);
            }
            Self::Refresh => drop(index.refresh()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_search_finds_what_a_scan_of_every_line_finds(
        mut files in corpus(), changes in prop::collection::vec(a_change(), 0..8),
        (pattern, regex) in an_expression(), more in prop::collection::vec("[aAb_]{3,4}", 0..3), ignore in any::<bool>(),
        budget_bytes in 0u64..60, loose_bytes in 0u64..20, listed in any::<bool>(),
    ) {
        let project = Project::with(&[]);
        for (path, text) in &files {
            project.write(path, text);
        }
        let options = Options { budget_bytes, loose_bytes, ..Options::default() };
        let index = Index::open_with(project.path(), options).expect("an index");
        let case = if ignore { Case::Ignored } else { Case::Sensitive };
        let mut patterns = vec![pattern];
        patterns.extend(more);
        let plain = |pattern: &String| if regex { format!("(?:{pattern})") } else { regex::escape(pattern) };
        let expression = patterns.iter().map(plain).collect::<Vec<_>>().join("|");
        let patterns = Patterns { patterns, regex, word: false, case };
        let request = Request { patterns, limit: 10_000, budget_chars: 1_000_000, ..Request::literal("") };
        let check = |files: &BTreeMap<String, String>| {
            let found = index.search(&request).expect("a result");
            let mut lines: Vec<_> = found.hits.iter().map(|hit| (hit.path.clone(), hit.line, hit.column)).collect();
            lines.sort();
            prop_assert_eq!(lines, naive(files, &expression, ignore));
            prop_assert_eq!((found.complete, found.files_searched), (true, files.len()));
            Ok(())
        };
        if listed {
            prop_assert_eq!(index.paths().len(), files.len());
        }
        check(&files)?;
        prop_assert!(index.wait_ready(&Token::default()));
        check(&files)?;
        for change in changes {
            change.make(&project, &index, &mut files);
            check(&files)?;
        }
        index.wait_ready(&Token::default());
        check(&files)?;
        for (path, text) in &mut files {
            text.push_str("\naab");
            project.write(path, &*text);
        }
        index.refresh();
        check(&files)?;
    }
}
