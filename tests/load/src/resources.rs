use std::collections::BTreeMap;

use weft_tests_fleet::Cluster;

/// What `/proc` counts processor time in: 100 a second on every Linux there is.
const TICK_MS: f64 = 10.0;

/// A figure of each replica and server.
pub(crate) type ByName = BTreeMap<String, f64>;

/// Megabytes in memory, by replica and server.
pub(crate) fn memory(cluster: &Cluster) -> ByName {
    cluster.pids().into_iter().map(|(name, pid)| (name, resident(pid))).collect()
}

/// Milliseconds of processor time used so far, by replica and server.
pub(crate) fn processor(cluster: &Cluster) -> ByName {
    cluster.pids().into_iter().map(|(name, pid)| (name, used(pid))).collect()
}

/// What was added to each since.
pub(crate) fn since(before: &ByName, now: &ByName) -> ByName {
    let added = |(name, used): (&String, &f64)| (name.clone(), used - before.get(name).unwrap_or(&0.0));
    now.iter().map(added).collect()
}

/// One figure per service from those of its replicas.
pub(crate) fn by_service(figures: &ByName, join: fn(f64, f64) -> f64) -> ByName {
    let mut services = ByName::new();
    for (name, figure) in figures {
        let service =
            name.trim_end_matches(|last: char| last.is_ascii_digit()).trim_end_matches('-').replace('-', "_");
        let joined = services.get(&service).map_or(*figure, |other| join(*other, *figure));
        services.insert(service, joined);
    }
    services
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: Option<f64> = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kilobytes.unwrap_or_default() / 1024.0
}

/// With its children, living and ended: PostgreSQL works in one process per connection.
fn used(pid: u32) -> f64 {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let living: f64 = children.split_whitespace().filter_map(|pid| pid.parse().ok()).map(ticks).sum();
    (ticks(pid) + living) * TICK_MS
}

fn ticks(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // the name before it may hold spaces
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_joined_under_their_service() {
        let figures = [("channel-echo-1", 3.0), ("channel-echo-12", 4.0), ("nats", 1.0)];
        let figures = figures.map(|(name, figure)| (name.to_owned(), figure)).into();
        let expected = [("channel_echo".to_owned(), 7.0), ("nats".to_owned(), 1.0)].into();
        assert_eq!(by_service(&figures, |sum, one| sum + one), expected);
    }

    #[test]
    fn this_process_has_memory_and_uses_time() {
        let own = std::process::id();
        assert!(resident(own) > 1.0);
        let before = used(own);
        // ends, or the runner says that it does not
        while used(own) < before + 50.0 {}
    }
}
