use super::*;
use crate::rng::Seed;

const READY: Endpoint = Endpoint {
    ready: true,
    serving: true,
    terminating: false,
};

/// One node, minimum period 1000, and as many versions as wanted, each adding a pod.
fn proxies() -> Proxies {
    let mut scenario = Scenario::default();
    scenario.target_group.target_type = TargetType::Instance;
    scenario.kube_proxy.min_sync_period = crate::time::SimDuration::from_ns(1000);
    let mut proxies = Proxies::new(&scenario, &Streams::new(Seed(1), 0)).expect("targets are nodes");
    proxies.add_node(0, 1, 2);
    proxies.start(KubeNodeId(0));
    proxies
}

fn add(proxies: &mut Proxies, pod: u32) {
    proxies.publish([(PodId(pod), KubeNodeId(0), Some(READY))].into_iter());
}

#[test]
fn writes_that_arrive_before_a_sync_begins_share_it() {
    // The first write begins a sync at 10, over at 110. Two more arrive at 50 and 900: both wait for 1010.
    let mut proxies = proxies();
    let mut ends = [0; 3];
    for (pod, at) in [(0, 10), (1, 50), (2, 900)] {
        add(&mut proxies, pod);
        ends[pod as usize] = proxies.see(KubeNodeId(0), at, || 100);
    }
    assert_eq!(ends, [110, 1110, 1110]);
    let known = [109, 110, 1109, 1110].map(|now| proxies.usable(0, now).len());
    assert_eq!(known, [0, 1, 1, 3]);
}

#[test]
fn a_sync_that_takes_longer_than_the_period_delays_the_next() {
    let mut proxies = proxies();
    add(&mut proxies, 0);
    assert_eq!(proxies.see(KubeNodeId(0), 10, || 5000), 5010);
    add(&mut proxies, 1);
    assert_eq!(proxies.see(KubeNodeId(0), 20, || 100), 5110);
}

#[test]
fn the_most_recently_idle_connection_is_taken_and_stays_with_its_pod() {
    let mut proxies = proxies();
    for (idle_at, pod) in [(30, 7), (10, 8), (90, 9)] {
        proxies.put(0, 0, Pinned { idle_at, pod });
    }
    assert_eq!(
        proxies
            .take(0, 0, 50, 100, ConnectionReuse::Lifo)
            .map(|pinned| pinned.pod),
        Some(7)
    );
    proxies.close(8, |_| true);
    assert_eq!(
        proxies.take(0, 0, 50, 100, ConnectionReuse::Lifo),
        None,
        "the third is busy until 90"
    );
    assert_eq!(proxies.latest_idle(9), Some(90));
    proxies.stop(KubeNodeId(0));
    proxies.close(9, |_| true);
    assert_eq!(proxies.latest_idle(9), Some(90), "no FIN comes through a dead node");
}
