//! How often a `for` loop goes round.

/// How many rounds `for NAME in …` makes, if its list tells.
pub(super) fn rounds(header: &[String]) -> Option<u64> {
    let [_, within, items @ ..] = header else { return None };
    if within != "in" {
        return None;
    }
    items
        .iter()
        .try_fold(0_u64, |sum, item| sum.checked_add(items_of(item)?))
}

/// How many items a word of the list stands for.
fn items_of(word: &str) -> Option<u64> {
    let substitution = word
        .strip_prefix("$(")
        .and_then(|inner| inner.strip_suffix(')'))
        .or_else(|| word.strip_prefix('`')?.strip_suffix('`'));
    let (first, last) = if let Some(inner) = substitution {
        let mut words = inner.split_whitespace();
        if words.next() != Some("seq") {
            return None;
        }
        let numbers: Vec<u64> = words.map(|number| number.parse().ok()).collect::<Option<_>>()?;
        match numbers[..] {
            [last] => (1, last),
            [first, last] => (first, last),
            _ => return None,
        }
    } else if let Some((first, last)) = word
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .and_then(|inner| inner.split_once(".."))
    {
        (first.parse().ok()?, last.parse().ok()?)
    } else {
        return if word.contains(['$', '`', '*', '?', '{']) {
            None
        } else {
            Some(1)
        };
    };
    Some(last.checked_sub(first)?.saturating_add(1))
}
