use std::net::{IpAddr, Ipv6Addr};

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{AccountSettings, schemas};

/// Whether the provider runs on this machine or network, so that it reaches us where we listen.
pub(crate) fn is_near<S: AccountSettings>(settings: &Map<String, Value>) -> bool {
    let given = settings.get("api_base").and_then(Value::as_str).map(str::to_owned);
    let base = given.or_else(default_of::<S>);
    base.and_then(|base| Url::parse(&base).ok()).is_some_and(|url| is_near_host(url.host()))
}

fn default_of<S: AccountSettings>() -> Option<String> {
    let schema = schemas::<S>().settings;
    schema.pointer("/properties/api_base/default")?.as_str().map(str::to_owned)
}

fn is_near_host(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => is_near_address(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_near_address(IpAddr::V6(address)),
        None => false,
    }
}

fn is_near_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST || v6.is_unique_local(),
    }
}
