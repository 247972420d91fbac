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
    /// A pod, numbered in the order of creation; its server has the same number.
    PodId;
    /// A Kubernetes node.
    KubeNodeId;
    /// A target: it has the number of its pod, or of its node where targets are nodes.
    TargetId;
    /// A pod of another workload.
    OtherPodId;
    /// An ALB node.
    AlbNodeId;
    /// A `TargetGroupBinding`; number 0 is the one whose target group takes the traffic.
    BindingId;
}

impl TargetId {
    /// The pod, where targets are pods.
    pub(crate) const fn pod(self) -> PodId {
        PodId(self.0)
    }

    /// The node, where targets are nodes.
    pub(crate) const fn node(self) -> KubeNodeId {
        KubeNodeId(self.0)
    }
}

impl From<PodId> for TargetId {
    fn from(pod: PodId) -> Self {
        Self(pod.0)
    }
}

impl From<KubeNodeId> for TargetId {
    fn from(node: KubeNodeId) -> Self {
        Self(node.0)
    }
}
