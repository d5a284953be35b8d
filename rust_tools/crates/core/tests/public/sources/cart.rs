//! A shopping cart.
use std::collections::HashMap;

use crate::rates::{rate as rate_for, Country};

pub const LIMIT: usize = 100;
static mut LAST: u64 = 0;

/// One product and how many of it.
#[derive(Debug, Clone)]
pub struct Line {
    pub price: u64,
    pub count: u64,
}

pub enum Status {
    Open,
    Paid { total: u64 },
}

pub trait Priced {
    fn total(&self) -> u64;
    fn double(&self) -> u64 {
        self.total() * 2
    }
}

impl Priced for Line {
    #[inline]
    fn total(&self) -> u64 {
        self.price * self.count
    }
}

pub type Lines<'a> = HashMap<&'a str, Line>;

pub struct Cart<'a> {
    lines: Lines<'a>,
    country: Country,
}

impl<'a> Cart<'a> {
    /// What the cart costs.
    pub fn total(&self) -> u64 {
        // the total before tax
        let sum: u64 = self.lines.values().map(Priced::total).sum();
        checked!(sum) + rate_for(&self.country)
    }
}

macro_rules! checked {
    ($value:expr) => {{
        assert!($value < 1_000, "total too high");
        $value
    }};
}

mod tests {
    use super::*;

    union Bits {
        whole: u32,
    }

    pub(crate) async fn show<T: Priced>(line: &T) -> String
    where
        T: Clone,
    {
        format!("total: {}", line.total())
    }
}
