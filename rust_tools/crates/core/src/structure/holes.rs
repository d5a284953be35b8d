//! The holes of a pattern, written with a letter of the language in place of `$`.

use std::borrow::Cow;

use ast_grep_core::meta_var::MetaVariable;

/// `$NAME`, `$_` and `$$$NAMES` with letters of the language in place of the dollars.
pub(super) fn with_expando(pattern: &str, expando: char) -> Cow<'_, str> {
    if expando == '$' || !pattern.contains('$') {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(at) = rest.find('$') {
        let dollars = rest[at..].bytes().take_while(|byte| *byte == b'$').count();
        let next = rest[at + dollars..].chars().next();
        let hole = dollars == 3 || next.is_some_and(|c| c == '_' || c.is_ascii_uppercase());
        out.push_str(&rest[..at]);
        let sign = if hole { expando } else { '$' };
        out.extend(std::iter::repeat_n(sign, dollars));
        rest = &rest[at + dollars..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The hole that a piece of a pattern is; one for any number of statements may stand as a statement.
pub(super) fn hole(source: &str, expando: char) -> Option<MetaVariable> {
    let name = source.trim_start_matches(expando);
    let signs = source.chars().count() - name.chars().count();
    let name = if signs == 3 { name.strip_suffix(';').unwrap_or(name) } else { name };
    let letter = |c: char| c == '_' || c.is_ascii_uppercase();
    let valid = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    let ignored = name.starts_with('_');
    match signs {
        3 if name.is_empty() || (valid && ignored) => Some(MetaVariable::Multiple),
        3 if valid => Some(MetaVariable::MultiCapture(name.to_owned())),
        1 | 2 if valid && ignored => Some(MetaVariable::Dropped(signs == 1)),
        1 | 2 if valid => Some(MetaVariable::Capture(name.to_owned(), signs == 1)),
        _ => None,
    }
}

/// `{ $$$BODY }` with the semicolon that languages of C's kind want behind a statement; nothing if there is no such
/// hole.
pub(super) fn with_closed_holes(source: &str, expando: char) -> Option<String> {
    let hole = String::from_iter([expando; 3]);
    let mut out = String::with_capacity(source.len() + 4);
    let mut rest = source;
    while let Some(at) = rest.find(&hole) {
        let name = rest[at + hole.len()..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let end = name.map_or(rest.len(), |length| at + hole.len() + length);
        out.push_str(&rest[..end]);
        let opens = out[..out.len() - (end - at)].trim_end().ends_with(['{', ';', '}']);
        if opens && rest[end..].trim_start().starts_with('}') {
            out.push(';');
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    (out != source).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_that_are_no_holes_are_left_alone() {
        assert_eq!(with_expando("$this->f($A, $$$ARGS, $$$, $_)", 'µ'), "$this->f(µA, µµµARGS, µµµ, µ_)");
        assert_eq!(with_expando("`${a}`", 'µ'), "`${a}`");
    }

    #[test]
    fn a_hole_for_statements_is_closed_like_one() {
        assert_eq!(with_closed_holes("f(µµµA) { x; µµµB }", 'µ').as_deref(), Some("f(µµµA) { x; µµµB; }"));
        assert_eq!(with_closed_holes("f(µµµA)", 'µ'), None);
        assert_eq!(hole("µµµB;", 'µ'), Some(MetaVariable::MultiCapture("B".to_owned())));
        assert_eq!((hole("µB;", 'µ'), hole("µb", 'µ')), (None, None));
    }
}
