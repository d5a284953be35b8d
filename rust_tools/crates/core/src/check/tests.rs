use proptest::prelude::*;

use super::*;

fn codes(path: &str, after: &str, before: Option<&str>) -> Vec<String> {
    check(path, after, before).into_iter().map(|finding| format!("{}:{}", finding.line, finding.code)).collect()
}

#[test]
fn only_what_the_edit_brought_in_is_told() {
    let before = "print(old_name)\n";
    assert_eq!(codes("a.py", "x = 1\nprint(old_name)\n", Some(before)), [""; 0]);
    assert_eq!(codes("a.py", "print(old_name)\nprint(old_name)\n", Some(before)), ["2:F821"]);
    assert_eq!(codes("a.py", "x = old_name\n", Some(before)), ["1:F821"]);
    assert_eq!(codes("a.py", "print(new_name)\n", None), ["1:F821"]);
}

#[test]
fn advice_is_given_on_new_lines_only() {
    assert_eq!(codes("a.py", "import os\n", Some("import os\n\nprint(os)\n")), [""; 0]);
    assert_eq!(codes("a.py", "import os\nimport re\n", Some("import os\n")), ["2:F401"]);
}

#[test]
fn an_edit_that_repairs_the_syntax_is_not_blamed_for_older_names() {
    let before = "print(old_name)\ndef f(:\n    pass\n";
    let after = "print(old_name)\ndef f():\n    new_name\n";
    assert_eq!(codes("a.py", after, Some(before)), ["3:F821"]);
}

#[test]
fn a_syntax_error_that_only_moves_is_old() {
    let before = "def f(:\n    pass\n\nx = (1,\n";
    assert_eq!(codes("a.py", &format!("y = 2\n{before}"), Some(before)), [""; 0]);
}

#[test]
fn other_files_have_guards_only() {
    assert_eq!(codes("a.xyz", "anything ( at all\n", None), [""; 0]);
    assert_eq!(codes("a.xyz", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", None).len(), 1);
}

#[test]
fn findings_are_rendered_on_one_line_each() {
    let files = [
        ("a.py", "import os\n\ndef f(x:\n    return y\n"),
        ("b.py", "import os\nprint(missing)\n'%s %s' % (1,)\n"),
        ("c.ts", "export const a = missing;\nconst b = 1;\nb = 2;\nlet a: string;\n"),
        ("d.json", "{\"a\": 1,\n \"a\": 2}\n"),
        ("e.yaml", "a: 1\nb: [1, 2\nc: 3\n"),
        ("f.toml", "a = 1\na = 2\n"),
        ("g.rs", "// ... rest of the code unchanged ...\n"),
    ];
    let rendered: Vec<String> =
        files.iter().flat_map(|(path, text)| check(path, text, None)).map(|finding| finding.render()).collect();
    insta::assert_snapshot!(rendered.join("\n"));
}

const PATHS: [&str; 18] = [
    "a.py",
    "a.pyi",
    "a.js",
    "a.jsx",
    "a.ts",
    "a.tsx",
    "a.d.ts",
    "a.json",
    "tsconfig.json",
    "a.yaml",
    "a.toml",
    "a.rs",
    "a.go",
    "a.java",
    "a.md",
    "a.sh",
    "a.html",
    "a.c",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_a_check_panic(text in "(?s).{0,200}", before in proptest::option::of("(?s).{0,100}"), path in 0..PATHS.len()) {
        check(PATHS[path], &text, before.as_deref());
    }

    #[test]
    fn no_scrap_of_code_makes_a_check_panic(
        parts in proptest::collection::vec(
            "def f\\(|class A:|\n|    |\\(|\\)|\\[|\\{|\\}|\"|'|`|\\$\\{|/\\*|\\*/|//|#|import |from |x|=|:|,|\\.\\.\\.|<<<<<<< |>>>>>>> |=>|<a>|é|\u{feff}|- |&a|\\*a|\t",
            0..40
        ),
        path in 0..PATHS.len(),
    ) {
        check(PATHS[path], &parts.concat(), None);
    }

    #[test]
    fn a_text_that_stays_as_it_is_has_no_new_problem(text in "[a-z(){}:=\"'\n .,<>#/*-]{0,200}", path in 0..PATHS.len()) {
        prop_assert_eq!(check(PATHS[path], &text, Some(&text)), []);
    }
}
