//! Annotations as the AWS Load Balancer Controller reads them (lbc §3.1).

use crate::manifest::{Metadata, Object};
use crate::text::decode::Spanned;

/// What all of them begin with.
pub(crate) const PREFIX: &str = "alb.ingress.kubernetes.io/";

/// An annotation and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Annotation<'m> {
    /// Its name without the prefix.
    pub(crate) suffix: &'m str,
    /// Its text, which the controller does not trim.
    pub(crate) value: &'m Spanned<String>,
}

impl Annotation<'_> {
    /// The field as in `kubectl explain`, short.
    pub(crate) fn field(&self) -> String {
        format!("annotation {PREFIX}{}", self.suffix)
    }
}

/// The annotations of an Ingress and of one of its Services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Annotations<'m> {
    /// Of the Ingress; a `TargetGroupBinding` has none that count.
    pub(crate) ingress: Option<&'m Object>,
    /// Of the Service.
    pub(crate) service: &'m Object,
}

impl<'m> Annotations<'m> {
    /// One that describes the target group: the Service's beats the Ingress's, key by key (lbc §3.2.1).
    pub(crate) fn target_group(&self, suffix: &'m str) -> Option<Annotation<'m>> {
        let of_service = annotation(self.ingress.map(|_| self.service)?, suffix);
        of_service.or_else(|| self.load_balancer(suffix))
    }

    /// One that describes the load balancer: the Ingress's.
    pub(crate) fn load_balancer(&self, suffix: &'m str) -> Option<Annotation<'m>> {
        annotation(self.ingress?, suffix)
    }

    /// The Ingress's own of a name that the Service's overrides.
    pub(crate) fn overridden(&self, suffix: &'m str) -> Option<Annotation<'m>> {
        annotation(self.service, suffix)?;
        self.load_balancer(suffix)
    }
}

fn annotation<'m>(object: &'m Object, suffix: &'m str) -> Option<Annotation<'m>> {
    let value = object.metadata.annotation(&format!("{PREFIX}{suffix}"))?;
    Some(Annotation { suffix, value })
}

/// Whether any annotation of the controller is there.
pub(crate) fn has_any(metadata: &Metadata) -> bool {
    let mut names = metadata.annotations.iter().flatten().map(|(name, _)| name);
    names.any(|name| name.starts_with(PREFIX))
}

/// A whole number: decimal digits and nothing else, not even spaces.
pub(crate) fn whole(text: &str) -> Result<i64, String> {
    text.parse::<i32>().map(i64::from).map_err(|_| {
        let inner = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
        match inner.parse::<i32>() {
            Ok(number) => format!("found {text:?}, expected a whole number and nothing else, such as \"{number}\""),
            Err(_) => format!("found {text:?}, expected a whole number"),
        }
    })
}

/// Keys and values: `a=1,b=2`. A comma separates only where another `=` follows, so that a trailing one becomes part
/// of the last value. A backslash takes a comma's meaning away. Of equal keys the last one counts.
pub(crate) fn map(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|(_, next)| *next == ',') => {
                part.push(',');
                chars.next();
            }
            ',' if text[at + 1..].contains('=') => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in parts.iter().filter(|part| !part.trim().is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!("found {:?}, expected `key=value`", part.trim()));
        };
        let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
        pairs.retain(|(known, _)| *known != key);
        pairs.push((key, value));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_without_trimming() {
        assert_eq!(whole("15"), Ok(15));
        assert_eq!(whole("-1"), Ok(-1));
        for wrong in [" 15", "15s", "15.0", "abc", "", "99999999999"] {
            assert!(whole(wrong).is_err(), "{wrong:?} was taken");
        }
        assert_eq!(
            whole("15s"),
            Err("found \"15s\", expected a whole number and nothing else, such as \"15\"".to_owned())
        );
    }

    #[test]
    fn a_comma_separates_only_where_another_pair_follows() {
        let pairs =
            |text| map(text).map(|pairs| pairs.into_iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>());
        assert_eq!(pairs("a=1, b = 2 "), Ok(vec!["a:1".to_owned(), "b:2".to_owned()]));
        // The trap of lbc §3.1: the comma is sent to AWS.
        assert_eq!(pairs("idle=60,"), Ok(vec!["idle:60,".to_owned()]));
        // `2` is no pair, and the comma before it separates: another `=` follows.
        assert_eq!(pairs("a=1,2,b=3"), Err("found \"2\", expected `key=value`".to_owned()));
        assert_eq!(pairs(r"a=x\,y=1"), Ok(vec!["a:x,y=1".to_owned()]));
        assert_eq!(pairs("a=1,a=2"), Ok(vec!["a:2".to_owned()]));
        assert_eq!(pairs("a=1,b"), Ok(vec!["a:1,b".to_owned()]));
        assert!(pairs("deregistration_delay.timeout_seconds").is_err());
        assert_eq!(pairs(""), Ok(vec![]));
    }
}
