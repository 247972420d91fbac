//! Variables in a shell's words, as far as their values are known.

/// Longest text that variables may add up to, in bytes: `a=$a$a`, written thirty times, would fill the memory.
const LONGEST: usize = 4096;

/// Longest arithmetic expression that is read, bytes.
const LONGEST_ARITHMETIC: usize = 64;

/// The variables of a hook's shell.
pub(super) struct Variables<'v> {
    env: Vec<(&'v str, &'v str)>,
    assigned: Vec<(String, Option<String>)>,
}

/// A word with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expanded {
    /// Every variable is known.
    Known(String),
    /// A default such as `${DELAY:-15}` was taken; the image may set the variable.
    Default(String, String),
    /// A variable or substitution is not known; its name.
    Unknown(String),
}

impl<'v> Variables<'v> {
    /// The container's `env`.
    pub(super) fn new(env: &[(&'v str, &'v str)]) -> Self {
        Self {
            env: env.to_vec(),
            assigned: Vec::new(),
        }
    }

    /// `NAME=value` in the script; an unknown value makes the variable unknown.
    pub(super) fn assign(&mut self, name: &str, value: &str) {
        // One that counts itself up stands in a loop, whose rounds are not followed.
        let counts = value.contains("$((") && value.contains(name);
        let value = match self.expand(value) {
            Expanded::Known(value) if !counts => Some(value),
            _ => None,
        };
        self.assigned.push((name.to_owned(), value));
    }

    fn get(&self, name: &str) -> Option<&str> {
        if let Some((_, value)) = self.assigned.iter().rev().find(|(known, _)| known == name) {
            return value.as_deref();
        }
        self.env
            .iter()
            .rev()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `$((1 + 2))`.
    pub(super) fn expand(&self, word: &str) -> Expanded {
        let mut text = String::new();
        let mut defaulted = None;
        let mut rest = word;
        while let Some(at) = rest.find(['$', '`']) {
            text.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some((inner, after)) = tail.strip_prefix("$((").and_then(|inner| inner.split_once("))")) {
                let Some(number) = self.arithmetic(inner) else {
                    return Expanded::Unknown(format!("$(({inner}))"));
                };
                text.push_str(&number.to_string());
                rest = after;
                continue;
            }
            let Some((name, default, length)) = variable(tail) else {
                return Expanded::Unknown(tail.to_owned());
            };
            match (self.get(name), default) {
                (Some(value), _) => text.push_str(value),
                // The default of a default would need another round; such words are rare.
                (None, Some(default)) if !default.contains(['$', '`']) => {
                    text.push_str(default);
                    defaulted = Some(name.to_owned());
                }
                _ => return Expanded::Unknown(format!("${name}")),
            }
            rest = &tail[length..];
            if text.len() > LONGEST {
                return Expanded::Unknown(format!("${name}"));
            }
        }
        text.push_str(rest);
        match defaulted {
            Some(name) => Expanded::Default(text, name),
            None => Expanded::Known(text),
        }
    }
}

impl Variables<'_> {
    /// The value of a shell's whole-number arithmetic, as far as it is sums, products, and known variables.
    fn arithmetic(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        if text.len() > LONGEST_ARITHMETIC {
            return None;
        }
        for operators in [['+', '-'], ['*', '/']] {
            // The last one of the lowest rank binds least; a sign has nothing before it.
            let Some(at) = text.rfind(operators).filter(|at| *at > 0) else {
                continue;
            };
            let (left, right) = (self.arithmetic(&text[..at])?, self.arithmetic(&text[at + 1..])?);
            return match text.as_bytes()[at] {
                b'+' => left.checked_add(right),
                b'-' => left.checked_sub(right),
                b'*' => left.checked_mul(right),
                _ => left.checked_div(right),
            };
        }
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        let text = if number {
            text
        } else {
            self.get(text.trim_start_matches('$'))?
        };
        text.parse().ok()
    }
}

/// The name, the default and the length of the variable that a text starts with.
fn variable(text: &str) -> Option<(&str, Option<&str>, usize)> {
    let after = text.strip_prefix('$')?;
    let name_length = |text: &str| {
        text.find(|next: char| !(next.is_ascii_alphanumeric() || next == '_'))
            .unwrap_or(text.len())
    };
    if let Some(inner) = after.strip_prefix('{') {
        let end = inner.find('}')?;
        let inner = &inner[..end];
        let (name, rest) = inner.split_at(name_length(inner));
        let default = match rest {
            "" => None,
            _ => Some(
                rest.strip_prefix(":-")
                    .or_else(|| rest.strip_prefix('-'))
                    .or_else(|| rest.strip_prefix(":="))?,
            ),
        };
        return (!name.is_empty()).then_some((name, default, end + 3));
    }
    let length = name_length(after);
    (length > 0).then_some((&after[..length], None, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_doubles_itself_is_given_up_before_it_fills_the_memory() {
        let mut variables = Variables::new(&[("a", "1")]);
        for _ in 0..10 {
            variables.assign("a", "$a$a");
        }
        assert_eq!(variables.expand("$a"), Expanded::Known("1".repeat(1024)));
        for _ in 0..40 {
            variables.assign("a", "$a$a");
        }
        assert_eq!(variables.expand("$a"), Expanded::Unknown("$a".to_owned()));
    }

    #[test]
    fn arithmetic_is_done_where_every_part_is_known() {
        let variables = Variables::new(&[("DELAY", "15")]);
        for (word, value) in [
            ("$((10 + 10))", "20"),
            ("$((DELAY+5))", "20"),
            ("$(( $DELAY * 2 - 10 / 5 ))s", "28s"),
            ("$((10 - 3 - 2))", "5"),
        ] {
            assert_eq!(variables.expand(word), Expanded::Known(value.to_owned()), "{word}");
        }
        for word in [
            "$((GRACE - 5))",
            "$((1 / 0))",
            "$((RANDOM % 10))",
            "$(( (1 + 2) * 3 ))",
            "$(())",
        ] {
            assert!(matches!(variables.expand(word), Expanded::Unknown(_)), "{word}");
        }
    }
}
