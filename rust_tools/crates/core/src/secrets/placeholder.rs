//! Values that only stand for a secret.

/// Whether a value is an example, a blank to be filled in, or a name, rather than a secret.
pub(super) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 25] = [
        "example",
        "sample",
        "dummy",
        "fake",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "your",
        "xxxx",
        "****",
        "....",
        "todo",
        "insert",
        "replace",
        "redacted",
        "secret",
        "password",
        "mock",
        "foobar",
        "lorem",
        "notreal",
        "test",
        "12345678",
        // The subject 1234567890 of the web tokens in documentation.
        "eyjzdwiioiixmjm0nty3odkwi",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word)) || is_monotonous(&lower)
}

/// Few different characters, or characters in a row as on a keyboard or in the alphabet.
pub(super) fn is_monotonous(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let in_a_row = bytes.windows(2).filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1)).count();
    different < 6 || in_a_row * 2 > bytes.len()
}

/// Bits of information in each character of a value, judged by how often each occurs.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(value.len() as u32);
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for value in
            ["AKIAIOSFODNN7EXAMPLE", "your-token-here", "xxxxxxxxxxxxxxxx", "abcdefghijklmnop", "0000000000000001"]
        {
            assert!(is_placeholder(value), "{value}");
        }
        assert!(!is_placeholder("q8Zr3vT0pLw7Ks2nYb5D"));
    }

    #[test]
    fn random_values_carry_more_than_words() {
        assert!(entropy("aaaaaaaa") < 0.1);
        assert!(entropy("q8Zr3vT0pLw7Ks2nYb5D") > 4.0);
    }
}
