//! What was probably meant: names and paths close to one that does not exist.

/// Names that differ by more letters are not the same name misspelt.
const MOST_CHANGES: usize = 6;

/// A name that is looked for among very many: most are dismissed by their length and letters alone.
pub(crate) struct Wanted {
    folded: Vec<char>,
    /// How often each letter stands in it.
    counts: Counts,
    length: usize,
    letters: Letters,
}

/// Numbers of letters, by the last bits of their codes.
type Counts = [i32; 64];

/// A set of letters, case folded, and of digits.
pub(crate) type Letters = u64;

/// Calls `visit` with every name of three bytes or more in a text and its letters, in order.
pub(crate) fn each_name<'t>(text: &'t [u8], mut visit: impl FnMut(&'t [u8], Letters)) {
    const SHORTEST: usize = 3;
    let (mut start, mut letters) = (0, 0);
    for at in 0..=text.len() {
        let letter = text.get(at).map_or(0, |byte| LETTER[*byte as usize]);
        if letter != 0 {
            letters |= letter;
            continue;
        }
        if at - start >= SHORTEST {
            visit(&text[start..at], letters);
        }
        (start, letters) = (at + 1, 0);
    }
}

impl Wanted {
    pub(crate) fn new(name: &str) -> Self {
        let letters = name.bytes().fold(0, |set, byte| set | LETTER[byte as usize]);
        let folded = folded(name);
        let mut counts: Counts = [0; 64];
        for letter in &folded {
            counts[*letter as usize % 64] += 1;
        }
        Self { folded, counts, length: name.len(), letters: letters & !WORD_BREAK }
    }

    /// Calls `visit` with every name in a text that is close and of about the same length, and its distance.
    pub(crate) fn in_text<'t>(&self, text: &'t [u8], mut visit: impl FnMut(&'t [u8], usize)) {
        each_name(text, |name, letters| {
            if let Some(distance) = self.among(name, letters) {
                visit(name, distance);
            }
        });
    }

    /// The distance of a name that is close and of about the same length, one of very many.
    pub(crate) fn among(&self, name: &[u8], letters: Letters) -> Option<usize> {
        const MOST_LONGER: usize = 12;
        let may_be = name.len().abs_diff(self.length) <= MOST_LONGER && self.may_be(name.len(), letters);
        may_be.then(|| self.measured(name)).flatten()
    }

    /// The distance of a name that is close.
    pub(crate) fn distance(&self, name: &[u8]) -> Option<usize> {
        let letters = name.iter().fold(0, |set, byte| set | LETTER[*byte as usize]);
        self.may_be(name.len(), letters).then(|| self.measured(name)).flatten()
    }

    fn measured(&self, name: &[u8]) -> Option<usize> {
        if name.is_ascii() && self.is_far(name) {
            return None;
        }
        distance_if_close(&self.folded, std::str::from_utf8(name).ok()?)
    }

    /// Whether each of the two names has more letters of its own than changes are allowed for.
    fn is_far(&self, name: &[u8]) -> bool {
        let (mut surplus, mut length) = (self.counts, 0);
        for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-')) {
            surplus[usize::from(byte.to_ascii_lowercase()) % 64] -= 1;
            length += 1;
        }
        let lacking: u32 = surplus.iter().filter(|number| **number > 0).map(|number| number.unsigned_abs()).sum();
        let own: u32 = surplus.iter().filter(|number| **number < 0).map(|number| number.unsigned_abs()).sum();
        let allowed = most_changes(self.folded.len().max(length)) as u32;
        // One of them may hold the other, however much longer it is.
        lacking.max(own) > allowed && lacking.min(own) > 0
    }

    /// Whether a name of so many bytes and of these letters can be close.
    fn may_be(&self, length: usize, letters: Letters) -> bool {
        let letters = letters & !WORD_BREAK;
        let within = (self.letters & !letters == 0) || (letters & !self.letters == 0);
        // Each change of a letter takes at most one letter out of the set and puts one in.
        let changes = 2 * MOST_CHANGES as u32;
        within || (self.letters ^ letters).count_ones() <= changes.min(2 * (length.max(4) as u32 / 3))
    }
}

/// Names are the same with and without it.
const WORD_BREAK: Letters = 1 << 63;

/// For each byte that names consist of its letter, case folded, as a bit of a set; nothing for other bytes.
static LETTER: [Letters; 256] = letters();

const fn letters() -> [Letters; 256] {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        letters[byte] = match byte as u8 {
            letter @ b'a'..=b'z' => 1 << (letter - b'a'),
            letter @ b'A'..=b'Z' => 1 << (letter - b'A'),
            digit @ b'0'..=b'9' => 1 << (26 + digit - b'0'),
            b'_' => WORD_BREAK,
            _ => 0,
        };
        byte += 1;
    }
    letters
}

/// The up to `most` paths most like one that does not exist: first by the name of the file, then by the folders.
pub(crate) fn closest_paths<'a>(wanted: &str, paths: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let (folder, name) = wanted.rsplit_once('/').unwrap_or(("", wanted));
    let (folder, name) = (folded(folder), folded(name));
    let mut scored: Vec<(usize, usize, &str)> = paths
        .filter_map(|path| {
            let (its_folder, its_name) = path.rsplit_once('/').unwrap_or(("", path));
            let by_name = distance_if_close(&name, its_name)?;
            let by_folder = distance(&folder, &folded(its_folder), usize::MAX).unwrap_or(usize::MAX);
            Some((by_name, by_folder, path))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(most).map(|(_, _, path)| path).collect()
}

/// A name without case, underscores and hyphens, so that `fooBar`, `foo_bar` and `FOO-BAR` are one.
fn folded(name: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(name.len());
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
    if name.is_ascii() {
        folded.extend(letters.map(|c| c.to_ascii_lowercase()));
    } else {
        folded.extend(letters.flat_map(char::to_lowercase));
    }
    folded
}

/// How many changes make a name of so many letters no other name.
fn most_changes(letters: usize) -> usize {
    (letters / 3).clamp(1, MOST_CHANGES)
}

/// The number of one-letter changes between two folded names if there are few for their length.
fn distance_if_close(wanted: &[char], candidate: &str) -> Option<usize> {
    let candidate = folded(candidate);
    let allowed = most_changes(wanted.len().max(candidate.len()));
    let shorter = wanted.len().min(candidate.len());
    let holds = |long: &[char], short: &[char]| long.windows(short.len()).any(|part| part == short);
    if shorter >= 4 && (holds(wanted, &candidate) || holds(&candidate, wanted)) {
        return Some(wanted.len().abs_diff(candidate.len()).min(allowed));
    }
    distance(wanted, &candidate, allowed)
}

/// The number of letters to change, add, drop or swap with their neighbour, if it is at most `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut two_above: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(two_above[j - 2] + 1);
            }
            row.push(least);
        }
        if row.iter().all(|cell| *cell > limit) {
            return None;
        }
        two_above = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|total| *total <= limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spelling_case_and_word_breaks_do_not_hide_a_name() {
        let text = b"x.get_absolute_url(GETABSOLUTEURI, relative) = url ";
        let mut found = Vec::new();
        Wanted::new("getAbsoluteUrls").in_text(text, |name, distance| {
            found.push((String::from_utf8_lossy(name).into_owned(), distance));
        });
        assert_eq!(found, [("get_absolute_url".to_owned(), 1), ("GETABSOLUTEURI".to_owned(), 2)]);
    }

    proptest! {
        #[test]
        fn no_close_name_is_dismissed_by_its_letters(wanted in "[abxA_9]{3,12}", name in "[abxyA_9-]{0,30}") {
            let plain = distance_if_close(&folded(&wanted), &name);
            let quick = Wanted::new(&wanted);
            prop_assert!(plain.is_none() || !quick.is_far(name.as_bytes()), "{plain:?}");
        }
    }

    #[test]
    fn the_right_name_in_the_wrong_folder_is_found_first() {
        let paths = ["src/core/cart.py", "tests/test_cart.py", "src/card.py", "README.md"];
        assert_eq!(
            closest_paths("src/cart.py", paths.into_iter(), 3),
            ["src/core/cart.py", "src/card.py", "tests/test_cart.py"]
        );
    }
}
