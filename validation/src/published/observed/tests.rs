use super::*;

/// Bins of a quarter of an hour with these loads and no failures, before the change.
pub(in super::super) fn of_loads(loads: &[u32]) -> Observed {
    let bin = |(index, load): (usize, &u32)| Bin {
        label: index.to_string(),
        load: *load,
        counts: [None; 2],
        nodes: None,
    };
    Observed {
        era: Era::Before,
        bin_minutes: 15,
        bins: loads.iter().enumerate().map(bin).collect(),
    }
}
