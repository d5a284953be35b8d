//! The names that stand in texts, each once: where one is looked for that is spelt a little differently.

use std::collections::HashSet;

use crate::near::{Letters, each_name};

/// Longer names are hashes and the like, which nobody looks for by heart.
pub(crate) const MOST_NAME_BYTES: usize = 64;

/// The distinct names in some texts.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// One behind the other.
    names: Box<[u8]>,
    /// Where each of them ends.
    ends: Box<[u32]>,
    letters: Box<[Letters]>,
}

impl Vocabulary {
    /// The names with their letters, in no particular order.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&[u8], Letters)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let name = |(start, end): (u32, &u32)| &self.names[start as usize..*end as usize];
        starts.zip(&self.ends).map(name).zip(self.letters.iter().copied())
    }
}

/// Collects names text by text.
#[derive(Debug, Default)]
pub(super) struct VocabularyBuilder {
    known: HashSet<Box<[u8]>>,
    letters: Vec<Letters>,
    names: Vec<u8>,
    ends: Vec<u32>,
}

impl VocabularyBuilder {
    pub(super) fn push(&mut self, text: &[u8]) {
        each_name(text, |name, letters| {
            if name.len() <= MOST_NAME_BYTES && !self.known.contains(name) {
                self.known.insert(name.into());
                self.letters.push(letters);
                self.names.extend_from_slice(name);
                self.ends.push(self.names.len() as u32);
            }
        });
    }

    /// The vocabulary of the texts so far; the next text begins another one.
    pub(super) fn finish(&mut self) -> Vocabulary {
        let Self { names, ends, letters, .. } = std::mem::take(self);
        Vocabulary { names: names.into(), ends: ends.into(), letters: letters.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_kept_once_with_its_letters() {
        let mut builder = VocabularyBuilder::default();
        builder.push(b"total_price = Total_price(total_price, ab, \xc3\xa9t\xc3\xa9) #tax");
        builder.push([b'x'; MOST_NAME_BYTES + 1].as_slice());
        let vocabulary = builder.finish();
        let names: Vec<&[u8]> = vocabulary.names().map(|(name, _)| name).collect();
        assert_eq!(names, [&b"total_price"[..], b"Total_price", b"tax"]);
        let letters: Vec<Letters> = vocabulary.names().map(|(_, letters)| letters).collect();
        assert_eq!(letters[0], letters[1]);
        assert_eq!(builder.finish().names().count(), 0);
    }
}
