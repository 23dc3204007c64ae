use std::borrow::Cow;

use http::{HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use url::Url;
use weft_channel::{ProviderCall, SendError, Transport};
use weft_crypto::sign::hmac_sha256;

use crate::{Refusal, refusal::explain};

/// The graph as one token opens it.
#[derive(Clone, Debug)]
pub struct Access<'a> {
    /// Where it is.
    pub base: Cow<'a, Url>,
    /// Like `v25.0`.
    pub version: &'a str,
    /// Whoever calls.
    pub token: &'a SecretString,
    /// The app's secret, where the app demands a proof that the token is used by itself.
    pub proof: Option<&'a SecretString>,
}

impl Access<'_> {
    /// The address of a node, or of one of its edges.
    pub fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone().into_owned();
        // cannot fail: `fields::is_base` lets only web addresses pass
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(self.version).extend(path);
        }
        if let Some(secret) = self.proof {
            let mac =
                hmac_sha256(secret.expose_secret().as_bytes(), &[self.token.expose_secret().as_bytes()]);
            url.query_pairs_mut().append_pair("appsecret_proof", &hex::encode(mac));
        }
        url
    }

    /// What proves who calls.
    pub fn bearer(&self) -> Result<HeaderValue, SendError> {
        HeaderValue::from_str(&format!("Bearer {}", self.token.expose_secret())).map_err(|_| {
            SendError::account_invalid("the access token has characters that a header cannot carry")
        })
    }

    /// A question about a node.
    pub fn get(&self, path: &[&str], class: &'static str) -> Result<ProviderCall, SendError> {
        Ok(ProviderCall::get(self.url(path), class).header(header::AUTHORIZATION, self.bearer()?))
    }

    /// A deed; its parameters are still to be added.
    pub fn post(&self, path: &[&str], class: &'static str) -> Result<ProviderCall, SendError> {
        Ok(ProviderCall::post(self.url(path), class).header(header::AUTHORIZATION, self.bearer()?))
    }
}

/// Makes a call and reads its answer; `meaning` knows the codes.
pub async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
    meaning: impl FnOnce(&Refusal) -> Option<SendError>,
) -> Result<T, SendError> {
    let reply = transport.call(call).await?;
    if !reply.status.is_success() {
        return Err(explain(&reply, meaning));
    }
    reply.json()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_base_and_stay_inside_it() {
        let (base, token) = (Url::parse("https://example.com/graph/").unwrap(), "EAAExample".into());
        let access = Access { base: Cow::Borrowed(&base), version: "v25.0", token: &token, proof: None };
        assert_eq!(access.url(&["2", "messages"]).as_str(), "https://example.com/graph/v25.0/2/messages");
        assert_eq!(access.url(&["../x?y"]).as_str(), "https://example.com/graph/v25.0/..%2Fx%3Fy");
    }

    #[test]
    fn the_proof_is_that_of_the_published_vector() {
        // RFC 4231, test case 2
        let (base, secret) = (Url::parse("https://example.com").unwrap(), "Jefe".into());
        let token = "what do ya want for nothing?".into();
        let access =
            Access { base: Cow::Borrowed(&base), version: "v25.0", token: &token, proof: Some(&secret) };
        let query = "appsecret_proof=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(access.url(&["me"]).query(), Some(query));
    }
}
