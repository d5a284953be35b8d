//! Names of files in the headers of a diff.

/// A name as it stands after `---` or `+++`: unquoted, without what follows a tab; nothing for `/dev/null`.
pub(super) fn name(written: &str) -> Option<String> {
    let written = written.trim_end_matches(['\r', '\n']);
    let name = match written.trim_start().strip_prefix('"') {
        Some(quoted) => unquoted(quoted),
        None => written.split('\t').next().unwrap_or_default().trim().to_owned(),
    };
    (name != "/dev/null").then_some(name)
}

/// The path that both sides mean, without git's `a/` and `b/`; nothing if they mean none or different ones.
pub(super) fn common(old: Option<&str>, new: Option<&str>) -> Option<String> {
    let path = match (old, new) {
        (Some(old), Some(new)) => of_both(old, new),
        (Some(only), None) => Some(only.strip_prefix("a/").unwrap_or(only)),
        (None, Some(only)) => Some(only.strip_prefix("b/").unwrap_or(only)),
        (None, None) => None,
    };
    path.filter(|path| !path.is_empty()).map(str::to_owned)
}

fn of_both<'a>(old: &'a str, new: &'a str) -> Option<&'a str> {
    let old = [".orig", ".bak", "~"].iter().find_map(|ending| old.strip_suffix(ending)).unwrap_or(old);
    match (without_prefix(old), without_prefix(new)) {
        // One letter on both sides is a folder, two letters are the sides.
        _ if old == new => Some(new),
        (Some(left), Some(right)) if left == right => Some(right),
        _ => None,
    }
}

/// Both names of a `diff --git` line.
pub(super) fn of_git_line(line: &str) -> Option<String> {
    let rest = line.strip_prefix("diff --git ")?.trim_end();
    if let Some(quoted) = rest.strip_prefix('"') {
        let name = unquoted(quoted);
        return without_prefix(&name).map(str::to_owned);
    }
    // Names may hold spaces: the two are equal apart from their prefixes, so the line is cut where they are.
    rest.match_indices(' ').find_map(|(at, _)| {
        let (old, new) = (without_prefix(&rest[..at])?, without_prefix(&rest[at + 1..])?);
        (old == new).then(|| new.to_owned())
    })
}

/// Git marks the sides by one letter: `a` and `b`, or by what they are (index, work tree, commit, object).
fn without_prefix(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_once('/')?;
    (matches!(prefix, "a" | "b" | "i" | "w" | "c" | "o") && !rest.is_empty()).then_some(rest)
}

/// A name in git's C-like quotes, without the first one.
fn unquoted(quoted: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = quoted.bytes().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => break,
            b'\\' => match rest.next() {
                Some(digit @ b'0'..=b'7') => {
                    let mut value = u32::from(digit - b'0');
                    for _ in 0..2 {
                        if let Some(digit @ b'0'..=b'7') = rest.peek().copied() {
                            value = value * 8 + u32::from(digit - b'0');
                            rest.next();
                        }
                    }
                    bytes.push(value as u8);
                }
                Some(b'n') => bytes.push(b'\n'),
                Some(b't') => bytes.push(b'\t'),
                Some(other) => bytes.push(other),
                None => {}
            },
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_git_and_diff_write_them() {
        assert_eq!(name("a/x.py\t2026-01-01 10:00:00").as_deref(), Some("a/x.py"));
        assert_eq!(name("\"a/\\303\\274 \\\"x\\\".txt\"\r\n").as_deref(), Some("a/ü \"x\".txt"));
        assert_eq!(name("/dev/null\n"), None);
        assert_eq!(of_git_line("diff --git a/two words b/two words\n").as_deref(), Some("two words"));
        assert_eq!(of_git_line("diff --git a/old b/new"), None);
    }

    #[test]
    fn prefixes_go_only_where_they_are_prefixes() {
        let both = |old, new| common(Some(old), Some(new));
        assert_eq!(both("a/x.py", "b/x.py").as_deref(), Some("x.py"));
        assert_eq!(both("i/x.py", "w/x.py").as_deref(), Some("x.py"));
        assert_eq!(both("src/x.py", "src/x.py").as_deref(), Some("src/x.py"));
        assert_eq!(both("c/x.py", "c/x.py").as_deref(), Some("c/x.py"));
        assert_eq!(both("x.py.orig", "x.py").as_deref(), Some("x.py"));
        assert_eq!(both("a/x.py", "b/y.py"), None);
        assert_eq!(common(None, Some("b/new.py")).as_deref(), Some("new.py"));
        assert_eq!(common(Some("old.py"), None).as_deref(), Some("old.py"));
        assert_eq!([common(None, Some("b/")), common(Some(""), None), both("a/x.py", "")], [None, None, None]);
    }
}
