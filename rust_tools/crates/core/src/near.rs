//! What was probably meant: names and paths close to one that does not exist.

/// The up to `most` candidates that look most like `wanted`, best first, ties by name.
pub(crate) fn closest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let wanted = folded(wanted);
    let mut scored: Vec<(usize, &str)> =
        candidates.filter_map(|candidate| distance_if_close(&wanted, candidate).map(|d| (d, candidate))).collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().take(most).map(|(_, candidate)| candidate).collect()
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
    let allowed = (wanted.len().max(candidate.len()) / 3).clamp(1, 6);
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
        let names = ["get_absolute_url", "getAbsoluteUri", "relative", "url"];
        assert_eq!(closest("getAbsoluteUrls", names.into_iter(), 3), ["get_absolute_url", "getAbsoluteUri"]);
        assert!(closest("zebra", names.into_iter(), 3).is_empty());
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
