use std::time::{Duration, Instant};

use http::HeaderMap;
use reqwest::RequestBuilder;

use crate::{Error, Refusal, Request, body::Body, guard::Guard, redirect};

/// Sends a request and follows redirects as far as it allows; every hop passes the guard.
pub(crate) async fn exchange(
    client: &reqwest::Client,
    guard: &Guard,
    request: Request,
    timeout: Duration,
) -> Result<reqwest::Response, Error> {
    let end = Instant::now() + timeout;
    let Request { method, url, mut headers, mut body, mut redirects, inject_trace, fault, .. } = request;
    if let Some(fault) = fault {
        return Err(Error::Invalid(fault));
    }
    let mut url = url.ok_or_else(|| Error::Invalid("no URL".to_owned()))?;
    if let Some(inject) = inject_trace {
        inject(&mut headers);
    }
    let follows = redirects > 0;
    loop {
        guard.check_url(&url)?;
        let left = end.saturating_duration_since(Instant::now());
        let call = client.request(method.clone(), url.clone()).timeout(left);
        let answer = with_body(call, &headers, std::mem::take(&mut body))?.send().await?;
        if !follows {
            return Ok(answer);
        }
        let Some(next) = redirect::target(&method, &url, answer.status(), answer.headers())? else {
            return Ok(answer);
        };
        redirects = redirects.checked_sub(1).ok_or(Refusal::Redirects)?;
        redirect::strip_secrets(&mut headers, &url, &next);
        url = next;
    }
}

fn with_body(call: RequestBuilder, headers: &HeaderMap, body: Body) -> Result<RequestBuilder, Error> {
    let call = call.headers(headers.clone());
    Ok(match body {
        Body::None => call,
        Body::Bytes(bytes) => call.body(bytes),
        Body::Multipart(multipart) => call.multipart(multipart.into_form().map_err(Error::Invalid)?),
    })
}
