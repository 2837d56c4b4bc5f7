//! Lines on a page of bounded length.

/// Where lines of prose break.
const WIDTH: usize = 76;

/// A mail, line by line.
#[derive(Debug, Default)]
pub(super) struct Page(Vec<String>);

impl Page {
    /// Adds a line.
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.0.push(line.into());
    }

    /// Adds facts under a label on the left.
    pub(super) fn facts(&mut self, label: &str, facts: impl IntoIterator<Item = String>) {
        for (number, fact) in facts.into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            self.line(format!("{label:<7} {fact}"));
        }
    }

    /// Adds a heading with an empty line above it, and `lines` below; nothing if there are none.
    pub(super) fn section(&mut self, heading: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.line("");
            self.line(heading);
            self.0.extend(lines);
        }
    }

    /// The text of the page.
    pub(super) fn finish(self) -> String {
        self.0.iter().flat_map(|line| [line.trim_end(), "\n"]).collect()
    }
}

/// `prose` as at most `lines` lines of about [`WIDTH`] characters. Words are never broken.
pub(super) fn wrap(prose: &str, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut width = 0;
    for word in prose.split_whitespace() {
        let length = word.chars().count();
        if let Some(line) = wrapped.last_mut()
            && width + 1 + length <= WIDTH
        {
            line.push(' ');
            line.push_str(word);
            width += 1 + length;
        } else if wrapped.len() < lines {
            wrapped.push(word.to_owned());
            width = length;
        } else {
            if let Some(line) = wrapped.last_mut() {
                line.push('…');
            }
            break;
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_between_words_and_cut_after_its_lines() {
        let prose = "word ".repeat(40);
        let lines = wrap(&prose, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[1].ends_with("word…"), "{lines:?}");
        assert_eq!(wrap(&prose, 3).concat().matches("word").count(), 40);
        assert!(wrap(" \n", 3).is_empty());
    }
}
