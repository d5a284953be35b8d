//! What each rung finds, what it refuses, and that no rung finds less than it promises.

use proptest::prelude::*;

use super::*;

fn apply(text: &str, search: &str, replace: &str) -> Result<(String, String), Miss> {
    let place = locate(text, &Wanted { search, replace, whole_lines: false, near: None })?;
    let mut out = text.to_owned();
    out.replace_range(place.bytes, &place.replacement);
    Ok((out, place.how))
}

const CART: &str = "class Cart:\n    def price(self):\n        return 1\n\n    def size(self):\n        return 2\n";

#[test]
fn exact_lines_are_replaced_once() {
    let (out, how) = apply(CART, "        return 2\n", "        return 3\n").expect("a place");
    assert_eq!((out.as_str(), how.as_str()), (CART.replace("return 2", "return 3").as_str(), "exact"));
}

#[test]
fn several_places_are_refused_with_their_lines() {
    let text = "a\nb\na\nb\n";
    assert_eq!(apply(text, "a\n", "c\n"), Err(Miss::Ambiguous(vec![1, 3])));
    assert_eq!(apply("  x = 1\n    x = 1\n", "x = 1\n", "x = 2\n"), Err(Miss::Ambiguous(vec![1, 2])));
}

#[test]
fn line_endings_of_the_file_win() {
    let (out, _) = apply("a\r\nb\r\nc\r\n", "b\n", "x\ny\n").expect("a place");
    assert_eq!(out, "a\r\nx\r\ny\r\nc\r\n");
    let (out, _) = apply("a\r\nb\r\n", "a\nb", "c\nd").expect("a place");
    assert_eq!(out, "c\r\nd\r\n");
}

#[test]
fn a_missing_final_newline_stays_missing() {
    let (out, _) = apply("a\nb", "b\n", "c\n").expect("a place");
    assert_eq!(out, "a\nc");
}

#[test]
fn white_space_at_line_ends_and_blank_lines_around_do_not_count() {
    let (out, how) = apply("a  \nb\nc\n", "\na\nb \n\n", "\nx\n").expect("a place");
    assert_eq!((out.as_str(), how.as_str()), ("x\nc\n", "white space at line ends differs"));
}

#[test]
fn a_uniform_shift_is_applied_to_the_replacement() {
    let (out, how) = apply(CART, "def size(self):\n    return 2\n", "def size(self):\n    if x:\n        return 3\n")
        .expect("a place");
    assert!(out.ends_with("    def size(self):\n        if x:\n            return 3\n"), "{out}");
    assert_eq!(how, "re-indented by +4 spaces");
    let (out, how) = apply("a()\nb()\n", "    a()\n    b()\n", "    c()\n").expect("a place");
    assert_eq!((out.as_str(), how.as_str()), ("c()\n", "re-indented by -4 spaces"));
}

#[test]
fn a_shift_that_the_replacement_cannot_follow_is_no_place() {
    assert_eq!(apply("a()\nb()\n", "    a()\n    b()\n", "c()\n"), Err(Miss::Missing));
}

#[test]
fn part_of_a_line_is_found_at_word_edges_only() {
    let (out, _) = apply("total = price(a)\n", "price(a)", "price(b)").expect("a place");
    assert_eq!(out, "total = price(b)\n");
    assert_eq!(apply("xx = 10\n", "x = 1", "x = 2"), Err(Miss::Missing));
}

#[test]
fn a_line_given_without_indent_keeps_it_for_all_new_lines() {
    let (out, _) = apply("def f():\n    return 1\n", "return 1", "if a:\n    return 2\nreturn 1").expect("a place");
    assert_eq!(out, "def f():\n    if a:\n        return 2\n    return 1\n");
}

#[test]
fn anchors_bridge_small_differences_but_not_large_ones() {
    let text = "def f():\n    # adds the values\n    return 1\n";
    let (out, _) =
        apply(text, "def f():\n    # adds values\n    return 1\n", "def f():\n    return 2\n").expect("a place");
    assert_eq!(out, "def f():\n    return 2\n");
    let far = "def f():\n    raise KeyError(name)\n    return 1\n";
    assert_eq!(apply(text, far, "pass\n"), Err(Miss::Missing));
}

#[test]
fn repeated_lines_stay_as_the_file_has_them() {
    let (out, how) = apply("a  \nb\t\nc\n", "a\nb\nc\n", "a\nx\nc\n").expect("a place");
    assert_eq!((out.as_str(), how.as_str()), ("a  \nx\nc\n", "white space at line ends differs"));
    let (out, _) = apply("a\r\nb\nc\r\n", "a\nb\nc\n", "a\nb\nx\nc\n").expect("a place");
    assert_eq!(out, "a\r\nb\nx\r\nc\r\n");
}

#[test]
fn typographic_characters_stand_for_plain_ones() {
    let text = "def f():\n    # the “old” value — see § 2…\n    return 'ａ＝１'\u{a0}\n";
    let search = "    # the \"old\" value - see § 2...\n    return 'a=1'\n";
    let (out, how) = apply(text, search, "    # the \"old\" value - see § 2...\n    return 2\n").expect("a place");
    assert_eq!(out, "def f():\n    # the “old” value — see § 2…\n    return 2\n");
    assert_eq!(how, "punctuation differs");
    let (out, how) = apply(text, "return 'a=1'\n", "return 2\n").expect("a place");
    assert!(out.ends_with("\n    return 2\n"), "{out}");
    assert_eq!(how, "punctuation differs, re-indented by +4 spaces");
}

const LONG: &str = "class Cart:\n    def price(self):\n        a = 1\n        b = 2\n        return a\n\n    def size(self):\n        return 2\n";

#[test]
fn an_ellipsis_on_both_sides_keeps_what_it_stands_for() {
    let (out, how) = apply(
        LONG,
        "    def price(self):\n        ...\n        return a\n",
        "    def price(self, tax):\n        ...\n        return a + tax\n",
    )
    .expect("a place");
    assert_eq!(out, LONG.replace("price(self)", "price(self, tax)").replace("return a", "return a + tax"));
    assert_eq!(how, "\"...\" stands for lines 3 to 4");
    let (out, how) = apply(LONG, "def size(self):\n    # ...\n", "def count(self):\n    # ...\n").expect("a place");
    assert_eq!(out, LONG.replace("size", "count"));
    assert_eq!(how, "\"...\" stands for no lines here; re-indented by +4 spaces");
}

#[test]
fn an_ellipsis_that_leaves_a_doubt_is_no_place() {
    let text = "def f():\n    a()\n    return 1\n\ndef g():\n    return 1\n";
    let both = ("def f():\n...\n    return 1\n", "def f():\n...\n    return 2\n");
    assert_eq!(apply(text, both.0, both.1), Err(Miss::Ambiguous(vec![3, 6])));
    assert_eq!(apply(text, "def f():\n...\n    return 3\n", "x\n"), Err(Miss::Missing));
    assert_eq!(apply(text, "def f():\n...\n    a()\n", "def f():\n    b()\n"), Err(Miss::Missing));
    assert_eq!(apply(text, "...\n    a()\n", "b()\n...\n    c()\n"), Err(Miss::Missing));
}

#[test]
fn one_slip_in_a_block_is_forgiven_where_no_other_place_is_near() {
    let search = "    def prize(self):\n        a = 1\n        b = 2\n        return a\n";
    let (out, how) = apply(LONG, search, &search.replace("b = 2", "b = 3")).expect("a place");
    assert_eq!(out, LONG.replace("b = 2", "b = 3"), "the slip itself is not written");
    assert_eq!(how, "97 % alike, no other place is near");
    let twice = format!("{LONG}{}", LONG.replace("price", "pride"));
    assert_eq!(apply(&twice, search, &search.replace("b = 2", "b = 3")), Err(Miss::Missing));
    let far = search.replace("b = 2", "delete(everything)");
    assert_eq!(apply(LONG, &far, "pass\n"), Err(Miss::Missing));
    let everywhere = search.replace("a = 1", "a = 2").replace("b = 2", "b = 3").replace("return a", "return b");
    assert_eq!(apply(LONG, &everywhere, "pass\n"), Err(Miss::Missing), "another text");
    assert_eq!(apply(LONG, "        b = 3\n        return a\n", "pass\n"), Err(Miss::Missing), "two lines are too few");
}

#[test]
fn the_named_line_decides_between_places_that_fit_to_the_letter() {
    let near = |near| {
        let wanted = Wanted { search: "a\n", replace: "b\n", whole_lines: true, near: Some(near) };
        locate("a\n\n\na\n", &wanted).map(|place| place.bytes.start)
    };
    assert_eq!((near(1), near(2), near(3), near(9)), (Ok(0), Ok(0), Ok(4), Ok(4)));
    let middle = Wanted { search: "a\n", replace: "b\n", whole_lines: true, near: Some(2) };
    assert_eq!(locate("a\n\na\n", &middle), Err(Miss::Ambiguous(vec![1, 3])));
}

fn body() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[ ]{0,4}[a-z]{1,6}", 1..6)
}

/// Lines of few different words, so that places resemble each other.
fn text_of(lines: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["price", "prize", "value = 1", "“q”", "\"q\"", "...", "}", ""]);
    let indent = prop::sample::select(vec!["", "    ", "\t"]);
    let space = prop::sample::select(vec!["", " "]);
    let line = (indent, word, space).prop_map(|(indent, word, space)| format!("{indent}{word}{space}\n"));
    prop::collection::vec(line, lines).prop_map(|lines| lines.concat())
}

/// The lines of a text but the blank ones around them, which no rung counts.
fn without_blank_ends(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let blank = |line: &&str| line.trim().is_empty();
    let start = lines.iter().take_while(|line| blank(line)).count();
    let end = lines.len() - lines[start..].iter().rev().take_while(|line| blank(line)).count();
    lines[start..end].to_vec()
}

/// What of two blocks is the same, by the definition and not by the product's code.
fn likeness(here: &[String], asked: &[String]) -> f64 {
    let (mut common, mut lengths) = (0_u32, 0_u32);
    for (here, asked) in here.iter().zip(asked) {
        let (here, asked) = (here.trim().as_bytes(), asked.trim().as_bytes());
        let mut table = vec![vec![0_u32; asked.len() + 1]; here.len() + 1];
        for (x, a) in here.iter().enumerate() {
            for (y, b) in asked.iter().enumerate() {
                table[x + 1][y + 1] = if a == b { table[x][y] + 1 } else { table[x][y + 1].max(table[x + 1][y]) };
            }
        }
        common += 2 * table[here.len()][asked.len()];
        lengths += (here.len() + asked.len()) as u32;
    }
    if lengths == 0 { 1.0 } else { f64::from(common) / f64::from(lengths) }
}

/// The least likeness that the rung which says `how` promises; the others compare to the letter.
fn promised(how: &str) -> f64 {
    match how {
        _ if how.contains("no other place is near") => 0.9,
        _ if how.starts_with("first and last line match") => 0.3,
        _ => 1.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_shifted_search_gives_the_shifted_replacement(lines in body(), new in body(), by in 1usize..9) {
        let pad = " ".repeat(by);
        let plain = |lines: &[String]| lines.join("\n") + "\n";
        let shifted = |lines: &[String]| format!("{pad}{}\n", lines.join(&format!("\n{pad}")));
        let file = format!("BEGIN\n{}END\n", shifted(&lines));
        if let Ok((out, _)) = apply(&file, &plain(&lines), &plain(&new)) {
            prop_assert_eq!(out, format!("BEGIN\n{}END\n", shifted(&new)));
        }
    }

    #[test]
    fn what_is_outside_the_place_is_never_touched(before in body(), old in body(), after in body(), new in body()) {
        let text = |lines: &[String]| lines.join("\n") + "\n";
        let (search, replace) = (text(&old), text(&new));
        let file = format!("{}{search}{}", text(&before), text(&after));
        let wanted = Wanted { search: &search, replace: &replace, whole_lines: false, near: None };
        if let Ok(place) = locate(&file, &wanted) {
            prop_assert_eq!(&file[place.bytes], search.as_str());
            prop_assert_eq!(place.replacement, replace);
        }
    }

    #[test]
    fn no_rung_takes_a_place_that_is_less_alike_than_it_promises(file in text_of(0..14), search in text_of(1..6)) {
        let wanted = Wanted { search: &search, replace: "new\n", whole_lines: true, near: None };
        if let Ok(place) = locate(&file, &wanted) {
            let (here, asked) = (without_blank_ends(&file[place.bytes]), without_blank_ends(&search));
            // Typographic characters count as the plain ones that they stand for.
            let plain = |lines: Vec<&str>| lines.into_iter().map(|line| punctuation::plain(line).into_owned()).collect();
            let (here, asked): (Vec<String>, Vec<String>) = (plain(here), plain(asked));
            prop_assert!(likeness(&here, &asked) >= promised(&place.how) - 1e-9, "{}: {here:?} {asked:?}", place.how);
        }
    }

    #[test]
    fn the_short_way_finds_what_the_long_way_finds(file in text_of(0..10), search in text_of(1..4), cut in any::<bool>()) {
        let (file, search) = if cut { (file.trim_end(), search.trim_end()) } else { (file.as_str(), search.as_str()) };
        let wanted = Wanted { search, replace: "new\nlines\n", whole_lines: true, near: None };
        if let Some(place) = exact::at_once(file, &wanted) {
            prop_assert_eq!(vec![place], exact::same_lines(&Lines::of(file), &Block::whole(&wanted)));
        } else if !search.trim_end_matches('\n').is_empty() {
            prop_assert_ne!(exact::same_lines(&Lines::of(file), &Block::whole(&wanted)).len(), 1);
        }
    }
}
