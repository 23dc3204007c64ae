//! Metrics on their way to a collector: the same that Prometheus sees, under the same names.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use metrics_util::registry::{Registry, Storage};
use opentelemetry::{
    KeyValue,
    metrics::{Meter, MeterProvider as _},
};
use opentelemetry_otlp::{MetricExporter, WithExportConfig as _};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};

use crate::{Error, Settings, prometheus, tracer};

const INTERVAL: Duration = Duration::from_secs(15);

/// Sends metrics every 15 s, and at shutdown; none when they have nowhere to go.
pub(crate) fn provider(settings: &Settings) -> Result<Option<SdkMeterProvider>, Error> {
    let Some(endpoint) = settings.otlp.as_ref().filter(|_| settings.otlp_metrics) else { return Ok(None) };
    let exporter = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(tracer::EXPORT_TIMEOUT)
        .build()?;
    let reader = PeriodicReader::builder(exporter).with_interval(INTERVAL).build();
    let resource = tracer::resource(&settings.service);
    Ok(Some(SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build()))
}

/// Hands what is recorded to OpenTelemetry. Each series has one instrument for good: a gauge that goes up and down has to know
/// where it stands.
pub(crate) struct MeterRecorder(Registry<Key, Arc<Instruments>>, Arc<Instruments>);

impl MeterRecorder {
    pub(crate) fn new(provider: &SdkMeterProvider) -> Self {
        let instruments = Arc::new(Instruments { meter: provider.meter("weft"), about: Mutex::default() });
        Self(Registry::new(Arc::clone(&instruments)), instruments)
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>, words: SharedString) {
        let mut about = self.1.about.lock().unwrap_or_else(PoisonError::into_inner);
        about.entry(name.as_str().to_owned()).or_insert((unit, words));
    }
}

impl Recorder for MeterRecorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&name, unit, words);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&name, unit, words);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&name, unit, words);
    }

    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        self.0.get_or_create_counter(&key.to_retained(), |counter| Counter::from_arc(Arc::clone(counter)))
    }

    fn register_gauge(&self, key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        self.0.get_or_create_gauge(&key.to_retained(), |gauge| Gauge::from_arc(Arc::clone(gauge)))
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        self.0.get_or_create_histogram(&key.to_retained(), |one| Histogram::from_arc(Arc::clone(one)))
    }
}

/// Makes the instruments.
pub(crate) struct Instruments {
    meter: Meter,
    about: Mutex<HashMap<String, (Option<Unit>, SharedString)>>,
}

impl Instruments {
    /// The unit, as OpenTelemetry writes it, and the description.
    fn about(&self, name: &str) -> (&'static str, String) {
        let about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((unit, words)) = about.get(name) else { return ("", String::new()) };
        let unit = match unit {
            Some(Unit::Seconds) => "s",
            Some(Unit::Bytes) => "By",
            _ => "1",
        };
        (unit, words.to_string())
    }
}

impl Storage<Key> for Instruments {
    type Counter = Arc<Counting>;
    type Gauge = Arc<Gauging>;
    type Histogram = Arc<Timing>;

    fn counter(&self, key: &Key) -> Self::Counter {
        let (unit, words) = self.about(key.name());
        let counter =
            self.meter.u64_counter(key.name().to_owned()).with_unit(unit).with_description(words).build();
        Arc::new(Counting { counter, attributes: attributes(key), total: AtomicU64::new(0) })
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        let (unit, words) = self.about(key.name());
        let gauge =
            self.meter.f64_gauge(key.name().to_owned()).with_unit(unit).with_description(words).build();
        Arc::new(Gauging { gauge, attributes: attributes(key), value: Mutex::new(0.0) })
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let (unit, words) = self.about(key.name());
        let mut builder =
            self.meter.f64_histogram(key.name().to_owned()).with_unit(unit).with_description(words);
        if let Some(buckets) = prometheus::buckets(key.name()) {
            builder = builder.with_boundaries(buckets.to_vec());
        }
        Arc::new(Timing { histogram: builder.build(), attributes: attributes(key) })
    }
}

fn attributes(key: &Key) -> Vec<KeyValue> {
    key.labels().map(|label| KeyValue::new(label.key().to_owned(), label.value().to_owned())).collect()
}

/// A counter's series.
pub(crate) struct Counting {
    counter: opentelemetry::metrics::Counter<u64>,
    attributes: Vec<KeyValue>,
    total: AtomicU64,
}

impl CounterFn for Counting {
    fn increment(&self, value: u64) {
        self.total.fetch_add(value, Ordering::Relaxed);
        self.counter.add(value, &self.attributes);
    }

    fn absolute(&self, value: u64) {
        let before = self.total.fetch_max(value, Ordering::Relaxed);
        self.counter.add(value.saturating_sub(before), &self.attributes);
    }
}

/// A gauge's series.
pub(crate) struct Gauging {
    gauge: opentelemetry::metrics::Gauge<f64>,
    attributes: Vec<KeyValue>,
    value: Mutex<f64>,
}

impl Gauging {
    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        *value = change(*value);
        // under the lock, or an older value could be the last to arrive
        self.gauge.record(*value, &self.attributes);
    }
}

impl GaugeFn for Gauging {
    fn increment(&self, by: f64) {
        self.change(|value| value + by);
    }

    fn decrement(&self, by: f64) {
        self.change(|value| value - by);
    }

    fn set(&self, to: f64) {
        self.change(|_| to);
    }
}

/// A histogram's series.
pub(crate) struct Timing {
    histogram: opentelemetry::metrics::Histogram<f64>,
    attributes: Vec<KeyValue>,
}

impl HistogramFn for Timing {
    fn record(&self, value: f64) {
        self.histogram.record(value, &self.attributes);
    }
}
