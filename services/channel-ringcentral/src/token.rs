use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use secrecy::ExposeSecret as _;
use weft_channel::{AccessToken, ProviderCall, SendError, Transport};

use crate::{Account, api, errors, wire::Token};

/// Gets a token for the JWT. Refresh tokens are single-use and replicas share none, so the JWT is presented again instead.
pub(crate) async fn get(account: &Account, transport: &dyn Transport) -> Result<AccessToken, SendError> {
    let pair = format!("{}:{}", account.client_id, account.client_secret.expose_secret());
    let basic = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|_| SendError::account_invalid("the client id or secret cannot be sent"))?;
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", account.jwt.expose_secret()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let url = api::url(account, &["restapi", "oauth", "token"], &[]);
    let call = ProviderCall::post(url, "auth").form(fields.into()).header(header::AUTHORIZATION, basic);
    let token: Token = api::result(call, transport).await.map_err(|error| match error {
        SendError::Rejected { .. } => SendError::account_invalid(errors::WRONG_JWT),
        other => other,
    })?;
    let holds_for = Duration::from_secs(token.expires_in);
    Ok(AccessToken { value: token.access_token.into(), holds_for })
}
