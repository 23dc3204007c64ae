//! Spans on their way to a collector that speaks OTLP.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use weft_telemetry::{Settings, init, span};

struct Collector(mpsc::Sender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.send(request.into_inner()).await.unwrap();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_sends_our_spans_and_none_of_the_exporters_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (exported, mut exports) = mpsc::channel(16);
    let collecting = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(Collector(exported)))
        .serve_with_incoming(TcpListenerStream::new(listener));
    let settings = Settings {
        otlp: Some(endpoint),
        filter: "info,h2=trace,hyper=trace,tonic=trace,tower=trace".to_owned(),
        ..Settings::new("gateway")
    };
    let telemetry = init(&settings).unwrap();

    let using = async {
        drop(span::job("sweep"));
        drop(span::grpc_client("/weft.directory.v1.Directory/GetTenant"));
        tokio::task::spawn_blocking(|| telemetry.shutdown()).await.unwrap();
    };
    tokio::select! {
        ended = collecting => panic!("the collector ended: {ended:?}"),
        used = tokio::time::timeout(Duration::from_secs(20), using) => used.unwrap(),
    }

    let mut names = Vec::new();
    while let Ok(request) = exports.try_recv() {
        for resource in request.resource_spans {
            let about = resource.resource.unwrap();
            assert!(about.attributes.iter().any(|pair| pair.key == "service.name"
                && format!("{:?}", pair.value).contains("gateway")));
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            names.extend(spans.map(|span| span.name));
        }
    }
    assert_eq!(names, ["sweep", "weft.directory.v1.Directory/GetTenant"]);
}
