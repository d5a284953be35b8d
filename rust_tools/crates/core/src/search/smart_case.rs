//! Smart case: letter case counts as soon as a capital letter was typed.

use std::convert::Infallible;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self, Ast, ClassSetItem, Literal, Visitor};

/// What is typed in a pattern: characters that stand for themselves, and whether one is a capital letter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Typed {
    any: bool,
    capital: bool,
}

impl Typed {
    /// Of a regular expression, without what its classes and escapes are called: `\W` and `\p{Lu}` are no capitals.
    pub(super) fn in_expression(expression: &str) -> Self {
        match Parser::new().parse(expression) {
            Ok(parsed) => ast::visit(&parsed, Self::default()).unwrap_or_else(|never: Infallible| match never {}),
            Err(_) => Self::outside_escapes(expression),
        }
    }

    /// Of a text that is searched as it stands.
    pub(super) fn in_text(text: &str) -> Self {
        let mut typed = Self::default();
        text.chars().for_each(|character| typed.add(character));
        typed
    }

    /// Whether case is ignored in a search for all these patterns.
    pub(super) fn ignores_case(patterns: impl Iterator<Item = Self>) -> bool {
        let together =
            patterns.fold(Self::default(), |a, b| Self { any: a.any | b.any, capital: a.capital | b.capital });
        together.any && !together.capital
    }

    /// Of an expression in a wider syntax than can be parsed here: with lookaround, or broken.
    fn outside_escapes(expression: &str) -> Self {
        let mut typed = Self::default();
        let mut characters = expression.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' if matches!(characters.next(), Some('p' | 'P')) && characters.as_str().starts_with('{') => {
                    characters.by_ref().take_while(|behind| *behind != '}').for_each(drop);
                }
                '\\' => {}
                _ => typed.add(character),
            }
        }
        typed
    }

    fn add(&mut self, character: char) {
        self.any = true;
        self.capital |= character.is_uppercase();
    }
}

impl Visitor for Typed {
    type Output = Self;
    type Err = Infallible;

    fn finish(self) -> Result<Self, Infallible> {
        Ok(self)
    }

    fn visit_pre(&mut self, part: &Ast) -> Result<(), Infallible> {
        if let Ast::Literal(literal) = part {
            self.add(literal.c);
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        let mut add = |literal: &Literal| self.add(literal.c);
        match item {
            ClassSetItem::Literal(literal) => add(literal),
            ClassSetItem::Range(range) => [&range.start, &range.end].into_iter().for_each(add),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores_case(expressions: &[&str]) -> bool {
        Typed::ignores_case(expressions.iter().map(|expression| Typed::in_expression(expression)))
    }

    #[test]
    fn only_capital_letters_that_are_typed_count() {
        for ignored in [r"price", r"\Wprice\S", r"\p{Lu}\p{Ll}é", r"\pLx", "(?P<Name>x)", "[a-z]", r"(?<!\p{Lu})x\W"] {
            assert!(ignores_case(&[ignored]), "{ignored}");
        }
        for counted in ["Price", r"\x41", "[A-Z]", "[^a&&[B]]", "(?<=Q)x", r"\\W", r"\p{Ll}É"] {
            assert!(!ignores_case(&[counted]), "{counted}");
        }
    }

    #[test]
    fn case_counts_where_only_classes_are_asked_for() {
        for counted in [r"\p{Lu}+", r"\w\d", ".", ""] {
            assert!(!ignores_case(&[counted]), "{counted}");
        }
        assert!(ignores_case(&[r"\p{Lu}", "x"]));
        assert!(!ignores_case(&["x", "Y"]));
    }
}
