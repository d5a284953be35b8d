//! Where names are defined and used, over several files.

use crate::project::Project;

fn shop() -> Project {
    Project::with(&[
        ("shop/cart.py", include_str!("sources/cart.py")),
        ("web/cart.ts", include_str!("sources/cart.ts")),
        ("tests/test_cart.py", "from shop.cart import Cart\n\ndef test_total():\n    assert Cart('fr').total() == 0\n"),
        ("docs/cart.md", "The total is computed by Cart.total.\n"),
    ])
}

#[test]
fn definitions_are_shown_with_their_first_lines() {
    let project = shop();
    let index = project.index();
    let render = |name: &str, limit: usize, budget: usize| index.symbol(name, limit, budget).render().to_owned();
    let all = [
        render("Cart.total", 5, 4000),
        render("total", 2, 4000),
        render("Cart", 5, 500),
        render("Basket.totl", 5, 4000),
        render("Shop.total", 5, 4000),
        render("nothing_like_it", 5, 4000),
    ];
    insta::assert_snapshot!(all.join("\n----\n"));
}

#[test]
fn references_are_grouped_by_kind_and_what_is_not_shown_is_counted() {
    let project = shop();
    let index = project.index();
    let render = |name: &str, limit: usize| index.references(name, limit, 6000).render().to_owned();
    let all =
        [render("total", 50), render("total", 4), render("Cart.total", 2), render("tootal", 5), render("computed", 5)];
    insta::assert_snapshot!(all.join("\n----\n"));
}

#[test]
fn a_result_says_whether_it_is_whole() {
    let project = shop();
    let index = project.index();
    let exact = index.references("total", 100, 60_000);
    assert!(exact.complete && exact.hits.len() == exact.total);
    let limited = index.references("total", exact.total, 60_000);
    assert!(limited.complete, "exactly at the limit is not cut");
    let cut = index.references("total", exact.total - 1, 60_000);
    assert!(!cut.complete);
    assert_eq!(cut.hits.len() + cut.rest.iter().map(|(_, times)| times).sum::<usize>(), cut.total);
}

#[test]
fn the_same_name_is_found_however_it_is_joined() {
    let project =
        Project::with(&[("a.rs", include_str!("sources/cart.rs")), ("a.lua", include_str!("sources/cart.lua"))]);
    let index = project.index();
    let places = |name: &str| {
        let found = index.symbol(name, 9, 9000).definitions.into_iter();
        found.map(|(path, symbol)| format!("{path}:{}", symbol.line)).collect::<Vec<_>>()
    };
    assert_eq!(places("Cart::total"), ["a.lua:24", "a.rs:44"]);
    assert_eq!(places("Cart.total"), places("Cart::total"));
    assert_eq!(places("Cart:total"), places("Cart::total"));
}

#[test]
fn an_edit_is_seen_at_once() {
    let project = Project::with(&[("a.go", "package a\n\nfunc Load() {}\n")]);
    let index = project.index();
    assert_eq!(index.references("Load", 9, 900).total, 1);
    project.write("a.go", "package a\n\nfunc Store() { Load() }\n\nfunc Load() {}\n");
    index.update(&["a.go"]).expect("a path");
    assert_eq!((index.references("Load", 9, 900).total, index.symbol("Store", 9, 900).total), (2, 1));
}
