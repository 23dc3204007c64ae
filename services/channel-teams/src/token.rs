use std::time::Duration;

use secrecy::ExposeSecret as _;
use weft_channel::{AccessToken, ProviderCall, SendError, Transport};

use crate::{
    Account,
    wire::{Token, TokenRefused},
};

/// Where bots of no tenant are known.
const ALL_TENANTS: &str = "botframework.com";

/// Gets a token for the app's id and secret.
pub(crate) async fn get(account: &Account, transport: &dyn Transport) -> Result<AccessToken, SendError> {
    let mut url = account.login_base.clone();
    let tenant = account.tenant_id.as_deref().unwrap_or(ALL_TENANTS);
    // cannot fail: `validate` lets only web addresses pass
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend([tenant, "oauth2", "v2.0", "token"]);
    }
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &account.app_id),
        ("client_secret", account.app_secret.expose_secret()),
        ("scope", &format!("{}/.default", account.issuer)),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reply = transport.call(ProviderCall::post(url, "token").form(fields.into())).await?;
    if reply.status.is_success() {
        let token: Token = reply.json()?;
        let holds_for = Duration::from_secs(token.expires_in);
        return Ok(AccessToken { value: token.access_token.into(), holds_for });
    }
    let refused: Option<TokenRefused> = reply.json().ok();
    Err(match refused.as_ref().map(|refused| refused.error.as_str()) {
        Some("invalid_client") => SendError::account_invalid("Microsoft does not accept the client secret"),
        Some("unauthorized_client") => {
            SendError::account_invalid("Microsoft does not know the app in this tenant")
        }
        Some("invalid_request" | "invalid_tenant" | "invalid_scope" | "invalid_grant") => {
            SendError::account_invalid("Microsoft does not take the app's id or tenant")
        }
        Some("temporarily_unavailable") => SendError::unreachable("Microsoft gives no tokens just now"),
        _ => reply.error_of_status(),
    })
}
