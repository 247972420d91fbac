//! Sums of what pods request, and how much of a node they are.

use crate::scenario::pod::Resources;
use crate::scenario::quantity::{Cpu, Memory};

/// What a pod without requests counts in the scheduler's score: 100m and 200 MB, upstream's `GetNonzeroRequests`.
const COUNTED_AT_LEAST: Resources = Resources {
    cpu: Cpu::from_millicores(100),
    memory: Memory::from_bytes(200_000_000),
};

/// Parts per million.
const WHOLE: u64 = 1_000_000;

/// `part` of `whole` in parts per million, at most the whole.
fn ppm(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return WHOLE;
    }
    let ppm = u128::from(part) * u128::from(WHOLE) / u128::from(whole);
    u64::try_from(ppm).unwrap_or(u64::MAX).min(WHOLE)
}

impl Resources {
    pub(crate) fn plus(self, other: Resources) -> Resources {
        Resources {
            cpu: Cpu::from_millicores(self.cpu.millicores() + other.cpu.millicores()),
            memory: Memory::from_bytes(self.memory.bytes() + other.memory.bytes()),
        }
    }

    /// The difference, zero where `other` is more.
    pub(crate) fn less(self, other: Resources) -> Resources {
        Resources {
            cpu: Cpu::from_millicores(self.cpu.millicores().saturating_sub(other.cpu.millicores())),
            memory: Memory::from_bytes(self.memory.bytes().saturating_sub(other.memory.bytes())),
        }
    }

    pub(crate) fn fits_into(self, room: Resources) -> bool {
        self.cpu <= room.cpu && self.memory <= room.memory
    }

    /// What the scheduler's score counts for a pod: nothing requested counts as something.
    pub(crate) fn counted(self) -> Resources {
        Resources {
            cpu: if self.cpu == Cpu::ZERO {
                COUNTED_AT_LEAST.cpu
            } else {
                self.cpu
            },
            memory: if self.memory == Memory::ZERO {
                COUNTED_AT_LEAST.memory
            } else {
                self.memory
            },
        }
    }

    /// CPU share plus memory share, parts per million each: the order of upstream's `LeastAllocated` score.
    pub(crate) fn load_of(self, allocatable: Resources) -> u64 {
        ppm(self.cpu.millicores(), allocatable.cpu.millicores()) + ppm(self.memory.bytes(), allocatable.memory.bytes())
    }

    /// The larger of the two shares, parts per million: utilisation as the Cluster Autoscaler computes it (nodes §1.1).
    pub(crate) fn utilization_of(self, allocatable: Resources) -> u64 {
        let cpu = ppm(self.cpu.millicores(), allocatable.cpu.millicores());
        cpu.max(ppm(self.memory.bytes(), allocatable.memory.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn resources(millicores: u64, mebibytes: u64) -> Resources {
        Resources {
            cpu: Cpu::from_millicores(millicores),
            memory: Memory::from_mebibytes(mebibytes),
        }
    }

    #[test]
    fn the_scarcer_resource_decides() {
        let (pod, node) = (resources(500, 256), resources(2000, 4096));
        assert_eq!(
            pod.utilization_of(node),
            250_000,
            "a quarter of the CPU, a sixteenth of the memory"
        );
        assert_eq!(pod.load_of(node), 250_000 + 62_500);
        assert!(resources(2000, 4096).fits_into(node));
        assert!(!resources(2001, 0).fits_into(node) && !resources(0, 4097).fits_into(node));
    }

    #[test]
    fn a_pod_without_requests_counts_in_the_score_only() {
        assert_eq!(Resources::ZERO.counted(), COUNTED_AT_LEAST);
        assert_eq!(Resources::ZERO.utilization_of(resources(1, 1)), 0);
        assert_eq!(resources(1, 1).less(resources(2, 0)), resources(0, 1));
    }
}
