use weft_domain::Result;
use weft_http::{Client, Settings};

use crate::HttpTransport;

/// Makes a client that may call the loopback, where a laptop has its webhooks.
pub fn loopback_client() -> Result<Client> {
    Ok(Client::new(Settings { allow_private: true, ..Settings::default() })?)
}

/// Makes a transport for webhooks, on the loopback as well.
pub fn webhook_transport() -> Result<HttpTransport> {
    Ok(HttpTransport::new(loopback_client()?, "simulated-webhook"))
}
