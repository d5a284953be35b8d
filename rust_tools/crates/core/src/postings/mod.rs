//! Which files can hold a match: grams of the contents, by blocks of files, kept true while files come and go.

mod block;
mod gram;
mod query;
mod vocabulary;

pub(crate) use block::Block;
pub(crate) use query::Query;
pub(crate) use vocabulary::{MOST_NAME_BYTES, Vocabulary};

use std::sync::Arc;

use crate::contents::Kind;
use block::{Documents, pair};
use gram::Distinct;
use vocabulary::VocabularyBuilder;

/// What is known of every file of a list, by its position there. A file without postings is a candidate always.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coverage {
    blocks: Vec<Arc<Block>>,
    /// The names in files of which that is known.
    vocabularies: Vec<Arc<Vocabulary>>,
    /// For each document of the blocks, in their order, where its file is in the list.
    places: Vec<u32>,
    files: Vec<Known>,
}

/// What is known of one file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    /// Whether its names stand in a vocabulary, among those of other files and of what it was before.
    pub(crate) named: bool,
}

/// The place of a document whose file has changed or gone since.
const GONE: u32 = u32::MAX;

impl Coverage {
    /// Of a list of so many files, of which nothing is known yet.
    pub(crate) fn of(files: usize) -> Self {
        Self { files: vec![Known::default(); files], ..Self::default() }
    }

    /// What a file without postings would be; its kind otherwise.
    pub(crate) fn kind(&self, position: usize) -> Kind {
        self.files[position].kind
    }

    /// Names of files, some of which may be gone.
    pub(crate) fn vocabularies(&self) -> &[Arc<Vocabulary>] {
        &self.vocabularies
    }

    /// Whether the names of a file are among them.
    pub(crate) fn is_named(&self, position: usize) -> bool {
        self.files[position].named
    }

    /// Positions of the files without postings.
    pub(crate) fn loose(&self) -> impl Iterator<Item = usize> {
        let unknown = |(position, file): (usize, &Known)| (file.kind == Kind::Unknown).then_some(position);
        self.files.iter().enumerate().filter_map(unknown)
    }

    /// A file was put into the list.
    pub(crate) fn insert(&mut self, position: usize) {
        self.files.insert(position, Known::default());
        let live = self.places.iter_mut().filter(|place| **place != GONE);
        live.filter(|place| **place as usize >= position).for_each(|place| *place += 1);
    }

    /// A file was taken out of the list.
    pub(crate) fn remove(&mut self, position: usize) {
        self.forget(position);
        self.files.remove(position);
        let live = self.places.iter_mut().filter(|place| **place != GONE);
        live.filter(|place| **place as usize > position).for_each(|place| *place -= 1);
    }

    /// The content of a file is no longer what the postings were made of.
    pub(crate) fn forget(&mut self, position: usize) {
        self.files[position] = Known::default();
        self.places.iter_mut().filter(|place| **place as usize == position).for_each(|place| *place = GONE);
    }

    /// The list became another one of so many files; `new_position` tells where the unchanged ones are now.
    pub(crate) fn rearrange(&mut self, files: usize, new_position: &[Option<u32>]) {
        let before = std::mem::replace(&mut self.files, vec![Known::default(); files]);
        for (known, position) in before.into_iter().zip(new_position) {
            if let Some(position) = position {
                self.files[*position as usize] = known;
            }
        }
        for place in self.places.iter_mut().filter(|place| **place != GONE) {
            *place = new_position[*place as usize].unwrap_or(GONE);
        }
        self.drop_dead_weight();
    }

    /// A block was made of these files; nothing for those that have changed since.
    pub(crate) fn add(
        &mut self,
        (block, vocabulary): (Block, Vocabulary),
        files: impl Iterator<Item = (Option<usize>, Known)>,
    ) {
        self.blocks.push(Arc::new(block));
        self.vocabularies.push(Arc::new(vocabulary));
        for (position, known) in files {
            if let Some(position) = position {
                self.files[position] = known;
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

    /// The files that can hold a match of any of these, in ascending order, each with the set of those that it can hold a
    /// match of. There are at most 64.
    pub(crate) fn candidates_of_each(&self, queries: &[Query]) -> Vec<(u32, u64)> {
        let mut found: Vec<(u32, u64)> = self.loose().map(|position| (position as u32, u64::MAX)).collect();
        let mut first = 0;
        for block in &self.blocks {
            let places = &self.places[first..first + block.documents() as usize];
            for (number, query) in queries.iter().enumerate() {
                match block.find(query) {
                    Documents::All => found.extend(places.iter().map(|place| (*place, 1 << number))),
                    Documents::These(these) => found.extend(these.iter().map(|at| (places[*at as usize], 1 << number))),
                }
            }
            first += places.len();
        }
        found.retain(|(place, _)| *place != GONE);
        found.sort_unstable();
        found.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 |= if same { next.1 } else { 0 };
            same
        });
        found
    }

    /// Postings of which most are of files that are gone are made anew.
    fn drop_dead_weight(&mut self) {
        let gone = self.places.iter().filter(|place| **place == GONE).count();
        if gone * 2 > self.places.len() {
            *self = Self::of(self.files.len());
        }
    }
}

/// Makes blocks, file by file.
pub(crate) struct BlockBuilder {
    distinct: Distinct,
    pairs: Vec<u64>,
    documents: u32,
    vocabulary: VocabularyBuilder,
}

impl BlockBuilder {
    pub(crate) fn new() -> Self {
        Self { distinct: Distinct::new(), pairs: Vec::new(), documents: 0, vocabulary: VocabularyBuilder::default() }
    }

    /// Adds a file; one without text holds nothing. `named`: its names are taken up too.
    pub(crate) fn push(&mut self, text: Option<&[u8]>, named: bool) {
        let document = self.documents;
        self.documents += 1;
        if let Some(text) = text {
            self.pairs.extend(self.distinct.of(text).iter().map(|gram| pair(*gram, document)));
            if named {
                self.vocabulary.push(text);
            }
        }
    }

    /// Whether the block is large enough: it takes 8 bytes for each pair while it is made.
    pub(crate) fn is_full(&self) -> bool {
        const MOST_PAIRS: usize = 2 << 20;
        self.pairs.len() >= MOST_PAIRS
    }

    /// The block and the names of the files so far; the next file begins another one.
    pub(crate) fn finish(&mut self) -> (Block, Vocabulary) {
        let block = Block::new(std::mem::take(&mut self.documents), std::mem::take(&mut self.pairs));
        (block, self.vocabulary.finish())
    }
}
