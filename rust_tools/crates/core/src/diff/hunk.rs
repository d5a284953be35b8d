//! One hunk: its header, and where its lines end even if the header miscounts them.

/// What a hunk looks for and what comes there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) search: String,
    pub(super) replace: String,
    /// The line, from 1, where it stands once the hunks before it are applied.
    pub(super) line: Option<u32>,
}

/// Reads the hunk whose header is `lines[0]`; gives it with the number of lines that it takes.
pub(super) fn read(lines: &[&str]) -> (Hunk, usize) {
    let header = Header::of(lines[0]);
    let body = &lines[1..];
    let length = header.as_ref().and_then(|header| counted(body, header)).unwrap_or_else(|| uncounted(body));
    let mut hunk = Hunk::default();
    for (at, line) in body[..length].iter().enumerate() {
        let no_newline = body[..length].get(at + 1).is_some_and(|next| next.starts_with('\\'));
        hunk.take(line, no_newline);
    }
    hunk.line = header.map(|header| header.new_start.saturating_add(u32::from(hunk.replace.is_empty())));
    (hunk, length + 1)
}

/// Whether a file's header begins here. A removed line can look like its first line, not like both.
pub(super) fn is_file_header(lines: &[&str]) -> bool {
    matches!(lines, [old, new, ..] if old.starts_with("--- ") && new.starts_with("+++ "))
}

impl Hunk {
    fn take(&mut self, line: &str, no_newline: bool) {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let (sign, text) = match bare.as_bytes().first() {
            Some(b'\\') => return,
            Some(b' ' | b'+' | b'-') => bare.split_at(1),
            _ => (" ", bare), // a blank line whose one space got lost
        };
        for (side, not_in_it) in [(&mut self.search, "+"), (&mut self.replace, "-")] {
            if sign != not_in_it {
                side.extend([text, if no_newline { "" } else { "\n" }]);
            }
        }
    }
}

/// The numbers of `@@ -3,7 +3,8 @@`.
struct Header {
    old_count: u32,
    new_start: u32,
    new_count: u32,
}

impl Header {
    fn of(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("@@")?.split_whitespace();
        let (_, old_count) = range(words.next()?.strip_prefix('-')?)?;
        let (new_start, new_count) = range(words.next()?.strip_prefix('+')?)?;
        Some(Self { old_count, new_start, new_count })
    }
}

fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

/// How many lines belong to the hunk if its header counts them rightly; nothing if it cannot be right.
fn counted(body: &[&str], header: &Header) -> Option<usize> {
    let (mut old, mut new) = (header.old_count, header.new_count);
    let mut at = 0;
    while old > 0 || new > 0 {
        let (takes_old, takes_new) = match body.get(at)?.as_bytes().first() {
            Some(b'+') => (0, 1),
            Some(b'-') => (1, 0),
            Some(b' ' | b'\n' | b'\r') | None => (1, 1),
            Some(b'\\') => (0, 0),
            _ => return None,
        };
        old = old.checked_sub(takes_old)?;
        new = new.checked_sub(takes_new)?;
        at += 1;
    }
    at += body[at..].iter().take_while(|line| line.starts_with('\\')).count();
    let rest = &body[at..];
    let goes_on = rest.first().is_some_and(|line| line.starts_with([' ', '+', '-'])) && !ends_here(rest);
    (!goes_on).then_some(at)
}

/// How many lines look like lines of the hunk.
fn uncounted(body: &[&str]) -> usize {
    let belongs = |at: usize| {
        let rest = &body[at..];
        let blank = |line: &str| line.trim_end_matches(['\r', '\n']).is_empty();
        (rest[0].starts_with([' ', '+', '-', '\\']) || blank(rest[0])) && !ends_here(rest)
    };
    let length = (0..body.len()).take_while(|at| belongs(*at)).count();
    // Blank lines after the last one with a sign separate the hunk from what follows.
    let last = body[..length].iter().rposition(|line| line.starts_with([' ', '+', '-', '\\']));
    last.map_or(0, |last| last + 1)
}

/// A header of the next file, or the line before the signature of a mail.
fn ends_here(rest: &[&str]) -> bool {
    is_file_header(rest) || rest[0].trim_end_matches(['\r', '\n']) == "-- "
}
