use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

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
    trace::v1::Span,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::{Request, Response, Status};

/// A collector that speaks OTLP over gRPC and keeps what it gets; gone when dropped.
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    kept: Kept,
    _stop: DropGuard,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    spans: Vec<Span>,
    metrics: BTreeSet<String>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (kept, stop) = (Kept::default(), CancellationToken::new());
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(kept.clone()))
            .add_service(MetricsServiceServer::new(kept.clone()))
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop.clone().cancelled_owned());
        #[expect(
            clippy::disallowed_methods,
            reason = "a test's own task, ended when the collector is dropped"
        )]
        tokio::spawn(server);
        Self { endpoint, kept, _stop: stop.drop_guard() }
    }

    /// The spans so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.kept.0.lock().unwrap().spans.clone()
    }

    /// The names of the metrics so far.
    pub(crate) fn metrics(&self) -> BTreeSet<String> {
        self.kept.0.lock().unwrap().metrics.clone()
    }
}

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans;
        let spans = resources.into_iter().flat_map(|one| one.scope_spans).flat_map(|scope| scope.spans);
        self.0.lock().unwrap().spans.extend(spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let resources = request.into_inner().resource_metrics;
        let metrics = resources.into_iter().flat_map(|one| one.scope_metrics).flat_map(|scope| scope.metrics);
        self.0.lock().unwrap().metrics.extend(metrics.map(|metric| metric.name));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}
