//! JSON, and JSON with comments where that is the custom.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::super::Finding;
use super::{duplicate_key, syntax_error};

const DUPLICATE: &str = "the key occurs twice: ";

pub(super) fn problems(path: &str, text: &str) -> Vec<Finding> {
    // A byte order mark is tolerated by those who write it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Vec::new();
    }
    let plain;
    let text = if takes_comments(path) {
        plain = without_comments(text);
        &plain
    } else {
        text
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let Err(error) = Value.deserialize(&mut reader).and_then(|()| reader.end()) else { return Vec::new() };
    let message = error.to_string();
    if message.starts_with("recursion limit") {
        return Vec::new(); // deep is not wrong
    }
    let what = message.rsplit_once(" at line ").map_or(&*message, |(what, _)| what);
    let (line, column) = place(text, error.line(), error.column());
    vec![match what.strip_prefix(DUPLICATE) {
        Some(key) => {
            duplicate_key(path, line, column.saturating_sub(key.chars().count() + 1), format!("{DUPLICATE}{key}"))
        }
        None => syntax_error(path, line, column, format!("invalid JSON: {what}")),
    }]
}

/// The parser counts bytes, and reports the end of the file on the line after the last.
fn place(text: &str, line: usize, bytes: usize) -> (usize, usize) {
    let lines = text.lines().count();
    if line > lines {
        let last = text.lines().last().unwrap_or_default();
        return (lines, last.chars().count());
    }
    let content = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let head = content.get(..bytes).unwrap_or(content);
    (line, head.chars().count())
}

/// Files that are read with a tolerant parser by the tools they belong to.
fn takes_comments(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    begins(&[
        "tsconfig",
        "jsconfig",
        "devcontainer",
        "tslint",
        "api-extractor",
        "deno.json",
        "biome.json",
        "turbo.json",
    ]) || ends(&[
        ".jsonc",
        ".babelrc",
        ".eslintrc",
        ".eslintrc.json",
        ".swcrc",
        ".jshintrc",
        ".hintrc",
        ".code-workspace",
    ]) || path.contains(".vscode/")
        || path.contains(".devcontainer/")
}

/// The text with comments and trailing commas blanked out; every other byte keeps its place.
fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut comma = None;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b'"' => {
                at = string_end(bytes, start);
                comma = None;
            }
            b'/' if bytes.get(at) == Some(&b'/') => at = blank(&mut out, start, find(bytes, start, b"\n")),
            b'/' if bytes.get(at) == Some(&b'*') => at = blank(&mut out, start, find(bytes, at + 1, b"*/") + 2),
            b',' => comma = Some(start),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    out[comma] = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn blank(out: &mut [u8], start: usize, end: usize) -> usize {
    let end = end.min(out.len());
    out[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    end
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memmem::find(rest, what).map_or(bytes.len(), |offset| from + offset)
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Reads any value, keeps nothing, and refuses an object with the same key twice.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("{DUPLICATE}{key}")));
            }
            entries.next_value_seed(Self)?;
        }
        Ok(())
    }
}
