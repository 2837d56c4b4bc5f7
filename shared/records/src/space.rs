//! What stands between values.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The offset, at or after `from`, of the next byte that is not JSON white space.
pub(crate) fn past_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
        .map_or(bytes.len().max(from), |offset| from + offset)
}

/// Past white space, commas and byte order marks. A missing or doubled comma loses nothing, so it is let pass.
pub(crate) fn past_separators(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t' | b',') => at += 1,
            Some(0xef) if bytes.get(at..).is_some_and(|rest| rest.starts_with(BYTE_ORDER_MARK)) => {
                at += BYTE_ORDER_MARK.len();
            }
            _ => return at,
        }
    }
}

/// Whether `rest`, the last bytes in sight, may be the start of a byte order mark.
pub(crate) fn may_be_mark(rest: &[u8]) -> bool {
    BYTE_ORDER_MARK.starts_with(rest)
}
