//! EC2 instance types and the pods a node of each can hold.

/// Network limits of one instance type (nodes §4.7, after the VPC CNI's own list).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceType {
    /// EC2 name.
    pub name: &'static str,
    /// Network interfaces.
    pub enis: u32,
    /// IPv4 addresses per interface.
    pub ipv4_per_eni: u32,
}

impl InstanceType {
    /// The type of that name, if it is in the list.
    pub fn named(name: &str) -> Option<InstanceType> {
        ALL.iter().copied().find(|instance| instance.name == name)
    }

    /// Pods a node can hold in secondary-IP mode: ENIs × (IPv4 per ENI − 1) + 2 (nodes §4.7).
    pub const fn max_pods(self) -> u32 {
        self.enis * (self.ipv4_per_eni - 1) + 2
    }
}

const fn instance(name: &'static str, enis: u32, ipv4_per_eni: u32) -> InstanceType {
    InstanceType {
        name,
        enis,
        ipv4_per_eni,
    }
}

/// Every known instance type.
pub const ALL: &[InstanceType] = &[
    instance("t3.small", 3, 4),
    instance("t3.medium", 3, 6),
    instance("t3.large", 3, 12),
    instance("t3.xlarge", 4, 15),
    instance("t3a.large", 3, 12),
    instance("t4g.medium", 3, 6),
    instance("t4g.large", 3, 12),
    instance("t4g.xlarge", 4, 15),
    instance("t4g.2xlarge", 4, 15),
    instance("m5.large", 3, 10),
    instance("m5.xlarge", 4, 15),
    instance("m5.2xlarge", 4, 15),
    instance("m5.4xlarge", 8, 30),
    instance("m5.24xlarge", 15, 50),
    instance("m5a.large", 3, 10),
    instance("m6i.large", 3, 10),
    instance("m6i.xlarge", 4, 15),
    instance("m6g.medium", 2, 4),
    instance("m6g.large", 3, 10),
    instance("m6g.xlarge", 4, 15),
    instance("m7i.large", 3, 10),
    instance("m7i.xlarge", 4, 15),
    instance("m7g.large", 3, 10),
    instance("m7g.xlarge", 4, 15),
    instance("m8g.large", 3, 10),
    instance("c5.large", 3, 10),
    instance("c5.xlarge", 4, 15),
    instance("c5.2xlarge", 4, 15),
    instance("c6i.large", 3, 10),
    instance("c6i.xlarge", 4, 15),
    instance("c6g.large", 3, 10),
    instance("c7g.large", 3, 10),
    instance("c7g.xlarge", 4, 15),
    instance("c7i.xlarge", 4, 15),
    instance("r5.large", 3, 10),
    instance("r5.xlarge", 4, 15),
    instance("r6g.large", 3, 10),
    instance("r6i.large", 3, 10),
    instance("r6i.2xlarge", 4, 15),
    instance("g4dn.xlarge", 3, 10),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_pods_agrees_with_the_published_list() {
        // Three rows of the VPC CNI's eni-max-pods list.
        let published = [("t4g.xlarge", 58), ("m5.large", 29), ("m5.24xlarge", 737)];
        for (name, max_pods) in published {
            assert_eq!(InstanceType::named(name).unwrap().max_pods(), max_pods, "{name}");
        }
        assert_eq!(InstanceType::named("t4g.large"), Some(instance("t4g.large", 3, 12)));
    }
}
