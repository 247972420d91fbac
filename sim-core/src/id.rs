//! Identifiers: small, ordered, not interchangeable.

macro_rules! ids {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            /// Position in the vectors of its kind.
            #[inline]
            pub(crate) const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id at that position.
            pub(crate) fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 of a kind"))
            }
        }
    )* };
}

ids! {
    /// A pod, numbered in the order of creation; its target and its server have the same number.
    PodId;
    /// A Kubernetes node.
    KubeNodeId;
    /// A pod of another workload.
    OtherPodId;
    /// An ALB node.
    AlbNodeId;
    /// A `TargetGroupBinding`; number 0 is the one whose target group takes the traffic.
    BindingId;
}
