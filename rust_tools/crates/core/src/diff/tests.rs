//! What models and tools write as diffs, and that applying one gives what it was made of.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use similar::TextDiff;

use super::*;
use crate::edit::in_memory;

fn told(diff: &str) -> String {
    match edits_of(diff) {
        Err(error) => format!("line {:?}: {error}", error.line()),
        Ok(edits) => edits.iter().map(|edit| format!("{edit:?}")).collect::<Vec<_>>().join("\n"),
    }
}

/// The text after all edits of a diff of one file.
fn applied(before: &str, diff: &str) -> Result<String> {
    let mut text = before.to_owned();
    for edit in edits_of(diff)? {
        text = in_memory(&edit.path, Some(&text), &edit.change)?.after.unwrap_or_default();
    }
    Ok(text)
}

const CART: &str = "def total(cart):\n    return sum(cart)\n\n\ndef size(cart):\n    return len(cart)\n";
const WANTED: &str = "def total(cart):\n    return sum(cart)\n\n\ndef size(cart):\n    return len(cart.items)\n";

#[test]
fn what_models_write_instead_of_a_diff_is_understood() {
    let hunks = [
        ("right", "@@ -4,3 +4,3 @@\n \n def size(cart):\n-    return len(cart)\n+    return len(cart.items)\n"),
        ("wrong counts", "@@ -5,9 +5,1 @@\n def size(cart):\n-    return len(cart)\n+    return len(cart.items)\n"),
        ("no numbers", "@@\n def size(cart):\n-    return len(cart)\n+    return len(cart.items)\n"),
        ("only a section", "@@ def size @@\n-    return len(cart)\n+    return len(cart.items)\n"),
        (
            "a blank line without its space",
            "@@ -3,4 +3,4 @@\n\n\n def size(cart):\n-    return len(cart)\n+    return len(cart.items)\n",
        ),
        ("text after it", "@@ @@\n-    return len(cart)\n+    return len(cart.items)\n\nThat is all.\n"),
        ("a fence after it", "@@ @@\n-    return len(cart)\n+    return len(cart.items)\n```\n"),
        ("a mail's signature", "@@ -6 +6 @@\n-    return len(cart)\n+    return len(cart.items)\n-- \n2.39.0\n"),
        ("less indentation", "@@ -5,2 +5,2 @@\n-return len(cart)\n+return len(cart.items)\n"),
    ];
    for (what, hunk) in hunks {
        for header in [
            "--- a/cart.py\n+++ b/cart.py\n",
            "diff --git a/cart.py b/cart.py\nindex 1..2 100644\n--- a/cart.py\n+++ b/cart.py\n",
        ] {
            let diff = format!("Here is the change:\n\n{header}{hunk}");
            assert_eq!(applied(CART, &diff).expect(what), WANTED, "{what}");
            let with_returns = diff.replace('\n', "\r\n");
            assert_eq!(applied(CART, &with_returns).expect(what), WANTED, "{what}");
            let file = CART.replace('\n', "\r\n");
            assert_eq!(applied(&file, &diff).expect(what), WANTED.replace('\n', "\r\n"), "{what}");
        }
    }
}

#[test]
fn the_named_line_decides_between_equal_places() {
    let text = "a\nb\n".repeat(4);
    let diff = "--- x\n+++ x\n@@ -5,2 +5,2 @@\n a\n-b\n+c\n";
    assert_eq!(applied(&text, diff).expect("applied"), "a\nb\na\nb\na\nc\na\nb\n");
    let between = diff.replace("-5", "-4").replace("+5", "+4");
    let refusal = applied(&text, &between).expect_err("two are as near").to_string();
    assert!(refusal.contains("at lines 1, 3, 5, 7"), "{refusal}");
}

#[test]
fn files_are_made_and_removed() {
    let edits = told(
        "diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n\\ No newline at end of file\n\
         diff --git a/empty b/empty\nnew file mode 100644\nindex 0..e69de29\n\
         diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n\
         diff --git a/gone b/gone\ndeleted file mode 100644\nindex e69de29..0\n\
         --- \"a/\\303\\274.txt\"\n+++ \"b/\\303\\274.txt\"\n@@ -1 +1 @@\n--- a\n+++ b\n@@ -7 +8 @@\n-c\n+d\n",
    );
    insta::assert_snapshot!(edits);
}

#[test]
fn refusals_name_the_line_of_the_diff() {
    let cases = [
        "x = 1\ny = 2\n",
        "@@ -1 +1 @@\n-a\n+b\n",
        "--- a/x\n+++ b/x\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n",
        "--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
        "--- a/x\n+++ \n@@ -1 +1 @@\n-a\n",
        "--- /dev/null\n+++ b/\n@@ -0,0 +1 @@\n+a\n",
        "--- a/x\n+++ b/x\n-a\n+b\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\nthe end\n+c\n",
        "--- /dev/null\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        "diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\n",
        "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
        "diff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n",
        "diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n",
        "diff --cc x\n--- a/x\n+++ b/x\n@@@ -1 -1 +1 @@@\n--a\n++b\n",
    ];
    let refusals = cases.map(told).join("\n");
    insta::assert_snapshot!(refusals);
}

#[test]
fn what_git_writes_is_applied_to_the_letter() {
    let pairs = [
        ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\nb\nc", "a\nb\nc\n"),
        ("a\nb\nc\n", "a\nb\nc"),
        ("a\nb", "a\nb\nc"),
        ("-- a\n++ b\n--- c\n", "-- x\n++ b\n+++ c\n"),
        ("a\r\nb\r\n", "a\r\nc\r\nd\r\n"),
        ("\n\n\n", "\n\n\n\n"),
        ("x\n", ""),
        ("x", "\r\nx"),
    ];
    for (before, after) in pairs {
        for context in ["-U0", "-U3"] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::write(folder.path().join("before"), before).expect("a file");
            fs::write(folder.path().join("after"), after).expect("a file");
            let output = Command::new("git")
                .args(["diff", "--no-index", "--no-prefix", context, "before", "after"])
                .current_dir(folder.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .output()
                .expect("git starts");
            let diff = String::from_utf8(output.stdout).expect("text").replace("+++ after", "+++ before");
            assert_eq!(applied(before, &diff).expect(&diff), after, "{diff}");
        }
    }
}

fn a_text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["", "a", "b", "  a", "-- c", "++ d", "@@ e", "\\ f", " ", "-", "+"]);
    (prop::collection::vec(line, 0..12), any::<bool>()).prop_map(|(lines, ended)| {
        let text = lines.join("\n");
        if ended && !text.is_empty() { text + "\n" } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_diff_applied_to_its_beginning_gives_its_end(
        before in a_text(), after in a_text(), radius in 0..4_usize, returns in any::<bool>(),
    ) {
        let form = |text: String| if returns { text.replace('\n', "\r\n") } else { text };
        let (before, after) = (form(before), form(after));
        prop_assume!(before != after);
        let texts = TextDiff::from_lines(&before, &after);
        let diff = texts.unified_diff().context_radius(radius).header("a/f", "b/f").to_string();
        prop_assert_eq!(applied(&before, &diff).map_err(|error| error.to_string()), Ok(after), "{}", diff);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(--- a/x\n|\\+\\+\\+ b/x\n|@@ -1,2 \\+1 @@\n|@@\n|[-+ \\\\]a?\n|diff --git a/x b/x\n|[a\n\r]){0,20}") {
        let _ = edits_of(&text);
    }
}
