use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::net::TcpStream;
use weft_http::{Client, Error, Multipart, Request};

use crate::{
    Dial, Download, Part, PartContent, ProviderBody, ProviderCall, ProviderReply, Transport, TransportError,
};

/// Files are often handed out by another host than the one asked.
const DOWNLOAD_REDIRECTS: u32 = 3;

/// The transport over the network.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client,
    host_class: &'static str,
}

impl HttpTransport {
    /// Makes a transport; `host_class` is what metrics call the provider.
    pub fn new(client: Client, host_class: &'static str) -> Self {
        Self { client, host_class }
    }

    fn request(&self, call: ProviderCall) -> Result<Request, TransportError> {
        let mut request = Request::new(call.method, call.url.as_str())
            .timeout(call.timeout)
            .host_class(self.host_class)
            .template(call.endpoint_class);
        for (name, value) in &call.headers {
            let text = value.to_str().map_err(|_| refused(format!("the value of header {name}")))?;
            request = request.secret_header(name.clone(), text);
        }
        Ok(match call.body {
            ProviderBody::Empty => request,
            ProviderBody::Json(value) => request.json(&value),
            ProviderBody::Form(fields) => request.form(fields),
            ProviderBody::Multipart(parts) => request.multipart(multipart(parts)),
            ProviderBody::Bytes(mime, bytes) => request.bytes(&mime, bytes),
        })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        let answer = self.client.send(self.request(call)?).await.map_err(transport_error)?;
        Ok(ProviderReply { status: answer.status, headers: answer.headers, body: answer.body })
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        let request = self.request(call)?.max_body(max_bytes).follow_redirects(DOWNLOAD_REDIRECTS);
        let answer = self.client.download(request).await.map_err(transport_error)?;
        let (status, headers) = (answer.status, answer.headers.clone());
        let body = answer.into_stream().map_err(transport_error).boxed();
        Ok(Download { status, headers, body })
    }

    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        self.client.dial(&to.host, to.port, to.ports).await.map_err(transport_error)
    }
}

fn multipart(parts: Vec<Part>) -> Multipart {
    parts.into_iter().fold(Multipart::new(), |form, part| match part.content {
        PartContent::Text(value) => form.text(&part.name, value),
        PartContent::File { name, mime, bytes } => form.file(&part.name, &name, &mime, bytes),
    })
}

fn refused(why: impl Into<String>) -> TransportError {
    TransportError::Refused { why: why.into() }
}

fn transport_error(error: Error) -> TransportError {
    match error {
        Error::Refused(refusal) => refused(refusal.to_string()),
        Error::Invalid(why) => refused(why),
        Error::Unreachable(_) => {
            TransportError::Unreachable { why: "the provider does not answer".to_owned() }
        }
        Error::Interrupted(_) => TransportError::Interrupted {
            why: "the connection ended before the provider's answer".to_owned(),
        },
        Error::TooLarge { .. } => TransportError::TooLarge,
        Error::Unreadable(why) => TransportError::Interrupted { why },
    }
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTransport").field("host_class", &self.host_class).finish_non_exhaustive()
    }
}
