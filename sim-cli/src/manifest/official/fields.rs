//! The official fields of each [`Part`], as the official types name them to a deserializer.

use std::collections::BTreeSet;
use std::fmt;

use k8s_openapi::api::{apps, core};
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

use crate::manifest::fields::Part;

/// Fields of the last version's predecessors, or none of Kubernetes's at all, and why they are known here.
const EXTRA: [(Part, &str, &str); 0] = [];

/// The fields that a type asked for.
#[derive(Debug)]
struct Asked(Option<&'static [&'static str]>);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Asked {}

impl de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

/// Notes the fields of the struct that is asked for, and stops there.
struct Recorder;

impl<'de> Deserializer<'de> for Recorder {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(Some(fields)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn of<T: DeserializeOwned>() -> BTreeSet<&'static str> {
    let Err(Asked(Some(fields))) = T::deserialize(Recorder) else {
        panic!("{} is no struct", std::any::type_name::<T>());
    };
    fields.iter().copied().collect()
}

fn official(part: Part) -> BTreeSet<&'static str> {
    match part {
        Part::Workload => [
            of::<apps::v1::DeploymentSpec>(),
            of::<apps::v1::StatefulSetSpec>(),
            of::<apps::v1::DaemonSetSpec>(),
            of::<apps::v1::ReplicaSetSpec>(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Part::Template => of::<core::v1::PodTemplateSpec>(),
        Part::Pod => of::<core::v1::PodSpec>(),
        Part::Container => of::<core::v1::Container>(),
        Part::Env => of::<core::v1::EnvVar>(),
        Part::Port => of::<core::v1::ContainerPort>(),
        Part::Lifecycle => of::<core::v1::Lifecycle>(),
        Part::Handler => of::<core::v1::LifecycleHandler>(),
        Part::Probe => of::<core::v1::Probe>(),
        Part::HttpGet => of::<core::v1::HTTPGetAction>(),
        Part::Exec => of::<core::v1::ExecAction>(),
        Part::Resources => of::<core::v1::ResourceRequirements>(),
    }
}

#[test]
fn each_part_has_the_fields_of_the_official_type() {
    for part in Part::ALL {
        let mut known: BTreeSet<&str> = part.fields().iter().copied().collect();
        assert_eq!(known.len(), part.fields().len(), "{part:?} names a field twice");
        for (_, extra, why) in EXTRA.iter().filter(|(of, ..)| *of == part) {
            assert!(known.remove(extra), "{part:?} has no {extra}: {why}");
        }
        assert_eq!(known, official(part), "{part:?}");
    }
}
