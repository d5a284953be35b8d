//! Three neighbouring bytes of a text, lower-cased: what the postings are about.

/// A trigram. Those with a line break in them are left out: few patterns reach across lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Gram(u32);

impl Gram {
    /// Number of values that a gram can have.
    pub(super) const VALUES: usize = 1 << 24;

    /// The grams of a text, in order, repeated ones too.
    pub(crate) fn all(text: &[u8]) -> impl Iterator<Item = Self> {
        let (mut last_three, mut since_break) = (0u32, 0usize);
        text.iter().filter_map(move |byte| {
            last_three = (last_three << 8 | u32::from(byte.to_ascii_lowercase())) & 0x00ff_ffff;
            since_break = if *byte == b'\n' { 0 } else { since_break + 1 };
            (since_break >= 3).then_some(Self(last_three))
        })
    }

    pub(super) fn value(self) -> u32 {
        self.0
    }
}

/// Collects the distinct grams of one text after another, with its working memory kept.
pub(super) struct Distinct {
    seen: Vec<u64>,
    grams: Vec<Gram>,
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self { seen: vec![0; Gram::VALUES / 64], grams: Vec::new() }
    }

    /// Each gram of a text once, in no particular order.
    pub(super) fn of(&mut self, text: &[u8]) -> &[Gram] {
        for gram in self.grams.drain(..) {
            self.seen[gram.0 as usize / 64] = 0;
        }
        for gram in Gram::all(text) {
            let (word, bit) = (&mut self.seen[gram.0 as usize / 64], 1 << (gram.0 % 64));
            if *word & bit == 0 {
                *word |= bit;
                self.grams.push(gram);
            }
        }
        &self.grams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_lower_case_and_stay_on_their_line() {
        let values = |text: &str| Gram::all(text.as_bytes()).map(|gram| gram.0.to_be_bytes()).collect::<Vec<_>>();
        assert_eq!(values("aBc\nde\nfgh"), [*b"\0abc", *b"\0fgh"]);
        assert_eq!(values("ab"), [[0; 4]; 0]);
    }

    #[test]
    fn each_gram_is_collected_once_for_every_text() {
        let mut distinct = Distinct::new();
        assert_eq!(distinct.of(b"aaaaabAAb").len(), 4); // aaa, aab, aba, baa
        assert_eq!(distinct.of(b"aaaa").len(), 1);
        assert_eq!(distinct.of(b"").len(), 0);
    }
}
