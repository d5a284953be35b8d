//! The map of a project: what it ranks high, that it fits, and that it is the same for the same files.

use std::time::Duration;

use orchestrator_tools::cancel::Token;
use orchestrator_tools::index::Index;
use orchestrator_tools::repo_map::{RepoMap, Request};
use proptest::prelude::*;

use crate::project::Project;

const CORE: &str = r#"
"""Money."""

class Money:
    """An amount in a currency."""

    def convert_to(self, currency: str) -> "Money":
        return self

    def _round(self): ...


def parse_money(text: str) -> Money: ...


def unused_helper(): ...
"#;

const CART: &str = "from core.money import Money, parse_money\n\nclass Cart:\n    def total_price(self) -> Money:\n        \
                    return parse_money('1').convert_to('EUR')\n";

const ORDER: &str = "from shop.cart import Cart\nfrom core.money import parse_money\n\ndef place_order(cart: Cart):\n    \
                     return cart.total_price(), parse_money('2')\n";

fn shop() -> Project {
    Project::with(&[
        ("core/money.py", CORE),
        ("shop/cart.py", CART),
        ("shop/order.py", ORDER),
        ("tests/test_cart.py", "from shop.cart import Cart\n\ndef test_it():\n    Cart().unused_helper()\n"),
        ("web/cart.ts", include_str!("sources/cart.ts")),
        ("README.md", "# Shop\n"),
    ])
}

fn map(index: &Index, request: &Request) -> RepoMap {
    index.repo_map(request, &Token::default()).expect("a map")
}

fn names(map: &RepoMap) -> Vec<&str> {
    map.files.iter().flat_map(|(_, symbols)| symbols.iter().map(|symbol| symbol.name.as_str())).collect()
}

#[test]
fn what_other_files_refer_to_comes_first() {
    let project = shop();
    let index = project.index();
    let tight = Request { budget_tokens: 150, ..Request::default() };
    let seen_from_order = Request { focus: vec!["./shop/order.py".to_owned()], ..tight.clone() };
    let about_web = Request { names: vec!["Basket.total".to_owned(), "Status".to_owned()], ..tight.clone() };
    let all =
        [map(&index, &Request::default()), map(&index, &tight), map(&index, &seen_from_order), map(&index, &about_web)];
    insta::assert_snapshot!(all.iter().map(RepoMap::render).collect::<Vec<_>>().join("\n----\n"));
    assert_eq!(all[1].files[0].0, "core/money.py");
    assert!(names(&all[3]).contains(&"Status"), "{}", all[3].render());
}

#[test]
fn a_map_follows_edits_and_is_the_same_for_the_same_files() {
    let project = shop();
    let index = project.index();
    let before = map(&index, &Request::default());
    assert_eq!(map(&index, &Request::default()).render(), before.render());
    assert_eq!(map(&shop().index(), &Request::default()).render(), before.render());
    project.write("shop/tax.py", "def tax_rate(): ...\n");
    index.update(&["shop/tax.py"]).expect("a path");
    let after = map(&index, &Request::default());
    assert_eq!(after.total_definitions, before.total_definitions + 1);
    assert!(names(&after).contains(&"tax_rate"));
}

#[test]
fn an_empty_project_a_foreign_path_and_a_stopped_question_are_said() {
    let empty = Project::with(&[("README.md", "x")]);
    assert_eq!(map(&empty.index(), &Request::default()).files.len(), 0);
    let project = shop();
    let index = project.index();
    let outside = Request { focus: vec!["../x.py".to_owned()], ..Request::default() };
    assert!(index.repo_map(&outside, &Token::default()).is_err());
    let misspelt = Request { focus: vec!["crat.py".to_owned()], ..Request::default() };
    let refusal = index.repo_map(&misspelt, &Token::default()).expect_err("there is no such file");
    assert_eq!(refusal.to_string(), "\"crat.py\" does not exist; closest: shop/cart.py");
    let stopped = index.repo_map(&Request::default(), &Token::new(Some(Duration::ZERO))).expect("a map");
    assert!(stopped.partial.is_some() && stopped.render().contains("not complete (deadline)"));
    assert!(map(&index, &Request::default()).partial.is_none(), "a stopped question is not remembered");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_map_fits_its_budget_and_a_larger_one_shows_no_less(budget in 60_usize..700, more in 0_usize..300) {
        let project = shop();
        let index = project.index();
        let of = |budget_tokens| map(&index, &Request { budget_tokens, ..Request::default() });
        let (small, large) = (of(budget), of(budget + more));
        prop_assert!(small.tokens <= budget, "{}", small.render());
        prop_assert_eq!(small.render().chars().count().div_ceil(4), small.tokens);
        prop_assert!(names(&large).len() >= names(&small).len());
    }
}

#[test]
fn minified_files_are_left_out_and_said() {
    let project = Project::with(&[
        ("shop.js", "function total(a) { return a }\n"),
        ("web/shop.min.js", "function total(a){return a}function t(a){return total(a)}\n"),
        ("web/shop.min.css", "a{}\n"),
    ]);
    let map = project.index().repo_map(&Request::default(), &Token::default()).expect("a map");
    assert_eq!((map.total_files, map.total_definitions), (1, 1));
    assert!(
        map.render().lines().next().is_some_and(|line| line.ends_with("; without 1 minified file")),
        "{}",
        map.render()
    );
}
