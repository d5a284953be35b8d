//! What was probably meant: names and paths close to one that does not exist.

/// Names that differ by more letters are not the same name misspelt.
const MOST_CHANGES: usize = 6;

/// A name that is looked for among very many: most are dismissed by their length and letters alone.
pub(crate) struct Wanted {
    folded: Vec<char>,
    letters: u64,
}

impl Wanted {
    pub(crate) fn new(name: &str) -> Self {
        Self { folded: folded(name), letters: letters(name.as_bytes()) }
    }

    /// The distance of a name that is close.
    pub(crate) fn distance(&self, name: &[u8]) -> Option<usize> {
        let its = letters(name);
        let within = (self.letters & !its == 0) || (its & !self.letters == 0);
        // Each change of a letter takes at most one letter out of the set and puts one in.
        let changes = 2 * MOST_CHANGES as u32;
        if !within && (self.letters ^ its).count_ones() > changes.min(2 * (name.len().max(4) as u32 / 3)) {
            return None;
        }
        distance_if_close(&self.folded, std::str::from_utf8(name).ok()?)
    }
}

/// The set of the letters and digits of a name, case folded.
fn letters(name: &[u8]) -> u64 {
    name.iter().fold(0, |set, byte| match byte {
        b'a'..=b'z' => set | 1 << (byte - b'a'),
        b'A'..=b'Z' => set | 1 << (byte - b'A'),
        b'0'..=b'9' => set | 1 << (26 + byte - b'0'),
        b'_' | b'-' => set,
        _ => set | 1 << 63,
    })
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
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// The number of one-letter changes between two folded names if there are few for their length.
fn distance_if_close(wanted: &[char], candidate: &str) -> Option<usize> {
    let candidate = folded(candidate);
    let allowed = (wanted.len().max(candidate.len()) / 3).clamp(1, MOST_CHANGES);
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
    use super::*;

    #[test]
    fn spelling_case_and_word_breaks_do_not_hide_a_name() {
        let wanted = Wanted::new("getAbsoluteUrls");
        let distances =
            ["get_absolute_url", "GETABSOLUTEURI", "relative", "url"].map(|name| wanted.distance(name.as_bytes()));
        assert_eq!(distances, [Some(1), Some(2), None, None]);
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
