//! From characters to bytes: the YAML parser counts the former.

/// Characters between two remembered places.
const STEP: usize = 32;

/// Byte offsets of a text's characters.
pub(super) struct CharStarts<'t> {
    text: &'t str,
    /// Of every 32nd character; empty where characters are bytes.
    marks: Vec<usize>,
}

impl<'t> CharStarts<'t> {
    /// Those of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STEP).map(|(byte, _)| byte).collect()
        };
        Self { text, marks }
    }

    /// Where a character starts; the text's end for one that is not there.
    pub(super) fn byte(&self, index: usize) -> usize {
        if self.marks.is_empty() {
            return index.min(self.text.len());
        }
        let found = self.marks.get(index / STEP).and_then(|start| {
            let mut chars = self.text[*start..].char_indices();
            chars.nth(index % STEP).map(|(byte, _)| start + byte)
        });
        found.unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_found_at_its_byte() {
        let mixed = "größer → 😀 ".repeat(20);
        for text in ["", "ascii only", mixed.as_str()] {
            let starts = CharStarts::new(text);
            for (index, (byte, _)) in text.char_indices().enumerate() {
                assert_eq!(starts.byte(index), byte, "{index}");
            }
            let end = text.chars().count();
            assert_eq!([starts.byte(end), starts.byte(end + 40)], [text.len(); 2]);
        }
    }
}
