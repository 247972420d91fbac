//! Lists in sentences, short enough to be read.

/// Most items of a list that are shown.
pub(crate) const MOST: usize = 12;

/// The first dozen of them, and how many there are more.
pub(crate) fn few(all: &[impl AsRef<str>], separator: &str) -> String {
    let shown: Vec<&str> = all.iter().take(MOST).map(AsRef::as_ref).collect();
    let mut text = shown.join(separator);
    if all.len() > MOST {
        text = format!("{text}{separator}and {} more", all.len() - MOST);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_ends_in_a_count() {
        assert_eq!(few(&["a", "b"], ", "), "a, b");
        assert_eq!(few(&["a"; 14], "; "), "a; a; a; a; a; a; a; a; a; a; a; a; and 2 more");
    }
}
