//! What every text with a match must hold: the literal parts of the patterns, as grams.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::postings::Query;

/// Alternatives of a literal part that are followed up; with more the part is cut.
const MOST_TEXTS: usize = 32;

/// Letters of a class that are followed up.
const MOST_LETTERS: usize = 8;

/// Exact copies of a repeated part that are followed up.
const MOST_COPIES: u32 = 8;

/// The condition that a text with a match of any of these patterns fulfils.
fn by_any<'a>(patterns: impl Iterator<Item = &'a Hir>) -> Query {
    Query::any(patterns.map(by).collect())
}

/// The condition that a text with a match of a pattern fulfils.
pub(super) fn by(pattern: &Hir) -> Query {
    let mut walk = Walk::default();
    walk.part(pattern);
    walk.finish()
}

/// Goes through a pattern from left to right.
struct Walk {
    required: Vec<Query>,
    /// The texts, lower-cased, of which one stands directly before the place that the walk has come to.
    before: Vec<Vec<u8>>,
}

impl Default for Walk {
    fn default() -> Self {
        Self { required: Vec::new(), before: vec![Vec::new()] }
    }
}

impl Walk {
    fn part(&mut self, hir: &Hir) {
        if let Some(texts) = texts_of(hir) {
            self.append(&texts);
            return;
        }
        match hir.kind() {
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.part(part)),
            HirKind::Capture(capture) => self.part(&capture.sub),
            HirKind::Repetition(repetition) if repetition.min > 0 => {
                // The first copy follows what stands before; what follows the last one is not known.
                self.part(&repetition.sub);
                self.cut();
            }
            HirKind::Alternation(branches) => {
                self.cut();
                self.required.push(by_any(branches.iter()));
            }
            _ => self.cut(),
        }
    }

    fn append(&mut self, texts: &[Vec<u8>]) {
        if self.before.len() * texts.len() > MOST_TEXTS {
            self.shorten();
        }
        if self.before.len() * texts.len() > MOST_TEXTS {
            self.cut();
        }
        self.before = product(&self.before, texts);
    }

    /// Requires the texts so far, and keeps only their ends, for the grams that reach over this place.
    fn shorten(&mut self) {
        self.require();
        for text in &mut self.before {
            text.drain(..text.len().saturating_sub(2));
        }
        self.before.sort_unstable();
        self.before.dedup();
    }

    /// Requires the texts so far; anything may stand between them and what follows.
    fn cut(&mut self) {
        self.require();
        self.before = vec![Vec::new()];
    }

    fn require(&mut self) {
        self.required.push(Query::any(self.before.iter().map(|text| Query::text(text)).collect()));
    }

    fn finish(mut self) -> Query {
        self.cut();
        Query::every(self.required)
    }
}

/// All texts that a part can match, lower-cased, if they are few.
fn texts_of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let texts = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_ascii_lowercase()],
        HirKind::Class(class) => letters_of(class)?,
        HirKind::Capture(capture) => texts_of(&capture.sub)?,
        HirKind::Repetition(repetition) => {
            if repetition.max != Some(repetition.min) || repetition.min > MOST_COPIES {
                return None;
            }
            let copy = texts_of(&repetition.sub)?;
            in_a_row((0..repetition.min).map(|_| Some(copy.clone())))?
        }
        HirKind::Concat(parts) => in_a_row(parts.iter().map(texts_of))?,
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(texts_of(branch)?);
            }
            all
        }
    };
    distinct(texts)
}

fn in_a_row(parts: impl Iterator<Item = Option<Vec<Vec<u8>>>>) -> Option<Vec<Vec<u8>>> {
    let mut texts = vec![Vec::new()];
    for part in parts {
        let part = part?;
        if texts.len() * part.len() > MOST_TEXTS {
            return None;
        }
        texts = product(&texts, &part);
    }
    Some(texts)
}

fn letters_of(class: &Class) -> Option<Vec<Vec<u8>>> {
    let letters: Vec<Vec<u8>> = match class {
        Class::Unicode(class) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(MOST_LETTERS + 1)
            .map(|letter| letter.to_ascii_lowercase().to_string().into_bytes())
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(MOST_LETTERS + 1)
            .map(|byte| vec![byte.to_ascii_lowercase()])
            .collect(),
    };
    (letters.len() <= MOST_LETTERS).then_some(letters)
}

fn distinct(mut texts: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    texts.sort_unstable();
    texts.dedup();
    (texts.len() <= MOST_TEXTS).then_some(texts)
}

fn product(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<Vec<u8>> {
    before.iter().flat_map(|first| after.iter().map(move |second| [&first[..], second].concat())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::matcher::parse;

    fn required(pattern: &str, ignores_case: bool) -> Query {
        by(&parse(pattern, ignores_case).expect("a pattern"))
    }

    fn text(text: &str) -> Query {
        Query::text(text.as_bytes())
    }

    #[test]
    fn literal_parts_are_required_wherever_they_stand() {
        assert_eq!(required("price", false), text("price"));
        assert_eq!(required(r"^\bprice\b$", false), text("price"));
        assert_eq!(required(r"def \w+_price\(", false), Query::every(vec![text("def "), text("_price(")]));
        assert_eq!(required("x*price", false), text("price"));
        assert_eq!(required("(?:total|unit)_x", false), Query::any(vec![text("total_x"), text("unit_x")]));
        assert_eq!(required("total.*|unit.*", false), Query::any(vec![text("total"), text("unit")]));
        assert_eq!(required("(abc)+def", false), Query::every(vec![text("abc"), text("def")]));
        assert_eq!(required("a{3}b", false), text("aaab"));
    }

    #[test]
    fn case_is_folded_without_an_explosion() {
        assert_eq!(required("Price", true), required("pRICE", true));
        // `k` and `s` also match the Kelvin sign and the long s.
        assert_ne!(required("tasks_missed_skills_kiss", true), Query::Always);
    }

    #[test]
    fn where_no_text_is_certain_nothing_is_required() {
        for pattern in ["ab", "[a-z]+", "abc|.", "(?:abc)?", "(?:abc)*", "a.b.c", "", "abc|"] {
            assert_eq!(required(pattern, false), Query::Always, "{pattern}");
        }
        assert_eq!(required("a\nb\nc", false), Query::Always);
    }
}
