//! Secrets: values that no edit may bring into a file. What is found is named by kind, never repeated.

mod assigned;
mod forms;
mod lines;
mod placeholder;

use std::collections::BTreeMap;

/// Line (from 1) and kind of every secret in a text, in the order of their lines.
///
/// ```
/// use orchestrator_tools::secrets::in_text;
///
/// let token = ["ghp_", "Zk3mQ9xT2bV7nR5wY8cL1pD4", "sJ6hF0gA9eUq"].concat();
/// assert_eq!(in_text(&format!("a = 1\ntoken = {token:?}\n"))[0].0, 2);
/// assert!(in_text("api_key = \"YOUR_KEY_HERE\"\n").is_empty());
/// ```
pub fn in_text(text: &str) -> Vec<(u32, &'static str)> {
    let found = secrets(text);
    let mut lines = found.iter().map(|secret| (line_of(text, secret.start), secret.kind)).collect::<Vec<_>>();
    lines.dedup();
    lines
}

/// The secrets of a text themselves, each once, in their order: for those who hide them. Of a key in the form of PEM
/// everything to its end.
pub fn values(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for secret in secrets(text) {
        let end = match secret.kind {
            "private key" => text[secret.end..].find("-----END").map_or(text.len(), |after| secret.end + after),
            _ => secret.end,
        };
        let value = &text[secret.start..end];
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// File, line in the new file and kind of every secret that a unified diff adds. A value that the diff also
/// takes away has only moved.
pub fn in_diff(diff: &str) -> Vec<(String, u32, &'static str)> {
    let mut found = Vec::new();
    for (path, added) in additions(diff) {
        for secret in secrets(&added.text) {
            let is_moved = added.removed.contains(&added.text[secret.start..secret.end]);
            let line = added.lines.get(line_of(&added.text, secret.start) as usize - 1);
            if let Some(line) = line.filter(|_| !is_moved) {
                found.push((path.clone(), *line, secret.kind));
            }
        }
    }
    found.dedup();
    found
}

/// Line and kind of the secrets in `after` that `before` does not hold.
pub(crate) fn introduced(after: &str, before: Option<&str>) -> Vec<(u32, &'static str)> {
    let mut found: Vec<(u32, &'static str)> = secrets(after)
        .into_iter()
        .filter(|secret| !before.is_some_and(|before| before.contains(&after[secret.start..secret.end])))
        .map(|secret| (line_of(after, secret.start), secret.kind))
        .collect();
    found.dedup();
    found
}

/// Where a secret stands.
struct Secret {
    start: usize,
    end: usize,
    kind: &'static str,
}

/// Every secret of a text; where two kinds claim the same place, the known form wins.
fn secrets(text: &str) -> Vec<Secret> {
    let mut found = forms::find(text);
    for other in assigned::find(text) {
        if !found.iter().any(|known| known.start < other.end && other.start < known.end) {
            found.push(other);
        }
    }
    found.sort_by_key(|secret| secret.start);
    found
}

fn line_of(text: &str, offset: usize) -> u32 {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count() as u32 + 1
}

/// What a diff does to one file.
#[derive(Default)]
struct Added {
    /// The added lines.
    text: String,
    /// The number of each in the new file.
    lines: Vec<u32>,
    removed: String,
}

/// The added and removed lines of a unified diff by file. Hunks are followed by their counts, so that a line of
/// content that looks like a header is none.
fn additions(diff: &str) -> BTreeMap<String, Added> {
    let mut files: BTreeMap<String, Added> = BTreeMap::new();
    let mut path = String::new();
    let (mut old_left, mut new_left, mut number) = (0_u32, 0_u32, 0_u32);
    for line in diff.lines() {
        if old_left == 0 && new_left == 0 {
            if let Some(name) = line.strip_prefix("+++ ") {
                name.strip_prefix("b/").unwrap_or(name).trim_end().clone_into(&mut path);
            } else if let Some((old, start, new)) = hunk(line) {
                (old_left, number, new_left) = (old, start, new);
            }
            continue;
        }
        let file = files.entry(path.clone()).or_default();
        match line.as_bytes().first() {
            Some(b'+') => {
                file.text.push_str(&line[1..]);
                file.text.push('\n');
                file.lines.push(number);
                number += 1;
                new_left = new_left.saturating_sub(1);
            }
            Some(b'-') => {
                file.removed.push_str(&line[1..]);
                file.removed.push('\n');
                old_left = old_left.saturating_sub(1);
            }
            Some(b'\\') => {}
            _ => {
                number += 1;
                (old_left, new_left) = (old_left.saturating_sub(1), new_left.saturating_sub(1));
            }
        }
    }
    files
}

/// `@@ -1,2 +3,4 @@`: how many old lines, the first new line, how many new lines.
fn hunk(line: &str) -> Option<(u32, u32, u32)> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |text: &str| -> Option<(u32, u32)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((_, old), (start, new)) = (range(old)?, range(new)?);
    Some((old, start, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value of a form that is recognised, put together so that this file holds none.
    fn token() -> String {
        ["ghp_", "16C7e42F292c69", "12E7710c838347Ae17", "8B4a"].concat()
    }

    #[test]
    fn a_diff_is_judged_by_what_it_adds() {
        let diff = format!(
            "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,3 @@ def f():\n x = 1\n+KEY = \"{0}\"\n y = 2\n\
             --- a/b.py\n+++ b/b.py\n@@ -3 +3 @@\n-OLD = \"{0}\"\n+NEW = \"{0}\"\n",
            token()
        );
        assert_eq!(in_diff(&diff), [("a.py".to_owned(), 2, "GitHub token")]);
        assert_eq!(in_diff(&diff.replace("+KEY", " KEY").replace("+1,3", "+1,4").replace("-1,2", "-1,4")), []);
    }

    #[test]
    fn values_are_given_once_and_keys_to_their_end() {
        let body = ["MIIEvQIBADANBgkqhkiG9w0", "BAQEFAASCBKcwggSjAgEAAoIB"].concat();
        let key = format!("-----BEGIN {0}-----\n{body}\nQ3d7Zk\n-----END {0}-----\n", "PRIVATE KEY");
        let text = format!("a = '{0}'\nb = '{0}'\n{key}x = 1\n", token());
        let found = values(&text);
        assert_eq!((found.len(), found[0]), (2, token().as_str()));
        assert!(found[1].contains("Q3d7Zk") && !found[1].contains("x = 1"), "{}", found[1]);
    }

    #[test]
    fn content_that_looks_like_a_header_is_content() {
        let diff = format!("--- a/a\n+++ b/a\n@@ -0,0 +1,2 @@\n+++ b/other\n+k: {}\n", token());
        assert_eq!(in_diff(&diff), [("a".to_owned(), 2, "GitHub token")]);
    }

    #[test]
    fn a_secret_that_was_there_is_not_brought_in() {
        let before = format!("a = '{}'\n", token());
        assert_eq!(introduced(&format!("\n{before}"), Some(&before)), []);
        assert_eq!(introduced(&before, None), [(1, "GitHub token")]);
    }
}
