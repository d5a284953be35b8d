//! Searching, replacing and renaming by structure.

use std::fs;
use std::time::Duration;

use orchestrator_tools::cancel::Token;
use orchestrator_tools::edit::Writing;
use orchestrator_tools::error::Error;
use orchestrator_tools::structure::{Matches, Request};
use proptest::prelude::*;

use crate::project::Project;

fn shop() -> Project {
    Project::with(&[
        ("shop/cart.py", include_str!("sources/cart.py")),
        ("web/cart.ts", include_str!("sources/cart.ts")),
        ("web/view.tsx", include_str!("sources/cart.tsx")),
        ("tests/test_cart.py", "from shop.cart import Cart\n\ndef test_total():\n    assert Cart('fr').total() == 0\n"),
        ("docs/cart.md", "The total is computed by Cart.total.\n"),
    ])
}

fn search(project: &Project, change: impl FnOnce(&mut Request), pattern: &str) -> Matches {
    let mut request = Request::pattern(pattern);
    change(&mut request);
    project.index().structural_search(&request, &Token::default()).expect("a result")
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    answer.expect_err("a refusal").to_string()
}

#[test]
fn matches_are_counted_and_shown_with_what_they_lie_in() {
    let project = shop();
    let all = [
        search(&project, |_| {}, "$OBJECT.total()"),
        search(&project, |request| request.limit = 1, "$OBJECT.total()"),
        search(
            &project,
            |request| request.language = Some("typescript".to_owned()),
            "class $C extends $BASE { $$$BODY }",
        ),
        search(&project, |_| {}, "def $F($$$ARGS) -> $T:\n    $$$BODY"),
        search(&project, |request| request.globs = vec!["web".to_owned()], "missing($$$ARGS)"),
        search(&project, |request| request.globs = vec!["docs".to_owned()], "missing($$$ARGS)"),
    ];
    insta::assert_snapshot!(all.iter().map(Matches::render).collect::<Vec<_>>().join("\n----\n"));
}

#[test]
fn what_holes_hold_is_given_by_name() {
    let found = search(&shop(), |_| {}, "Decimal($$$ARGS)");
    assert_eq!(found.matches[0].captures["ARGS"], "");
    let found = search(&shop(), |_| {}, "$A if $B else $C");
    assert_eq!((found.total, found.complete), (0, true));
    let found = search(&shop(), |_| {}, "useState($INITIAL)");
    assert_eq!((found.matches[0].captures["INITIAL"].as_str(), found.matches[0].line), ("false", 23));
}

#[test]
fn a_pattern_or_language_that_cannot_be_is_refused_with_the_remedy() {
    let project = shop();
    let index = project.index();
    let ask = |pattern: &str, language: Option<&str>| {
        let request = Request { language: language.map(str::to_owned), ..Request::pattern(pattern) };
        refusal(index.structural_search(&request, &Token::default()))
    };
    assert!(ask("def (", None).contains("give one whole piece of source"));
    assert!(ask("x", Some("cobol")).contains("known are: python, javascript"));
    assert!(ask("$X", None).contains("matches everything"));
}

#[test]
fn a_stopped_search_says_so() {
    let project = shop();
    let late = Token::new(Some(Duration::ZERO));
    let found = project.index().structural_search(&Request::pattern("f($X)"), &late).expect("a result");
    assert!(!found.complete && found.partial.is_some());
    assert!(found.render().contains("not complete (deadline)"), "{}", found.render());
}

#[test]
fn a_replacement_is_shown_first_and_written_on_demand() {
    let project = shop();
    let index = project.index();
    let request = Request { language: Some("python".to_owned()), ..Request::pattern("$A if $B else $C") };
    assert!(refusal(index.structural_replace(&request, "x", Writing::DryRun)).contains("nothing matches"));

    let request = Request::pattern("$CART.total()");
    assert!(refusal(index.structural_replace(&request, "total($OTHER)", Writing::DryRun)).contains("does not capture"));
    let planned = index.structural_replace(&request, "sum_of($CART)", Writing::DryRun).expect("a plan");
    assert!(!planned.written && project.read("shop/cart.py").contains("cart.total()"));
    insta::assert_snapshot!(planned.render());

    let written = index.structural_replace(&request, "sum_of($CART)", Writing::Plain).expect("written");
    assert_eq!((written.written, written.places), (true, planned.places));
    assert!(project.read("shop/cart.py").contains("total = sum_of(cart)"));
    assert_eq!(index.references("sum_of", 50, 6000).total, written.places, "the index sees its own edit");
}

#[test]
fn nested_matches_are_replaced_once_from_outside() {
    let project = Project::with(&[("a.py", "f(f(1))\r\nif x:\r\n    f(2)\r\n")]);
    project.index().structural_replace(&Request::pattern("f($X)"), "g($X)", Writing::Plain).expect("written");
    assert_eq!(project.read("a.py"), "g(f(1))\r\nif x:\r\n    g(2)\r\n");
}

#[test]
fn a_renaming_leaves_strings_and_comments_alone_and_says_so() {
    let project = shop();
    let index = project.index();
    let planned = index.rename("total", "sum", &[], Writing::DryRun).expect("a plan");
    insta::assert_snapshot!(planned.render());
    assert!(project.read("shop/cart.py").contains("def total"));
    index.rename("total", "amount_due", &[], Writing::Plain).expect("written");
    let text = project.read("shop/cart.py");
    assert!(text.contains("def amount_due") && text.contains("# the total before tax") && !text.contains(".total"));
}

#[test]
fn a_name_that_cannot_be_is_refused_before_anything_is_written() {
    let project = shop();
    let index = project.index();
    for (name, to, why) in [
        ("total", "two words", "two names that differ"),
        ("total", "total", "two names that differ"),
        ("total", "class", "cannot stand as a name"),
        ("total", "1st", "cannot stand as a name"),
        ("nowhere", "somewhere", "no code uses"),
    ] {
        assert!(refusal(index.rename(name, to, &[], Writing::Plain)).contains(why), "{name} {to}");
    }
    assert_eq!(project.read("shop/cart.py"), include_str!("sources/cart.py"));
    project.write("latin.py", b"total = '\xe9'\n");
    index.refresh();
    assert!(refusal(index.rename("total", "amount", &[], Writing::Plain)).contains("latin.py"));
    assert_eq!(project.read("shop/cart.py"), include_str!("sources/cart.py"), "all files or none");
}

#[test]
fn of_several_refusals_the_first_file_is_named_each_time() {
    let project = Project::with(&[]);
    for n in 0..60 {
        project.write(&format!("m{n:02}.py"), b"total = 1\n");
    }
    let index = project.index();
    for _ in 0..20 {
        assert!(refusal(index.rename("total", "1st", &[], Writing::DryRun)).contains("m00.py"));
    }
}

#[test]
fn a_renaming_is_journalled_on_demand() {
    let project = shop();
    let index = project.index();
    let journal = tempfile::tempdir().expect("a folder");
    fs::write(journal.path().join("edit.json"), "of another patch").expect("written");
    assert!(index.rename("total", "amount", &[], Writing::Journalled(journal.path())).is_err(), "it is not looked at");
    assert_eq!(project.read("shop/cart.py"), include_str!("sources/cart.py"));

    fs::remove_file(journal.path().join("edit.json")).expect("removed");
    index.rename("total", "amount", &[], Writing::Journalled(journal.path())).expect("written");
    assert!(project.read("shop/cart.py").contains("def amount"));
    assert_eq!(fs::read_dir(journal.path()).expect("listed").count(), 0);
}

#[test]
fn a_renaming_keeps_to_the_path_globs() {
    let project = shop();
    let index = project.index();
    let done = index.rename("total", "amount", &["web".to_owned()], Writing::Plain).expect("written");
    assert!(done.render().contains("outside the path globs"), "{}", done.render());
    assert_eq!(project.read("shop/cart.py"), include_str!("sources/cart.py"));
    assert!(!project.read("web/cart.ts").contains("total()"));
}

const SOURCES: [(&str, &str, &str); 16] = [
    ("cart.py", include_str!("sources/cart.py"), "total"),
    ("cart.js", include_str!("sources/cart.js"), "total"),
    ("cart.ts", include_str!("sources/cart.ts"), "total"),
    ("cart.tsx", include_str!("sources/cart.tsx"), "Row"),
    ("cart.rs", include_str!("sources/cart.rs"), "total"),
    ("cart.go", include_str!("sources/cart.go"), "Total"),
    ("Cart.java", include_str!("sources/Cart.java"), "total"),
    ("cart.c", include_str!("sources/cart.c"), "total"),
    ("cart.cpp", include_str!("sources/cart.cpp"), "total"),
    ("Cart.cs", include_str!("sources/Cart.cs"), "Total"),
    ("cart.rb", include_str!("sources/cart.rb"), "total"),
    ("Cart.php", include_str!("sources/Cart.php"), "total"),
    ("cart.sh", include_str!("sources/cart.sh"), "total"),
    ("Cart.kt", include_str!("sources/Cart.kt"), "total"),
    ("cart.swift", include_str!("sources/cart.swift"), "total"),
    ("cart.lua", include_str!("sources/cart.lua"), "total"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn renaming_there_and_back_changes_nothing(which in 0..SOURCES.len(), new in "Q[a-z]{3,9}q") {
        let (path, source, name) = SOURCES[which];
        let project = Project::with(&[(path, source)]);
        let index = project.index();
        let there = index.rename(name, &new, &[], Writing::Plain).expect("renamed");
        prop_assert_ne!(project.read(path), source);
        let back = index.rename(&new, name, &[], Writing::Plain).expect("renamed back");
        prop_assert_eq!(project.read(path), source);
        prop_assert_eq!(there.places, back.places);
    }

    #[test]
    fn no_source_however_broken_stops_the_tools(
        which in 0..SOURCES.len(),
        junk in prop::collection::vec(any::<u8>(), 0..60),
        from in any::<prop::sample::Index>(),
        length in 0_usize..400,
        times in 1_usize..30,
    ) {
        let (path, source, name) = SOURCES[which];
        let from = from.index(source.len());
        let to = (from + length).min(source.len());
        let mut bytes = source.as_bytes()[..from].to_vec();
        bytes.extend(junk.iter().copied().cycle().take(junk.len() * times));
        bytes.extend(&source.as_bytes()[to..]);
        let project = Project::with(&[]);
        project.write(path, &bytes);
        let index = project.index();
        index.outline(path).expect("an outline");
        let found = index.references(name, 10, 2000);
        prop_assert!(found.hits.len() <= 10 && found.total >= found.hits.len());
        index.structural_search(&Request::pattern("total($A)"), &Token::default()).expect("a result");
    }
}

#[test]
fn deep_and_endless_sources_are_read_or_said_not_to_be() {
    let deep = |open: &str, close: &str| format!("x = {}1{}\n", open.repeat(3_000), close.repeat(3_000));
    let texts = [
        deep("(", ")"),
        deep("[", ""),
        deep("{", ""),
        deep("f(", ""),
        deep("a.", ""),
        deep("<", ">"),
        deep("\"${", ""),
        deep("if x ", ""),
        "/*".repeat(4_000),
        "'\"".repeat(4_000),
        "<<A\n".repeat(1_500),
        "class A { ".repeat(1_500),
    ];
    for (path, _, _) in SOURCES {
        let files: Vec<(String, &String)> =
            texts.iter().enumerate().map(|(number, text)| (format!("{number}/{path}"), text)).collect();
        let project =
            Project::with(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
        let index = project.index();
        assert_eq!(index.symbol("nothing_of_this_name", 5, 1000).total, 0);
        let found = index.references("f", 5, 1000);
        assert_eq!(found.complete, found.rest.is_empty() && found.unparsed.is_empty());
    }
}

#[test]
fn a_source_that_takes_too_long_is_given_up_and_said() {
    // Each opening makes the scanner of nested comments read to the end of the file.
    let text = format!("val total = 1\n{}", "/*".repeat(90_000));
    let project = Project::with(&[("a.kt", text.as_str())]);
    let found = project.index().references("total", 5, 1000);
    assert_eq!((found.unparsed.as_slice(), found.complete), (["a.kt".to_owned()].as_slice(), false));
    assert!(found.render().contains("could not be parsed: a.kt"), "{}", found.render());
}
