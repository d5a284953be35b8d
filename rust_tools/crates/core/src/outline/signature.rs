//! The header of a definition on one line.

use super::folded;

/// The source from the beginning of a definition to its body, without annotations and opening braces.
pub(super) fn signature(text: &str, start: usize, end: usize) -> String {
    let start = with_modifiers(text, start);
    let source = text.get(start..end.max(start)).unwrap_or_default();
    let header = folded(without_annotations(source));
    let ends = ['{', '=', '>', ':', ';', ',', '-', '(', ' '];
    let bare = header.trim_end_matches("=>").trim_end_matches("->").trim_end();
    let bare = bare.trim_end_matches(|c| ends.contains(&c) && c != '>');
    bare.strip_suffix(" do").unwrap_or(bare).to_owned()
}

/// Where the line begins, if only words stand between: `export default`, `type`, `local`, `private`.
fn with_modifiers(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let words = &before[line..];
    let indent = words.len() - words.trim_start().len();
    let only_words = words.trim().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ');
    if only_words && !words.trim().is_empty() { line + indent } else { start }
}

/// A header behind its annotations: `@Override`, `@app.get("/")`, `#[Route("/")]`, `[Obsolete]`.
fn without_annotations(source: &str) -> &str {
    let mut rest = source.trim_start();
    loop {
        let behind = if rest.starts_with("@interface") {
            None
        } else if let Some(name) = rest.strip_prefix('@') {
            let name = name.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
            Some(if name.starts_with('(') { behind_brackets(name) } else { name })
        } else if rest.starts_with("#[") {
            Some(behind_brackets(&rest[1..]))
        } else if rest.starts_with('[') {
            Some(behind_brackets(rest))
        } else {
            None
        };
        match behind {
            Some(behind) if !behind.trim_start().is_empty() => rest = behind.trim_start(),
            _ => return rest,
        }
    }
}

/// What follows the brackets that a text begins with; nothing if they stay open.
fn behind_brackets(text: &str) -> &str {
    let (mut depth, mut quote) = (0_usize, None);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => drop(characters.next()),
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && quote.is_none() {
            return &text[at + character.len_utf8()..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_its_modifiers_and_no_annotations_or_braces() {
        let of = |text: &str, from: &str, to: &str| {
            let start = text.find(from).expect("the beginning");
            signature(text, start, text.rfind(to).expect("the end"))
        };
        assert_eq!(of("export default async function f(a) { x }", "async", "{"), "export default async function f(a)");
        assert_eq!(
            of("@Get(\"/a(b\")\n@Deprecated public int f(\n  int a) { }", "@Get", "{ }"),
            "public int f( int a)"
        );
        assert_eq!(of("#[Route('/x')] function f(): int { }", "#[", "{ }"), "function f(): int");
        assert_eq!(of("@interface Checked { }", "@", "{"), "@interface Checked");
        assert_eq!(of("x = y; const f = () => 1", "const", "1"), "const f = ()");
        assert_eq!(of("def empty? = lines", "def", "lines"), "def empty?");
        assert_eq!(of("fn f() -> Vec<u8> { }", "fn", "{"), "fn f() -> Vec<u8>");
    }
}
