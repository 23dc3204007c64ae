use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, ensure};
use weft_http::{Client, Request};

use super::{Common, print, run::ADMIN};

/// Asks the process that is set up like this one whether it takes work: for a container's health check, which has no shell.
pub(crate) async fn run(common: &Common) -> anyhow::Result<()> {
    let address = reachable(common.settings()?.run.admin_listen.unwrap_or(ADMIN));
    let settings = weft_http::Settings {
        allow_private: true,
        timeout: Duration::from_secs(2),
        ..weft_http::Settings::default()
    };
    let ask = Request::get(&format!("http://{address}/readyz")).host_class("weft");
    let answer =
        Client::new(settings)?.send(ask).await.with_context(|| format!("{address} does not answer"))?;
    ensure!(answer.status.is_success(), "not ready: {}", String::from_utf8_lossy(&answer.body));
    print::line("ready");
    Ok(())
}

/// Where one calls who listens everywhere.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
