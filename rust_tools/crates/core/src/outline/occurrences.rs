//! Where a file's code uses names.

/// One name in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Its length in bytes.
    pub(crate) length: u16,
    /// What the code does with it.
    pub(crate) role: Use,
}

/// What code does with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// It is defined here.
    Definition,
    /// It is brought in from elsewhere.
    Import,
    /// It is called.
    Call,
    /// Anything else: read, assigned, named as a type.
    Other,
}

impl Use {
    /// The lower-case word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::Import => "import",
            Self::Call => "call",
            Self::Other => "other",
        }
    }
}

impl Occurrence {
    /// A name at a place; nothing for what is longer than any name.
    pub(crate) fn new(start: usize, end: usize, role: Use) -> Option<Self> {
        let length = u16::try_from(end.checked_sub(start)?).ok()?;
        Some(Self { start: u32::try_from(start).ok()?, length, role })
    }

    /// Offset of its first byte.
    pub(crate) fn at(self) -> usize {
        self.start as usize
    }

    /// The name, if the text is the one that was parsed.
    pub(crate) fn text(self, text: &str) -> &str {
        text.get(self.at()..self.at() + usize::from(self.length)).unwrap_or_default()
    }
}
