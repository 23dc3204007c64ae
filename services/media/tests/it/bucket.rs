//! A bucket as S3 gives it, in memory: as much as files need. Signatures are not looked at.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use weft_media::S3;

type Asked = Query<BTreeMap<String, String>>;

#[derive(Default)]
struct Inner {
    objects: Mutex<BTreeMap<String, Bytes>>,
    parts: Mutex<BTreeMap<String, BTreeMap<u32, Bytes>>>,
}

/// A bucket that listens on a port of this machine.
pub(crate) struct Bucket {
    inner: Arc<Inner>,
    address: std::net::SocketAddr,
    _served: tokio::task::JoinHandle<()>,
}

impl Bucket {
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    pub(crate) async fn start() -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let inner = Arc::new(Inner::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/files", get(list))
            .route("/files/{*key}", post(multipart).put(put).get(read).delete(remove))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&inner));
        let served = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { inner, address, _served: served }
    }

    pub(crate) fn settings(&self) -> S3 {
        S3 {
            bucket: "files".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(format!("http://{}", self.address).parse().unwrap()),
            virtual_hosted: false,
            access_key_id: "id".into(),
            secret_access_key: "secret".into(),
        }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.inner.objects.lock().unwrap().keys().cloned().collect()
    }

    /// An object that has been there for long.
    pub(crate) fn put(&self, key: &str) {
        self.inner.objects.lock().unwrap().insert(key.to_owned(), Bytes::from_static(b"old"));
    }
}

async fn list(State(inner): State<Arc<Inner>>) -> String {
    let mut xml = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    for (key, bytes) in inner.objects.lock().unwrap().iter() {
        let about = format!("<Size>{}</Size><ETag>x</ETag>", bytes.len());
        write!(xml, "<Contents><Key>{key}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified>{about}</Contents>")
            .unwrap();
    }
    xml + "</ListBucketResult>"
}

async fn multipart(State(inner): State<Arc<Inner>>, Path(key): Path<String>, Query(asked): Asked) -> String {
    let Some(upload) = asked.get("uploadId") else {
        return format!(
            "<InitiateMultipartUploadResult><UploadId>{key}</UploadId></InitiateMultipartUploadResult>"
        );
    };
    let parts = inner.parts.lock().unwrap().remove(upload).unwrap_or_default();
    let whole: Vec<_> = parts.values().map(|part| part.as_ref()).collect();
    let short = whole.iter().rev().skip(1).any(|part| part.len() < 5 << 20);
    assert!(!short, "S3 takes no small parts but the last");
    inner.objects.lock().unwrap().insert(key.clone(), whole.concat().into());
    format!("<CompleteMultipartUploadResult><Key>{key}</Key><ETag>x</ETag></CompleteMultipartUploadResult>")
}

async fn put(
    State(inner): State<Arc<Inner>>,
    Path(key): Path<String>,
    Query(asked): Asked,
    body: Bytes,
) -> Response {
    match (asked.get("uploadId"), asked.get("partNumber")) {
        (Some(upload), Some(number)) => {
            let mut uploads = inner.parts.lock().unwrap();
            uploads.entry(upload.clone()).or_default().insert(number.parse().unwrap(), body);
        }
        _ => drop(inner.objects.lock().unwrap().insert(key, body)),
    }
    [("etag", "x")].into_response()
}

async fn read(State(inner): State<Arc<Inner>>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let Some(bytes) = inner.objects.lock().unwrap().get(&key).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let size = bytes.len();
    let range =
        headers.get("range").and_then(|value| value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'));
    let base = [("etag", "x".to_owned()), ("last-modified", "Wed, 01 Jan 2020 00:00:00 GMT".to_owned())];
    let Some((from, to)) = range else { return (base, bytes).into_response() };
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    let to = to.min(size - 1);
    let range = [("content-range", format!("bytes {from}-{to}/{size}"))];
    (StatusCode::PARTIAL_CONTENT, base, range, bytes.slice(from..=to)).into_response()
}

async fn remove(State(inner): State<Arc<Inner>>, Path(key): Path<String>) -> StatusCode {
    inner.objects.lock().unwrap().remove(&key);
    StatusCode::NO_CONTENT
}
