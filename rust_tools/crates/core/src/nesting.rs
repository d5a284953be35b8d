//! How deeply source is nested, judged before it is parsed.
//!
//! A model that falls into repetition writes `[[[[…` or `x.a.a.a…` by the ten thousand. Python refuses such a
//! file; a recursive parser would run out of stack, which ends the whole process.

/// Python itself gives up between one and ten thousand levels, depending on its version.
pub(crate) const MOST_LEVELS: u32 = 6000;

/// The line, from 1, on which the nesting passes [`MOST_LEVELS`].
///
/// An estimate that is never too low: every operator counts as a level until a comma or the end of the
/// statement, every bracket adds to what is around it.
pub(crate) fn too_deep(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    if most_levels(bytes) <= MOST_LEVELS as usize {
        return None;
    }
    let mut levels = Levels { outer: Vec::new(), outer_sum: 0, here: 0 };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b'#' => at = line_end(bytes, start),
            b'\\' => at += 1,
            b'\n' if levels.outer.is_empty() => levels.here = 0,
            b',' => levels.here = 0,
            quote @ (b'"' | b'\'') if !is_interpolated(&bytes[..start]) => at = string_end(bytes, start, quote),
            b'(' | b'[' | b'{' => levels.open(),
            b')' | b']' | b'}' => levels.close(),
            b'.' if start > 0 && bytes[start - 1].is_ascii_digit() => {}
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'!' | b'=' | b'.' => {
                levels.here += 1;
            }
            first if first.is_ascii_alphabetic() => {
                at = word_end(bytes, start);
                if matches!(
                    &bytes[start..at],
                    b"not" | b"await" | b"if" | b"else" | b"lambda" | b"in" | b"is" | b"yield"
                ) {
                    levels.here += 1;
                }
            }
            _ => {}
        }
        if levels.sum() > MOST_LEVELS {
            return Some(memchr::memchr_iter(b'\n', &bytes[..start]).count() as u32 + 1);
        }
    }
    None
}

/// What the levels of a text cannot pass, told in a fraction of the time: each is a sign, or a word before something else.
fn most_levels(bytes: &[u8]) -> usize {
    const LANE: usize = 128; // numbers of one byte, which the compiler adds up many at a time
    let is_word = |byte: u8| byte.is_ascii_lowercase();
    let lane = |lane: &[u8]| lane.iter().map(|byte| u8::from(byte.is_ascii_punctuation())).sum::<u8>();
    let ends = |(here, next): (&[u8], &[u8])| {
        here.iter().zip(next).map(|(here, next)| u8::from(is_word(*here) && !is_word(*next))).sum::<u8>()
    };
    let signs: usize = bytes.chunks(LANE).map(|part| usize::from(lane(part))).sum();
    let next = bytes.get(1..).unwrap_or_default();
    let words: usize = bytes.chunks(LANE).zip(next.chunks(LANE)).map(|pair| usize::from(ends(pair))).sum();
    signs + words + 1
}

/// The same for JavaScript, whose statements may end without a sign: a line break ends one unless an operator
/// stands before or behind it.
pub(crate) fn too_deep_in_script(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let mut levels = Levels { outer: Vec::new(), outer_sum: 0, here: 0 };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b'/' if bytes.get(at) == Some(&b'/') => at = line_end(bytes, start),
            b'/' if bytes.get(at) == Some(&b'*') => {
                at = memchr::memmem::find(&bytes[at..], b"*/").map_or(bytes.len(), |length| at + length + 2);
            }
            b'\\' => at += 1,
            b'\n' if !goes_on(&bytes[..start], &bytes[at..]) => levels.here = 0,
            b';' | b',' => levels.here = 0,
            quote @ (b'"' | b'\'') => at = string_end(bytes, start, quote),
            b'(' | b'[' | b'{' => levels.open(),
            b')' | b']' | b'}' => levels.close(),
            byte if byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'$' | b'`' | b'#') => levels.here += 1,
            first if first.is_ascii_alphabetic() => {
                at = word_end(bytes, start);
                if SCRIPT_PREFIXES.contains(&&bytes[start..at]) {
                    levels.here += 1;
                }
            }
            _ => {}
        }
        if levels.sum() > MOST_LEVELS {
            return Some(memchr::memchr_iter(b'\n', &bytes[..start]).count() as u32 + 1);
        }
    }
    None
}

/// Words that something follows.
const SCRIPT_PREFIXES: [&[u8]; 16] = [
    b"if",
    b"else",
    b"for",
    b"while",
    b"do",
    b"with",
    b"typeof",
    b"void",
    b"delete",
    b"await",
    b"new",
    b"yield",
    b"async",
    b"in",
    b"of",
    b"instanceof",
];

/// Whether an expression or statement goes on behind a line break.
fn goes_on(before: &[u8], behind: &[u8]) -> bool {
    let (before, behind) = (before.trim_ascii_end(), behind.trim_ascii_start());
    let operator = |byte: u8| byte.is_ascii_punctuation() && !b"_$`\"'{}()[];,#@\\".contains(&byte);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let last = before.last().copied().unwrap_or(b';');
    let first = behind.first().copied().unwrap_or(b';');
    let last_word = &before[before.len() - before.iter().rev().take_while(|byte| is_word(byte)).count()..];
    let first_word = &behind[..behind.iter().take_while(|byte| is_word(byte)).count()];
    let comment = behind.starts_with(b"//") || behind.starts_with(b"/*");
    operator(last)
        || (operator(first) && !comment)
        || SCRIPT_PREFIXES.contains(&last_word)
        || matches!(first_word, b"else" | b"in" | b"of" | b"instanceof")
        || (last == b')' && matches!(first_word, b"if" | b"for" | b"while" | b"with"))
}

/// Levels in the open brackets and in the expression at hand.
struct Levels {
    outer: Vec<u32>,
    outer_sum: u32,
    here: u32,
}

impl Levels {
    fn open(&mut self) {
        self.outer.push(self.here);
        self.outer_sum += self.here + 1;
        self.here = 0;
    }

    /// A closed bracket is one level of what goes on behind it: `f()()()`.
    fn close(&mut self) {
        if let Some(before) = self.outer.pop() {
            self.outer_sum -= before + 1;
            self.here = before + 1;
        }
    }

    fn sum(&self) -> u32 {
        self.outer_sum + self.here
    }
}

/// Whether a quote opens a string with expressions in it, which are read like code.
fn is_interpolated(before: &[u8]) -> bool {
    let prefix = before.iter().rev().take(2).take_while(|byte| byte.is_ascii_alphabetic());
    prefix.into_iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'))
}

fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !triple => return at,
            _ if triple && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            byte if !triple && byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length)
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_deep_nesting_is_seen_with_its_line() {
        let n = MOST_LEVELS as usize + 1;
        let deep = [
            "[".repeat(n),
            "-".repeat(n),
            "not ".repeat(n),
            "1+".repeat(n),
            "x".to_owned() + &".a".repeat(n),
            "f".to_owned() + &"()".repeat(n),
            "x".to_owned() + &"[0]".repeat(n),
            "1 if 1 else ".repeat(n),
            "lambda:".repeat(n),
            format!("f\"{{{}}}\"", "[".repeat(n)),
            "f(1, ".repeat(n),
        ];
        for text in deep {
            assert_eq!(too_deep(&format!("x = 1\n{text}")), Some(2), "{}", &text[..20]);
        }
    }

    #[test]
    fn deep_scripts_are_seen_and_long_ones_are_not() {
        let n = MOST_LEVELS as usize + 1;
        for deep in [
            "[".repeat(n),
            "!".repeat(n),
            "x".to_owned() + &"\n  .a()".repeat(n),
            "a ?\nb :\n".repeat(n),
            "if (a) {} else ".repeat(n),
            "if (a)\n".repeat(n),
            "typeof ".repeat(n),
            "a => ".repeat(n),
            "`${".repeat(n),
            "<a>".repeat(n),
        ] {
            assert!(too_deep_in_script(&deep).is_some(), "{}", &deep[..12]);
        }
        for long in [
            "const a = b.c + 1\n".repeat(n),
            "a.b(c => d)\n".repeat(n),
            "if (a) {\n  b()\n} else {\n  c()\n}\n".repeat(n),
            format!("x = [{}]", "1.5, ".repeat(n)),
            format!("x = '{}'", "[".repeat(n)),
            format!("/* {} */", "[".repeat(n)),
            "// [\n".repeat(n),
        ] {
            assert_eq!(too_deep_in_script(&long), None, "{}", &long[..12]);
        }
    }

    #[test]
    fn no_text_has_more_levels_than_its_signs_and_words() {
        for text in
            ["not ".repeat(300), "[".repeat(1000), "f(a.b) if x else not await y\n".repeat(40), "a1_b é".repeat(90)]
        {
            let counted = |bytes: &[u8]| bytes.iter().filter(|byte| byte.is_ascii_punctuation()).count();
            let words = text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).count();
            let most = most_levels(text.as_bytes());
            assert!(
                (counted(text.as_bytes()) + words..=counted(text.as_bytes()) + words + 1).contains(&most),
                "{text}"
            );
        }
        assert_eq!(most_levels(b""), 1);
    }

    #[test]
    fn long_is_not_deep() {
        let n = 20_000;
        for text in [
            format!("x = [{}]", "1.5, ".repeat(n)),
            format!("x = [{}]", "f(a.b + 1), ".repeat(n)),
            "x = a.b + 1\n".repeat(n),
            format!("x = '{}'", "+".repeat(n)),
            format!("x = \"\"\"{}\"\"\"", "(\n".repeat(n)),
            format!("# {}", "[".repeat(n)),
            "f(x)\n".repeat(n),
        ] {
            assert_eq!(too_deep(&text), None, "{}", &text[..20]);
        }
    }
}
