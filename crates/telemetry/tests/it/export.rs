//! Spans and metrics on their way to a collector that speaks OTLP.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    metrics::v1::{Metric, metric::Data, number_data_point::Value},
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use weft_telemetry::{Settings, init, span};

struct Traces(mpsc::Sender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Traces {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.send(request.into_inner()).await.unwrap();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

struct Metrics(mpsc::Sender<ExportMetricsServiceRequest>);

#[tonic::async_trait]
impl MetricsService for Metrics {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.0.send(request.into_inner()).await.unwrap();
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_sends_our_spans_and_metrics_and_nothing_of_the_exporters_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (traced, mut traces) = mpsc::channel(16);
    let (measured, mut measures) = mpsc::channel(16);
    let collecting = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(Traces(traced)))
        .add_service(MetricsServiceServer::new(Metrics(measured)))
        .serve_with_incoming(TcpListenerStream::new(listener));
    let settings = Settings {
        otlp: Some(endpoint),
        otlp_metrics: true,
        filter: "info,h2=trace,hyper=trace,tonic=trace,tower=trace".to_owned(),
        ..Settings::new("gateway")
    };
    let telemetry = init(&settings).unwrap();

    let using = async {
        drop(span::job("sweep"));
        drop(span::grpc_client("/weft.directory.v1.Directory/GetTenant"));
        metrics::describe_histogram!(
            "weft_test_duration_seconds",
            metrics::Unit::Seconds,
            "How long it took."
        );
        metrics::histogram!("weft_test_duration_seconds").record(0.02);
        for _ in 0..3 {
            metrics::counter!("weft_test_total", "kind" => "a").increment(2);
            metrics::gauge!("weft_test_open").increment(1.0);
        }
        metrics::gauge!("weft_test_open").decrement(1.0);
        tokio::task::spawn_blocking(|| telemetry.shutdown()).await.unwrap();
    };
    tokio::select! {
        ended = collecting => panic!("the collector ended: {ended:?}"),
        used = tokio::time::timeout(Duration::from_secs(20), using) => used.unwrap(),
    }

    let mut names = Vec::new();
    while let Ok(request) = traces.try_recv() {
        for resource in request.resource_spans {
            let about = resource.resource.unwrap();
            assert!(about.attributes.iter().any(|pair| pair.key == "service.name"
                && format!("{:?}", pair.value).contains("gateway")));
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            names.extend(spans.map(|span| span.name));
        }
    }
    assert_eq!(names, ["sweep", "weft.directory.v1.Directory/GetTenant"]);

    let mut sent: Vec<Metric> = Vec::new();
    while let Ok(request) = measures.try_recv() {
        let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        sent.extend(scopes.flat_map(|scope| scope.metrics));
    }
    let Some(Data::Sum(counted)) = find(&sent, "weft_test_total") else { panic!("{sent:?}") };
    assert_eq!((counted.is_monotonic, &counted.data_points[0].value), (true, &Some(Value::AsInt(6))));
    assert_eq!(counted.data_points[0].attributes[0].key, "kind");
    let Some(Data::Gauge(open)) = find(&sent, "weft_test_open") else { panic!("{sent:?}") };
    assert_eq!(open.data_points[0].value, Some(Value::AsDouble(2.0)), "it knows where it stands");
    let Some(Data::Histogram(took)) = find(&sent, "weft_test_duration_seconds") else { panic!("{sent:?}") };
    assert_eq!(took.data_points[0].explicit_bounds[..3], [0.001, 0.0025, 0.005], "as Prometheus sees it");
    let about = sent.iter().find(|metric| metric.name == "weft_test_duration_seconds").unwrap();
    assert_eq!((about.unit.as_str(), about.description.as_str()), ("s", "How long it took."));
    assert!(find(&sent, "process_resident_memory_bytes").is_some(), "{sent:?}");
    assert!(find(&sent, "weft_build_info").is_some(), "{sent:?}");
}

fn find<'a>(sent: &'a [Metric], name: &str) -> Option<&'a Data> {
    sent.iter().rfind(|metric| metric.name == name).and_then(|metric| metric.data.as_ref())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_costs_nothing_but_what_it_was_to_be_sent() {
    // takes connections, and never says a word
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { otlp: Some(endpoint), otlp_metrics: true, ..Settings::new("gateway") };
    let telemetry = init(&settings).unwrap();

    let begun = Instant::now();
    for _ in 0..50_000 {
        drop(span::job("sweep"));
        metrics::counter!("weft_test_total").increment(1);
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(telemetry.render_metrics().contains("weft_test_total 50000"));
    let begun = Instant::now();
    tokio::task::spawn_blocking(|| telemetry.shutdown()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
