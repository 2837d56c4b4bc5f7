//! Passing over one value that is too large or too deep to be indexed, in constant memory.

/// Counts brackets until the value that it was started on is closed.
#[derive(Debug, Default)]
pub(crate) struct Skip {
    depth: u64,
    text: bool,
    escaped: bool,
}

impl Skip {
    /// The offset behind the value, once it is in sight.
    pub(crate) fn end(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        for (offset, byte) in rest.iter().enumerate() {
            if self.escaped {
                self.escaped = false;
                continue;
            }
            match byte {
                b'\\' if self.text => self.escaped = true,
                b'"' => self.text = !self.text,
                _ if self.text => continue,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => continue,
            }
            if self.depth == 0 && !self.text {
                return Some(from + offset + 1);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_brackets_close_in_whatever_pieces_it_comes() {
        let text = br#"{"a":["}","\"]",{"b":"\\"}]}, {"next":1}"#;
        for split in 0..text.len() {
            let mut skip = Skip::default();
            let end = skip.end(&text[..split], 0).or_else(|| skip.end(text, split));
            assert_eq!(end, Some(28), "split at {split}");
        }
    }

    #[test]
    fn a_string_is_a_value_too() {
        assert_eq!(Skip::default().end(br#""a\"[",1"#, 0), Some(6));
    }
}
