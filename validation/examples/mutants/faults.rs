//! Deliberate faults, as data: what the model says, and what a wrong model would say in its place.

mod application;
mod kubernetes;
mod load_balancer;

/// One fault.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Stable name.
    pub(crate) name: &'static str,
    /// What a model with it gets wrong.
    pub(crate) breaks: &'static str,
    /// The file, from the root.
    pub(crate) file: &'static str,
    /// An expression, or statements up to a semicolon or a brace; once in the file.
    pub(crate) old: &'static str,
    /// The same kind of thing, wrong.
    pub(crate) new: &'static str,
}

impl Fault {
    /// Whether both change the same place.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        (self.file, self.old) == (other.file, other.old)
    }
}

/// Every fault, in the order of its number, from 1.
pub(crate) fn all() -> impl Iterator<Item = &'static Fault> {
    [kubernetes::FAULTS, load_balancer::FAULTS, application::FAULTS]
        .into_iter()
        .flatten()
}
