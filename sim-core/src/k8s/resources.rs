//! Sums of what pods request, and how much of a node they are.

use crate::scenario::pod::Resources;
use crate::scenario::quantity::{Cpu, Memory};

/// What a pod without requests counts in the scheduler's score: 100m and 200 MB, upstream's `GetNonzeroRequests`.
const COUNTED_AT_LEAST: Resources = Resources {
    cpu: Cpu::from_millicores(100),
    memory: Memory::from_bytes(200_000_000),
};

/// What a node has left for pods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Not requested by anybody.
    pub(crate) free: Resources,
    /// Pods that it takes besides those it has.
    pub(crate) slots: u32,
}

impl Room {
    /// How many pods with these requests it takes.
    pub(crate) fn holds(&self, requests: Resources) -> u32 {
        self.slots.min(self.free.holds(requests))
    }

    /// Puts so many pods there.
    pub(crate) fn take(&mut self, requests: Resources, count: u32) {
        self.free = self.free.less(requests.times(count));
        self.slots -= count;
    }

    /// A pod that was put there goes again.
    pub(crate) fn give_back(&mut self, requests: Resources) {
        self.free = self.free.plus(requests);
        self.slots += 1;
    }
}

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

    /// So many of these.
    pub(crate) fn times(self, count: u32) -> Resources {
        let count = u64::from(count);
        Resources {
            cpu: Cpu::from_millicores(self.cpu.millicores() * count),
            memory: Memory::from_bytes(self.memory.bytes() * count),
        }
    }

    /// How many times `each` fits into this; what requests nothing fits always.
    pub(crate) fn holds(self, each: Resources) -> u32 {
        let times = |room: u64, each: u64| room.checked_div(each).unwrap_or(u64::MAX);
        let by_cpu = times(self.cpu.millicores(), each.cpu.millicores());
        let by_memory = times(self.memory.bytes(), each.memory.bytes());
        u32::try_from(by_cpu.min(by_memory)).unwrap_or(u32::MAX)
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
        assert_eq!((node.holds(pod), node.holds(Resources::ZERO)), (4, u32::MAX));
        assert_eq!(node.holds(resources(1, 2049)), 1);
        assert_eq!(pod.times(4), resources(2000, 1024));
        assert!(!resources(2001, 0).fits_into(node) && !resources(0, 4097).fits_into(node));
    }

    #[test]
    fn a_pod_without_requests_counts_in_the_score_only() {
        assert_eq!(Resources::ZERO.counted(), COUNTED_AT_LEAST);
        assert_eq!(Resources::ZERO.utilization_of(resources(1, 1)), 0);
        assert_eq!(resources(1, 1).less(resources(2, 0)), resources(0, 1));
    }
}
