//! How much is read before a thing is called too large.

const MIB: usize = 1024 * 1024;

/// What bounds memory and time, whatever the input holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest record. CloudTrail's own are below 1 MiB; a larger one is a problem and its neighbours are read.
    pub record_bytes: usize,
    /// How many times its size an archive may unpack to. Real trails reach 10 to 40, a bomb 1,000.
    pub expansion: u64,
    /// Where reading one file, or one member of an archive, ends.
    pub total_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record_bytes: 16 * MIB, expansion: 250, total_bytes: None }
    }
}
