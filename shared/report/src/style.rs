//! How a person sees what is written.

/// How a format for people looks. The default suits a file: no colour, 100 columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour. Colour never says anything that a word does not say too.
    pub colour: bool,
    /// The columns that there are.
    pub width: u16,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100 }
    }
}
