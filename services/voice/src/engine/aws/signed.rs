use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use secrecy::ExposeSecret;
use weft_domain::{Clock, Error, Result};
use weft_http::{HeaderName, Method, Request, header};

use crate::config::Aws;

/// Signs calls (Signature Version 4).
pub(super) struct Signer {
    credentials: Credentials,
    region: String,
    clock: Arc<dyn Clock>,
}

/// A call to be signed.
pub(super) struct Call {
    /// The service's name in signatures.
    pub(super) service: &'static str,
    pub(super) method: Method,
    pub(super) url: String,
    /// The type of the body.
    pub(super) kind: &'static str,
    /// The action, where that is not in the path.
    pub(super) target: Option<String>,
}

impl Signer {
    pub(super) fn new(config: &Aws, clock: Arc<dyn Clock>) -> Self {
        let session = config.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        let (id, secret) = (config.access_key_id.expose_secret(), config.secret_access_key.expose_secret());
        let credentials = Credentials::new(id, secret, session, None, "weft");
        Self { credentials, region: config.region.clone(), clock }
    }

    /// The call as it goes out.
    pub(super) fn sign(&self, call: Call, body: Bytes) -> Result<Request> {
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(call.service)
            .time(self.clock.now().into())
            .settings(settings(call.service))
            .build()
            .map_err(Error::internal)?;
        let mut headers = vec![("content-type", call.kind)];
        headers.extend(call.target.as_deref().map(|target| ("x-amz-target", target)));
        let signable = SignableRequest::new(
            call.method.as_str(),
            &call.url,
            headers.iter().copied(),
            SignableBody::Bytes(&body),
        );
        let signed = sign(signable.map_err(Error::internal)?, &params.into()).map_err(Error::internal)?;
        let (instructions, _signature) = signed.into_parts();
        let mut request = Request::new(call.method, &call.url).template(call.service).bytes(call.kind, body);
        if let Some(target) = &call.target {
            request = request.header(HeaderName::from_static("x-amz-target"), target);
        }
        for (name, value) in instructions.headers() {
            let name = HeaderName::try_from(name).map_err(Error::internal)?;
            request = match name {
                header::AUTHORIZATION => request.secret_header(name, value),
                name => request.header(name, value),
            };
        }
        Ok(request)
    }
}

/// The bucket's paths are signed as they are, and it wants the body's digest in a header.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}
