//! Kubernetes quantities: CPU in whole millicores, memory in whole bytes, read exactly by integer arithmetic.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount of CPU: `250m`, `1`, `1.5`. Kubernetes knows nothing finer than one millicore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cpu(u64);

/// An amount of memory: `256Mi`, `1Gi`, `512M`, or a plain number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Memory(u64);

impl Cpu {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many thousandths of a core.
    pub const fn from_millicores(millicores: u64) -> Self {
        Self(millicores)
    }

    /// Thousandths of a core.
    pub const fn millicores(self) -> u64 {
        self.0
    }
}

impl Memory {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// So many times 1024 × 1024 bytes. Panics if that is more than `u64` holds.
    pub const fn from_mebibytes(mebibytes: u64) -> Self {
        Self(mebibytes * (1 << 20))
    }

    /// Bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Why a text is not a quantity. The messages say what was found and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseQuantityError {
    /// Nothing there.
    #[error("a quantity is empty; write {example}")]
    Empty {
        /// What would be right.
        example: &'static str,
    },
    /// A leading minus sign.
    #[error("{found:?} is negative; a quantity is zero or more, such as {example}")]
    Negative {
        /// The whole text.
        found: String,
        /// What would be right.
        example: &'static str,
    },
    /// Something else than digits with at most one decimal point where the number should be.
    #[error("{found:?} does not start with a number; write {example}")]
    NoNumber {
        /// The whole text.
        found: String,
        /// What would be right.
        example: &'static str,
    },
    /// A suffix that Kubernetes does not know.
    #[error(
        "{found:?} has the unknown suffix {suffix:?}; Kubernetes knows n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, \
         Pi, Ei"
    )]
    UnknownSuffix {
        /// The whole text.
        found: String,
        /// What stands after the number.
        suffix: String,
    },
    /// CPU below one millicore.
    #[error("{found:?} is finer than a millicore; Kubernetes takes CPU in steps of \"1m\"")]
    FinerThanMillicore {
        /// The whole text.
        found: String,
    },
    /// Memory with a fraction of a byte.
    #[error("{found:?} is not a whole number of bytes; \"m\" is a thousandth, \"M\" or \"Mi\" a million")]
    FractionOfByte {
        /// The whole text.
        found: String,
    },
    /// More than 2^64 - 1 millicores or bytes.
    #[error("{found:?} is too large")]
    TooLarge {
        /// The whole text.
        found: String,
    },
}

/// Suffixes of a quantity with the factor they stand for, as numerator and denominator.
const SUFFIXES: [(&str, u128, u128); 16] = [
    ("", 1, 1),
    ("n", 1, 1_000_000_000),
    ("u", 1, 1_000_000),
    ("m", 1, 1_000),
    ("k", 1_000, 1),
    ("M", 1_000_000, 1),
    ("G", 1_000_000_000, 1),
    ("T", 1_000_000_000_000, 1),
    ("P", 1_000_000_000_000_000, 1),
    ("E", 1_000_000_000_000_000_000, 1),
    ("Ki", 1 << 10, 1),
    ("Mi", 1 << 20, 1),
    ("Gi", 1 << 30, 1),
    ("Ti", 1 << 40, 1),
    ("Pi", 1 << 50, 1),
    ("Ei", 1 << 60, 1),
];

/// What a number counts once it is stored.
struct Unit {
    /// How many of them are one core or one byte.
    per_one: u128,
    /// What a correct quantity looks like.
    example: &'static str,
    /// The error of a number that is no multiple of the unit.
    too_fine: fn(String) -> ParseQuantityError,
}

const MILLICORES: Unit = Unit {
    per_one: 1_000,
    example: "\"250m\" or \"1.5\"",
    too_fine: |found| ParseQuantityError::FinerThanMillicore { found },
};

const BYTES: Unit = Unit {
    per_one: 1,
    example: "\"256Mi\" or \"1Gi\"",
    too_fine: |found| ParseQuantityError::FractionOfByte { found },
};

/// The number of units that `text` means.
fn parse(text: &str, unit: &Unit) -> Result<u64, ParseQuantityError> {
    use ParseQuantityError as E;
    let (found, example) = (|| text.to_string(), unit.example);
    let too_large = || E::TooLarge { found: found() };
    if text.is_empty() {
        return Err(E::Empty { example });
    }
    if text.starts_with(['-', '−']) {
        return Err(E::Negative {
            found: found(),
            example,
        });
    }
    let (number, suffix) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len()),
    );
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let written_well = !number.is_empty() && !number.ends_with('.') && !decimals.contains('.') && !whole.is_empty();
    if !written_well {
        return Err(E::NoNumber {
            found: found(),
            example,
        });
    }
    let (times, over) = factor(suffix).ok_or_else(|| E::UnknownSuffix {
        found: found(),
        suffix: suffix.to_string(),
    })?;
    let decimals = decimals.trim_end_matches('0');
    // Enough for every whole number of units that fits, and few enough that the products below fit.
    if decimals.len() > 18 {
        return Err((unit.too_fine)(found()));
    }
    let mut digits = whole.parse::<u64>().map(u128::from).map_err(|_| too_large())?;
    let mut denominator = over;
    for digit in decimals.bytes() {
        digits = digits * 10 + u128::from(digit - b'0');
        denominator *= 10;
    }
    let units = digits
        .checked_mul(unit.per_one)
        .and_then(|units| units.checked_mul(times))
        .ok_or_else(too_large)?;
    if units % denominator != 0 {
        return Err((unit.too_fine)(found()));
    }
    u64::try_from(units / denominator).map_err(|_| too_large())
}

/// The factor of a suffix, or of a decimal exponent such as `e3`.
fn factor(suffix: &str) -> Option<(u128, u128)> {
    let named = SUFFIXES.iter().find(|(name, _, _)| *name == suffix);
    if let Some((_, times, over)) = named {
        return Some((*times, *over));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let (power, digits) = match exponent.strip_prefix('-') {
        Some(digits) => (false, digits),
        None => (true, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let digits = Some(digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let ten_to = 10_u128.pow(digits.parse::<u32>().ok().filter(|exponent| *exponent <= 18)?);
    Some(if power { (ten_to, 1) } else { (1, ten_to) })
}

impl fmt::Display for Cpu {
    /// Whole cores without a suffix, else millicores, as Kubernetes prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1_000) {
            f.pad(&(self.0 / 1_000).to_string())
        } else {
            f.pad(&alloc::format!("{}m", self.0))
        }
    }
}

impl fmt::Display for Memory {
    /// Exact, with the suffix that makes it shortest; a binary suffix where both are equally short.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = u128::from(self.0);
        let shortest = SUFFIXES
            .iter()
            .rev()
            .filter(|(_, times, over)| *over == 1 && bytes.is_multiple_of(*times))
            .map(|(name, times, _)| alloc::format!("{}{}", bytes / times, if bytes == 0 { "" } else { name }))
            .min_by_key(String::len)
            .expect("one byte divides every number");
        f.pad(&shortest)
    }
}

/// Text and serde forms of a quantity.
macro_rules! quantity {
    ($name:ident, $unit:ident, $pattern:literal, $description:literal) => {
        impl FromStr for $name {
            type Err = ParseQuantityError;

            fn from_str(text: &str) -> Result<Self, ParseQuantityError> {
                parse(text, &$unit).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, "a Kubernetes quantity such as {}", $unit.example)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_u64<E: de::Error>(self, number: u64) -> Result<$name, E> {
                        self.visit_str(&number.to_string())
                    }
                    fn visit_i64<E: de::Error>(self, number: i64) -> Result<$name, E> {
                        self.visit_str(&number.to_string())
                    }
                    fn visit_f64<E: de::Error>(self, number: f64) -> Result<$name, E> {
                        self.visit_str(&number.to_string())
                    }
                }
                deserializer.deserialize_any(Visitor)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                alloc::borrow::Cow::Borrowed(stringify!($name))
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": $description,
                    "anyOf": [{ "type": "string", "pattern": $pattern }, { "type": "number", "minimum": 0 }]
                })
            }
        }
    };
}

quantity!(
    Cpu,
    MILLICORES,
    "^[0-9]+(\\.[0-9]+)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$",
    "CPU as Kubernetes writes it, in steps of one millicore: \"250m\", \"1\", \"1.5\"."
);
quantity!(
    Memory,
    BYTES,
    "^[0-9]+(\\.[0-9]+)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$",
    "Memory as Kubernetes writes it, in whole bytes: \"256Mi\", \"1Gi\", \"512M\"."
);

#[cfg(test)]
mod tests;
