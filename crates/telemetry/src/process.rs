use metrics::{Unit, describe_gauge, gauge};
use metrics_process::Collector;

/// Says what this process is, and begins to look at what it takes.
pub(crate) fn describe(service: &str) -> Collector {
    describe_gauge!("weft_build_info", Unit::Count, "Always 1; its labels say what runs.");
    gauge!("weft_build_info", "service" => service.to_owned(), "version" => env!("CARGO_PKG_VERSION"))
        .set(1.0);
    let collector = Collector::default();
    collector.describe();
    collector.collect();
    collector
}
