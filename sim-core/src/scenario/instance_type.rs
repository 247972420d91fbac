//! EC2 instance types and the pods a node of each can hold.

use super::pod::Resources;
use super::quantity::{Cpu, Memory};

/// Size and network limits of one instance type (network: nodes §4.7, after the VPC CNI's own list; vCPU and memory:
/// EC2's published sizes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceType {
    /// EC2 name.
    pub name: &'static str,
    /// Network interfaces.
    pub enis: u32,
    /// IPv4 addresses per interface.
    pub ipv4_per_eni: u32,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory, GiB.
    pub memory_gib: u32,
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

    /// What pods may request on it: the size less what the EKS AMI reserves for the kubelet and the system.
    ///
    /// Reserved are 6 % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 % of the others, and
    /// 255 MiB plus 11 MiB per pod slot, plus 100 MiB that no pod may use before it is evicted (amazon-eks-ami's
    /// `kubeReserved` and `evictionHard`).
    pub fn allocatable(self) -> Resources {
        let cores = u64::from(self.vcpus);
        // In hundredths of a millicore, so that a quarter of a percent is whole.
        let reserved =
            6_000 + 1_000 * u64::from(cores > 1) + 500 * cores.clamp(2, 4) - 1_000 + 250 * cores.saturating_sub(4);
        let reserved_memory = 255 + 11 * u64::from(self.max_pods()) + 100;
        Resources {
            cpu: Cpu::from_millicores(cores * 1000 - reserved / 100),
            memory: Memory::from_mebibytes(u64::from(self.memory_gib) * 1024 - reserved_memory),
        }
    }
}

const fn instance(name: &'static str, enis: u32, ipv4_per_eni: u32, vcpus: u32, memory_gib: u32) -> InstanceType {
    InstanceType {
        name,
        enis,
        ipv4_per_eni,
        vcpus,
        memory_gib,
    }
}

/// Every known instance type.
pub const ALL: &[InstanceType] = &[
    instance("t3.small", 3, 4, 2, 2),
    instance("t3.medium", 3, 6, 2, 4),
    instance("t3.large", 3, 12, 2, 8),
    instance("t3.xlarge", 4, 15, 4, 16),
    instance("t3a.large", 3, 12, 2, 8),
    instance("t4g.medium", 3, 6, 2, 4),
    instance("t4g.large", 3, 12, 2, 8),
    instance("t4g.xlarge", 4, 15, 4, 16),
    instance("t4g.2xlarge", 4, 15, 8, 32),
    instance("m5.large", 3, 10, 2, 8),
    instance("m5.xlarge", 4, 15, 4, 16),
    instance("m5.2xlarge", 4, 15, 8, 32),
    instance("m5.4xlarge", 8, 30, 16, 64),
    instance("m5.24xlarge", 15, 50, 96, 384),
    instance("m5a.large", 3, 10, 2, 8),
    instance("m6i.large", 3, 10, 2, 8),
    instance("m6i.xlarge", 4, 15, 4, 16),
    instance("m6g.medium", 2, 4, 1, 4),
    instance("m6g.large", 3, 10, 2, 8),
    instance("m6g.xlarge", 4, 15, 4, 16),
    instance("m7i.large", 3, 10, 2, 8),
    instance("m7i.xlarge", 4, 15, 4, 16),
    instance("m7g.large", 3, 10, 2, 8),
    instance("m7g.xlarge", 4, 15, 4, 16),
    instance("m8g.large", 3, 10, 2, 8),
    instance("c5.large", 3, 10, 2, 4),
    instance("c5.xlarge", 4, 15, 4, 8),
    instance("c5.2xlarge", 4, 15, 8, 16),
    instance("c6i.large", 3, 10, 2, 4),
    instance("c6i.xlarge", 4, 15, 4, 8),
    instance("c6g.large", 3, 10, 2, 4),
    instance("c7g.large", 3, 10, 2, 4),
    instance("c7g.xlarge", 4, 15, 4, 8),
    instance("c7i.xlarge", 4, 15, 4, 8),
    instance("r5.large", 3, 10, 2, 16),
    instance("r5.xlarge", 4, 15, 4, 32),
    instance("r6g.large", 3, 10, 2, 16),
    instance("r6i.large", 3, 10, 2, 16),
    instance("r6i.2xlarge", 4, 15, 8, 64),
    instance("g4dn.xlarge", 3, 10, 4, 16),
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
        assert_eq!(
            InstanceType::named("t4g.large"),
            Some(instance("t4g.large", 3, 12, 2, 8))
        );
    }

    #[test]
    fn the_ami_reserves_by_size() {
        // m5.large: 2 cores: 60 + 10 millicores; 29 pods: 255 + 11 x 29 + 100 = 674 MiB of 8192.
        let large = InstanceType::named("m5.large").unwrap().allocatable();
        assert_eq!(
            (large.cpu, large.memory),
            (Cpu::from_millicores(1930), Memory::from_mebibytes(7518))
        );
        // m6g.medium: 1 core: 60. m5.2xlarge: 8 cores: 60 + 10 + 2 x 5 + 4 x 2.5 = 90.
        for (name, millicores) in [("m6g.medium", 940), ("m5.xlarge", 3920), ("m5.2xlarge", 7910)] {
            let allocatable = InstanceType::named(name).unwrap().allocatable();
            assert_eq!(allocatable.cpu, Cpu::from_millicores(millicores), "{name}");
        }
    }
}
