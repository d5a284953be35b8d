//! What the grams of a text must fulfil so that it can hold a match at all.

use super::gram::Gram;

/// A condition on the grams of a text. Necessary for a match, never sufficient: the matcher has the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    /// Nothing can be said: every text may match.
    Always,
    /// The text holds this gram.
    Holds(Gram),
    /// All of these, which are at least two.
    Every(Vec<Query>),
    /// At least one of these.
    Any(Vec<Query>),
}

impl Query {
    /// The text holds these bytes, whatever the case of their letters.
    pub(crate) fn text(bytes: &[u8]) -> Self {
        let mut grams: Vec<Gram> = Gram::all(bytes).collect();
        grams.sort_unstable();
        grams.dedup();
        Self::every(grams.into_iter().map(Self::Holds).collect())
    }

    pub(crate) fn every(mut queries: Vec<Self>) -> Self {
        queries.retain(|query| *query != Self::Always);
        match queries.len() {
            0 => Self::Always,
            1 => queries.swap_remove(0),
            _ => Self::Every(queries),
        }
    }

    pub(crate) fn any(mut queries: Vec<Self>) -> Self {
        if queries.contains(&Self::Always) {
            Self::Always
        } else if queries.len() == 1 {
            queries.swap_remove(0)
        } else {
            Self::Any(queries)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_as_simple_as_they_can_be() {
        assert_eq!(Query::text(b"ab"), Query::Always);
        assert!(matches!(Query::text(b"abc"), Query::Holds(_)));
        assert_eq!(Query::any(vec![Query::text(b"abc"), Query::text(b"ab")]), Query::Always);
        assert_eq!(Query::every(vec![Query::text(b"abc"), Query::Always]), Query::text(b"ABC"));
        assert_eq!(Query::any(vec![Query::text(b"abcd")]), Query::text(b"abcd"));
    }
}
