//! Numbers of manifests that the API server checks: what it refuses cannot be in a cluster, so it ends the import.

use serde_json::Value as Json;

use super::Importer;
use crate::manifest::meta::Scalar;
use crate::text::decode::Spanned;
use crate::text::error::Diagnostic;

impl Importer<'_> {
    /// A whole number of 32 bits that must not be below `least`.
    pub(super) fn at_least_32_bits(&mut self, value: &Spanned<i64>, least: i64, field: &str) -> u64 {
        if value.value > i64::from(i32::MAX) {
            let title = format!("`{field}`: found {}, which does not fit into 32 bits", value.value);
            self.problems.push(Diagnostic::at(value.place.clone(), title));
            return 1;
        }
        self.at_least(value, least, field)
    }

    /// A whole number that must not be below `least`.
    pub(super) fn at_least(&mut self, value: &Spanned<i64>, least: i64, field: &str) -> u64 {
        if value.value < least {
            let title = format!("`{field}`: found {}, expected {least} or more", value.value);
            self.problems.push(Diagnostic::at(value.place.clone(), title));
        }
        u64::try_from(value.value.max(least)).expect("no bound is negative")
    }

    /// A number or a percentage, as the scenario has it.
    pub(super) fn int_or_percent(&mut self, value: &Scalar, field: &str) -> Json {
        let legal = match &value.value {
            Json::Number(number) => number.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
            Json::String(text) => {
                let digits = text.strip_suffix('%').unwrap_or_default();
                !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if legal {
            return value.value.clone();
        }
        let found = &value.value;
        let title = format!("`{field}`: found {found}, expected a whole number or a percentage such as \"25%\"");
        self.problems.push(Diagnostic::at(value.place.clone(), title));
        Json::from(1)
    }
}
