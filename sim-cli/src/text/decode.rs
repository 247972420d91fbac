//! Trees into typed values, with `serde`; a [`Spanned`] value keeps its place.

use std::fmt;
use std::ops::Deref;

use serde::de::{self, DeserializeOwned, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::error::Diagnostic;
use super::source::{Place, SourceId};
use super::tree::{Node, Value};

mod advice;

/// Name by which the deserializer below knows a [`Spanned`].
const SPANNED: &str = "sim::Spanned";

/// A value and the part of a text it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) place: Place,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'a, T> IntoIterator for &'a Spanned<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.value.into_iter()
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
                let mut number = || -> Result<usize, A::Error> {
                    Ok(parts
                        .next_element()?
                        .expect("a place has three numbers before the value"))
                };
                let (source, start, end) = (number()?, number()?, number()?);
                let value = parts.next_element()?.expect("the value follows its place");
                let source = SourceId::from_index(source);
                let place = Place {
                    source,
                    span: start..end,
                };
                Ok(Spanned { value, place })
            }
        }
        deserializer.deserialize_struct(SPANNED, &[], Parts(std::marker::PhantomData))
    }
}

/// Decodes a tree. Keys that the type does not know are left out.
///
/// # Errors
///
/// A value of a wrong type, at its place.
pub(crate) fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Diagnostic> {
    T::deserialize(Reader(node)).map_err(|error| {
        let path = error.path();
        let title = if path.is_empty() {
            error.problem
        } else {
            format!("`{path}`: {}", error.problem)
        };
        let diagnostic = Diagnostic::maybe_at(error.place, title);
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    })
}

/// What is wrong, and where.
#[derive(Debug)]
struct DecodeError {
    problem: String,
    place: Option<Place>,
    /// From the innermost step outwards.
    steps: Vec<String>,
    help: Option<String>,
}

impl DecodeError {
    fn at(mut self, node: &Node) -> Self {
        if self.place.is_none() {
            let advice = advice::of(node, &self.problem);
            self.place = advice.place.or_else(|| node.origin.value_place().cloned());
            self.help = advice.help;
        }
        self
    }

    fn within(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self {
            problem: problem.to_string(),
            place: None,
            steps: Vec::new(),
            help: None,
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Str(text) => format!("the text {text:?}"),
            de::Unexpected::Unsigned(number) => format!("the number {number}"),
            de::Unexpected::Signed(number) => format!("the number {number}"),
            de::Unexpected::Float(number) => format!("the number {number}"),
            de::Unexpected::Bool(value) => value.to_string(),
            de::Unexpected::Unit => "nothing".to_owned(),
            de::Unexpected::Seq => "a list".to_owned(),
            de::Unexpected::Map => "a map".to_owned(),
            other => other.to_string(),
        };
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "a string" => "text",
            "a boolean" => "true or false",
            "u16" | "u32" | "u64" | "i32" | "i64" => "a whole number",
            "a sequence" => "a list",
            other if other.starts_with("struct ") => "a map",
            other => other,
        };
        de::Error::custom(format!("found {found}, expected {expected}"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match (found, expected.to_string().as_str()) {
            (de::Unexpected::Signed(number), "u16" | "u32" | "u64") => {
                de::Error::custom(format!("found {number}, expected a whole number that is not negative"))
            }
            (de::Unexpected::Unsigned(number), "u16" | "u32" | "i32") => {
                de::Error::custom(format!("{number} is too large"))
            }
            (found, _) => Self::invalid_type(found, expected),
        }
    }
}

/// Reads one node.
struct Reader<'n>(&'n Node);

impl Reader<'_> {
    fn scalar<'de, V: Visitor<'de>>(scalar: &Json, visitor: V) -> Result<V::Value, DecodeError> {
        match scalar {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::String(text) => visitor.visit_str(text),
            Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Json::Array(_) | Json::Object(_) => unreachable!("a scalar"),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let result = match &self.0.value {
            Value::Scalar(scalar) => Self::scalar(scalar, visitor),
            Value::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Map(entries) => visitor.visit_map(Entries {
                entries: entries.iter(),
                next: None,
            }),
        };
        result.map_err(|error| error.at(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Scalar(Json::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name != SPANNED {
            // Or else a list would fill the fields in their order.
            if matches!(self.0.value, Value::List(_)) {
                let error: DecodeError = de::Error::custom("found a list, expected a map");
                return Err(error.at(self.0));
            }
            return self.deserialize_any(visitor);
        }
        let place = self.0.origin.value_place().expect("trees of texts have places");
        visitor.visit_seq(Parts {
            place: [place.source.index(), place.span.start, place.span.end],
            given: 0,
            node: self.0,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Scalar(Json::String(word)) => visitor.visit_enum(Word(word)).map_err(|error| error.at(self.0)),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// The items of a list.
struct Items<'n>(std::iter::Enumerate<std::slice::Iter<'n, Node>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some((index, node)) = self.0.next() else {
            return Ok(None);
        };
        let item = seed.deserialize(Reader(node));
        item.map(Some).map_err(|error| error.within(format!("[{index}]")))
    }
}

/// The entries of a map.
struct Entries<'n> {
    entries: std::slice::Iter<'n, (String, Node)>,
    next: Option<(&'n str, &'n Node)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, node)) = self.entries.next() else {
            return Ok(None);
        };
        self.next = Some((key, node));
        seed.deserialize(de::value::StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let (key, node) = self.next.take().expect("a key comes before its value");
        seed.deserialize(Reader(node))
            .map_err(|error| error.within(key.to_owned()))
    }
}

/// A place and the value that stands there.
struct Parts<'n> {
    place: [usize; 3],
    given: usize,
    node: &'n Node,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        self.given += 1;
        match self.place.get(self.given - 1) {
            Some(number) => {
                let number: de::value::U64Deserializer<DecodeError> =
                    de::IntoDeserializer::into_deserializer(*number as u64);
                seed.deserialize(number).map(Some)
            }
            None => seed.deserialize(Reader(self.node)).map(Some),
        }
    }
}

/// One word out of several.
struct Word<'n>(&'n str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: de::DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        Ok((seed.deserialize(de::value::StrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: de::DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, DecodeError> {
        Err(de::Error::custom(format!(
            "found the text {:?}, expected a map",
            self.0
        )))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, DecodeError> {
        Err(de::Error::custom(format!(
            "found the text {:?}, expected a list",
            self.0
        )))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, DecodeError> {
        Err(de::Error::custom(format!(
            "found the text {:?}, expected a map",
            self.0
        )))
    }
}

#[cfg(test)]
mod tests;
