//! How long programs sleep.

use sim_core::time::SimDuration;

use super::FOREVER;

/// The time that `sleep` takes with these arguments: their sum, as GNU and busybox do it. `None` if it refuses them.
pub(super) fn sum(arguments: &[String]) -> Option<SimDuration> {
    let arguments = match arguments {
        [dashes, rest @ ..] if dashes == "--" => rest,
        all => all,
    };
    if arguments.is_empty() {
        return None;
    }
    arguments
        .iter()
        .try_fold(SimDuration::ZERO, |sum, argument| {
            Some(sum.saturating_add(one(argument)?))
        })
        .map(|sum| sum.min(FOREVER))
}

/// One argument of `sleep` or `timeout`: a number of seconds, or with one of the units s, m, h, d.
pub(super) fn one(text: &str) -> Option<SimDuration> {
    if matches!(text.to_ascii_lowercase().as_str(), "infinity" | "inf") {
        return Some(FOREVER);
    }
    let (number, unit, times) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], "s", 1),
        (at, 'm') => (&text[..at], "m", 1),
        (at, 'h') => (&text[..at], "h", 1),
        (at, 'd') => (&text[..at], "h", 24),
        _ => (text, "s", 1),
    };
    if number.is_empty() || !number.chars().all(|next| next.is_ascii_digit() || next == '.') {
        return None;
    }
    let number = if number.starts_with('.') {
        format!("0{number}")
    } else {
        number.to_owned()
    };
    let number = number.trim_end_matches('.');
    // Longer than eleven days, whatever the unit.
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    if digits > 6 {
        return Some(FOREVER);
    }
    let single: SimDuration = format!("{number}{unit}").parse().ok()?;
    Some(SimDuration::from_ns(single.as_ns().saturating_mul(times)).min(FOREVER))
}

/// The interpreters whose one-liners are read, with the option that introduces the code.
pub(super) fn inline_code<'a>(program: &str, arguments: &'a [String]) -> Option<&'a str> {
    let options: &[&str] = match program {
        _ if program.starts_with("python") => &["-c"],
        "perl" | "ruby" => &["-e", "-E"],
        "node" | "nodejs" | "bun" => &["-e", "--eval", "-p"],
        "php" => &["-r"],
        _ => return None,
    };
    let at = arguments
        .iter()
        .position(|argument| options.contains(&argument.as_str()))?;
    arguments.get(at + 1).map(String::as_str)
}

/// What the sleeps of a one-liner add up to; `None` if one of them has no number.
pub(super) fn of_code(code: &str) -> Option<SimDuration> {
    let mut total = SimDuration::ZERO;
    for (at, name) in code.match_indices("sleep") {
        let before = code[..at].chars().next_back();
        // `import sleep`, `def asleep` and `usleep` are no sleeps of so many seconds.
        if before.is_some_and(|before| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let after = code[at + name.len()..].trim_start();
        let argument = after.strip_prefix('(').unwrap_or(after).trim_start();
        let is_call = after.starts_with('(') || after.starts_with(|next: char| next.is_ascii_digit() || next == '.');
        if is_call {
            total = total.saturating_add(one(number_at_start(argument)?)?);
        }
    }
    for (at, name) in code.match_indices("setTimeout") {
        let (_, last) = call(&code[at + name.len()..])?.rsplit_once(',')?;
        let number = number_at_start(last.trim_start())?;
        let millis: u64 = number.replace('_', "").parse().ok()?;
        total = total.saturating_add(SimDuration::from_ns(millis.saturating_mul(1_000_000)));
    }
    Some(total.min(FOREVER))
}

/// What stands between the parenthesis that a text starts with and its partner.
fn call(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('(')?;
    let mut depth = 1_u32;
    for (at, next) in inner.char_indices() {
        match next {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&inner[..at]);
        }
    }
    None
}

/// The number that a text starts with; `None` if it goes on as something larger, such as a product.
fn number_at_start(text: &str) -> Option<&str> {
    let end = text
        .find(|next: char| !(next.is_ascii_digit() || next == '.' || next == '_'))
        .unwrap_or(text.len());
    let rest = text[end..].trim_start();
    (end > 0 && !rest.starts_with(['*', '+', '/', '-'])).then_some(&text[..end])
}
