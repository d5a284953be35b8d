//! Which files can hold a match: grams of the contents, by blocks of files, kept true while files come and go.

mod block;
mod gram;
mod query;

pub(crate) use block::Block;
pub(crate) use query::Query;

use std::sync::Arc;

use crate::contents::Kind;
use block::{Documents, pair};
use gram::Distinct;

/// What is known of every file of a list, by its position there. A file without postings is a candidate always.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coverage {
    blocks: Vec<Arc<Block>>,
    /// For each document of the blocks, in their order, where its file is in the list.
    places: Vec<u32>,
    kinds: Vec<Kind>,
}

/// The place of a document whose file has changed or gone since.
const GONE: u32 = u32::MAX;

impl Coverage {
    /// Of a list of so many files, of which nothing is known yet.
    pub(crate) fn of(files: usize) -> Self {
        Self { kinds: vec![Kind::Unknown; files], ..Self::default() }
    }

    /// What a file without postings would be; its kind otherwise.
    pub(crate) fn kind(&self, position: usize) -> Kind {
        self.kinds[position]
    }

    /// Positions of the files without postings.
    pub(crate) fn loose(&self) -> impl Iterator<Item = usize> {
        self.kinds.iter().enumerate().filter(|(_, kind)| **kind == Kind::Unknown).map(|(position, _)| position)
    }

    /// A file was put into the list.
    pub(crate) fn insert(&mut self, position: usize) {
        self.kinds.insert(position, Kind::Unknown);
        let live = self.places.iter_mut().filter(|place| **place != GONE);
        live.filter(|place| **place as usize >= position).for_each(|place| *place += 1);
    }

    /// A file was taken out of the list.
    pub(crate) fn remove(&mut self, position: usize) {
        self.forget(position);
        self.kinds.remove(position);
        let live = self.places.iter_mut().filter(|place| **place != GONE);
        live.filter(|place| **place as usize > position).for_each(|place| *place -= 1);
    }

    /// The content of a file is no longer what the postings were made of.
    pub(crate) fn forget(&mut self, position: usize) {
        self.kinds[position] = Kind::Unknown;
        self.places.iter_mut().filter(|place| **place as usize == position).for_each(|place| *place = GONE);
    }

    /// The list became another one of so many files; `new_position` tells where the unchanged ones are now.
    pub(crate) fn rearrange(&mut self, files: usize, new_position: &[Option<u32>]) {
        let mut kinds = vec![Kind::Unknown; files];
        for (kind, position) in self.kinds.iter().zip(new_position) {
            if let Some(position) = position {
                kinds[*position as usize] = *kind;
            }
        }
        self.kinds = kinds;
        for place in self.places.iter_mut().filter(|place| **place != GONE) {
            *place = new_position[*place as usize].unwrap_or(GONE);
        }
        self.drop_dead_weight();
    }

    /// A block was made of these files; nothing for those that have changed since.
    pub(crate) fn add(&mut self, block: Block, files: impl Iterator<Item = (Option<usize>, Kind)>) {
        self.blocks.push(Arc::new(block));
        for (position, kind) in files {
            if let Some(position) = position {
                self.kinds[position] = kind;
            }
            self.places.push(position.map_or(GONE, |position| position as u32));
        }
    }

    /// Positions of the files that can hold a match, in ascending order; `None`: all of them can.
    pub(crate) fn candidates(&self, query: &Query) -> Option<Vec<u32>> {
        if *query == Query::Always {
            return None;
        }
        let mut found: Vec<u32> = self.loose().map(|position| position as u32).collect();
        let mut first = 0;
        for block in &self.blocks {
            let places = &self.places[first..first + block.documents() as usize];
            match block.find(query) {
                Documents::All => found.extend_from_slice(places),
                Documents::These(documents) => found.extend(documents.iter().map(|at| places[*at as usize])),
            }
            first += places.len();
        }
        found.retain(|place| *place != GONE);
        found.sort_unstable();
        Some(found)
    }

    /// Postings of which most are of files that are gone are made anew.
    fn drop_dead_weight(&mut self) {
        let gone = self.places.iter().filter(|place| **place == GONE).count();
        if gone * 2 > self.places.len() {
            *self = Self::of(self.kinds.len());
        }
    }
}

/// Makes blocks, file by file.
pub(crate) struct BlockBuilder {
    distinct: Distinct,
    pairs: Vec<u64>,
    documents: u32,
}

impl BlockBuilder {
    pub(crate) fn new() -> Self {
        Self { distinct: Distinct::new(), pairs: Vec::new(), documents: 0 }
    }

    /// Adds a file; one without text holds nothing.
    pub(crate) fn push(&mut self, text: Option<&[u8]>) {
        let document = self.documents;
        self.documents += 1;
        if let Some(text) = text {
            self.pairs.extend(self.distinct.of(text).iter().map(|gram| pair(*gram, document)));
        }
    }

    /// Whether the block is large enough: it takes 8 bytes for each pair while it is made.
    pub(crate) fn is_full(&self) -> bool {
        const MOST_PAIRS: usize = 2 << 20;
        self.pairs.len() >= MOST_PAIRS
    }

    /// The block of the files so far; the next file begins another one.
    pub(crate) fn finish(&mut self) -> Block {
        Block::new(std::mem::take(&mut self.documents), std::mem::take(&mut self.pairs))
    }
}
