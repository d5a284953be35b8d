//! Some files and their grams: for each gram the numbers of the files that hold it.

use super::gram::Gram;
use super::query::Query;

/// Compressed rows: the numbers of a gram's files stand in ascending order as variable-length differences.
#[derive(Debug, Default)]
pub(crate) struct Block {
    documents: u32,
    grams: Box<[u32]>,
    /// Where the row of each gram ends.
    ends: Box<[u32]>,
    rows: Box<[u8]>,
}

/// Documents of a block, by their number in it, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Documents {
    All,
    These(Vec<u32>),
}

impl Block {
    /// A block of so many documents, of pairs made by [`pair`].
    pub(super) fn new(documents: u32, mut pairs: Vec<u64>) -> Self {
        pairs.sort_unstable();
        let (mut grams, mut ends, mut rows) = (Vec::new(), Vec::new(), Vec::with_capacity(pairs.len() * 5 / 4));
        for row in pairs.chunk_by(|a, b| a >> 32 == b >> 32) {
            grams.push((row[0] >> 32) as u32);
            let mut previous = 0;
            for document in row.iter().map(|pair| *pair as u32) {
                write_varint(&mut rows, document - previous);
                previous = document;
            }
            ends.push(rows.len() as u32);
        }
        Self { documents, grams: grams.into(), ends: ends.into(), rows: rows.into() }
    }

    pub(super) fn documents(&self) -> u32 {
        self.documents
    }

    pub(super) fn find(&self, query: &Query) -> Documents {
        match query {
            Query::Always => Documents::All,
            Query::Holds(gram) => Documents::These(numbers(self.row(*gram)).collect()),
            Query::Every(queries) => self.every(queries),
            Query::Any(queries) => self.any(queries),
        }
    }

    /// Rare grams first. A long row is not worth reading once few documents are left: looking into these costs less.
    fn every(&self, queries: &[Query]) -> Documents {
        const ROW_BYTES_PER_DOCUMENT: usize = 256;
        let mut rows: Vec<&[u8]> = Vec::with_capacity(queries.len());
        let mut found = Documents::All;
        for query in queries {
            match query {
                Query::Holds(gram) => rows.push(self.row(*gram)),
                other => found = found.and(self.find(other)),
            }
        }
        rows.sort_unstable_by_key(|row| row.len());
        for row in rows {
            found = match found {
                Documents::These(left) if left.len() * ROW_BYTES_PER_DOCUMENT < row.len() => {
                    return Documents::These(left);
                }
                Documents::These(mut left) => {
                    keep_common(&mut left, numbers(row));
                    Documents::These(left)
                }
                Documents::All => Documents::These(numbers(row).collect()),
            };
        }
        found
    }

    fn any(&self, queries: &[Query]) -> Documents {
        let mut united = Vec::new();
        for query in queries {
            match self.find(query) {
                Documents::All => return Documents::All,
                Documents::These(found) => united.extend(found),
            }
        }
        united.sort_unstable();
        united.dedup();
        Documents::These(united)
    }

    fn row(&self, gram: Gram) -> &[u8] {
        let Ok(at) = self.grams.binary_search(&gram.value()) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.rows[start as usize..self.ends[at] as usize]
    }
}

impl Documents {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, other) => other,
            (this, Self::All) => this,
            (Self::These(mut kept), Self::These(others)) => {
                keep_common(&mut kept, others.into_iter());
                Self::These(kept)
            }
        }
    }
}

/// A gram and the number of a document that holds it, as one number to sort by.
pub(super) fn pair(gram: Gram, document: u32) -> u64 {
    u64::from(gram.value()) << 32 | u64::from(document)
}

/// Keeps what also stands in another ascending list.
fn keep_common(kept: &mut Vec<u32>, mut others: impl Iterator<Item = u32>) {
    let mut next = others.next();
    kept.retain(|number| {
        while next.is_some_and(|other| other < *number) {
            next = others.next();
        }
        next == Some(*number)
    });
}

fn write_varint(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn numbers(row: &[u8]) -> impl Iterator<Item = u32> {
    let (mut at, mut number) = (0, 0);
    std::iter::from_fn(move || {
        let (mut difference, mut shift) = (0, 0);
        loop {
            let byte = *row.get(at)?;
            at += 1;
            difference |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                number += difference;
                return Some(number);
            }
            shift += 7;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn block_of(texts: &[&[u8]]) -> Block {
        let pairs: BTreeSet<u64> = (0u32..)
            .zip(texts)
            .flat_map(|(number, text)| Gram::all(text).map(move |gram| pair(gram, number)))
            .collect();
        Block::new(texts.len() as u32, pairs.into_iter().collect())
    }

    #[test]
    fn documents_are_found_by_the_text_that_they_hold() {
        let block = block_of(&[b"total_price", b"price", b"TOTAL", b""]);
        let found = |query| block.find(&query);
        assert_eq!(found(Query::text(b"price")), Documents::These(vec![0, 1]));
        assert_eq!(found(Query::text(b"total_price")), Documents::These(vec![0]));
        assert_eq!(found(Query::text(b"absent")), Documents::These(vec![]));
        assert_eq!(
            found(Query::any(vec![Query::text(b"total"), Query::text(b"ric")])),
            Documents::These(vec![0, 1, 2])
        );
        assert_eq!(found(Query::Always), Documents::All);
    }

    proptest! {
        #[test]
        fn rows_give_back_the_numbers_that_they_were_made_of(
            rows in prop::collection::btree_map("[a-c]{3}", prop::collection::btree_set(any::<u32>(), 1..20), 0..8),
        ) {
            let rows: BTreeMap<Gram, BTreeSet<u32>> =
                rows.into_iter().map(|(text, row)| (Gram::all(text.as_bytes()).next().expect("a gram"), row)).collect();
            let pairs = rows.iter().flat_map(|(gram, row)| row.iter().map(|number| pair(*gram, *number))).collect();
            let block = Block::new(u32::MAX, pairs);
            for (gram, row) in rows {
                prop_assert_eq!(block.find(&Query::Holds(gram)), Documents::These(row.into_iter().collect()));
            }
        }
    }
}
