//! What each service is handed of what a process has.

use std::sync::Arc;

use weft_cache::Cache;
use weft_channel::{Adapter, Host, HostDeps};
use weft_domain::{Error, Result};
use weft_store::Store;

use super::{Mounted, Parts};

impl Parts {
    fn store(&self) -> Result<Store> {
        self.store.clone().ok_or_else(|| Error::internal("this service has a database"))
    }

    fn cache(&self) -> Result<Cache> {
        self.cache.clone().ok_or_else(|| Error::internal("its place does not say that it asks the cache"))
    }
}

pub(super) async fn directory(parts: Parts) -> Result<Mounted> {
    let deps = weft_directory::Deps {
        store: parts.store()?,
        cache: parts.cache()?,
        bus: parts.bus,
        authority: parts.authority,
        kek: parts.kek,
        config: parts.settings.directory.clone(),
        clock: parts.clock,
        lifecycle: parts.lifecycle,
    };
    let started = weft_directory::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn media(parts: Parts) -> Result<Mounted> {
    let deps = weft_media::Deps {
        store: parts.store()?,
        bus: parts.bus,
        authority: parts.authority,
        channels: parts.channels,
        config: parts.settings.media.clone(),
        clock: parts.clock,
        lifecycle: parts.lifecycle,
        link_key: parts.kek.mac_key("media links"),
        worker: weft_program().map(weft_media::Worker::new),
    };
    let started = weft_media::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: Some(started.http) })
}

/// Where this program is, if it is `weft`: others, like tests, know nothing of workers.
fn weft_program() -> Option<std::path::PathBuf> {
    let program = std::env::current_exe().ok()?;
    (program.file_stem()? == "weft").then_some(program)
}

pub(super) async fn conversation(parts: Parts) -> Result<Mounted> {
    let deps = weft_conversation::Deps {
        store: parts.store()?,
        bus: parts.bus,
        authority: parts.authority,
        channels: parts.channels,
        config: parts.settings.conversation.clone(),
        lifecycle: parts.lifecycle,
    };
    let started = weft_conversation::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn analytics(parts: Parts) -> Result<Mounted> {
    let deps = weft_analytics::Deps {
        store: parts.store()?,
        bus: parts.bus,
        config: parts.settings.analytics.clone(),
        lifecycle: parts.lifecycle,
    };
    let started = weft_analytics::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn automation(parts: Parts) -> Result<Mounted> {
    let deps = weft_automation::Deps {
        store: parts.store()?,
        bus: parts.bus,
        authority: parts.authority,
        channels: parts.channels,
        config: parts.settings.automation.clone(),
        lifecycle: parts.lifecycle,
    };
    let started = weft_automation::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn compliance(parts: Parts) -> Result<Mounted> {
    let deps = weft_compliance::Deps {
        store: parts.store()?,
        bus: parts.bus,
        kek: parts.kek,
        config: parts.settings.compliance.clone(),
        lifecycle: parts.lifecycle,
    };
    let started = weft_compliance::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn dead_letters(parts: Parts) -> Result<Mounted> {
    let deps = weft_dead_letters::Deps {
        store: parts.store()?,
        bus: parts.bus,
        config: parts.settings.dead_letters.clone(),
        lifecycle: parts.lifecycle,
    };
    let started = weft_dead_letters::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn voice(parts: Parts) -> Result<Mounted> {
    let deps = weft_voice::Deps {
        store: parts.store()?,
        http: http(&parts)?,
        bus: parts.bus,
        authority: parts.authority,
        channels: parts.channels,
        config: parts.settings.voice.clone(),
        clock: parts.clock,
        lifecycle: parts.lifecycle,
    };
    let started = weft_voice::start(deps).await?;
    Ok(Mounted { grpc: Some(started.grpc), http: None })
}

pub(super) async fn channel<A: Adapter>(parts: Parts, adapter: A) -> Result<Mounted> {
    let host = Host::start(adapter, host_deps(parts)?).await?;
    Ok(Mounted { grpc: None, http: Some(host.router()) })
}

pub(super) async fn email(parts: Parts) -> Result<Mounted> {
    let adapter = weft_channel_email::Email::new(parts.store()?, Arc::clone(&parts.clock));
    channel(parts, adapter).await
}

pub(super) async fn webchat(parts: Parts) -> Result<Mounted> {
    let config = parts.settings.webchat.clone();
    let host = host_deps(parts)?;
    let deps = weft_channel_webchat::Deps {
        bus: host.bus,
        channels: host.channels,
        authority: host.authority,
        http: host.http,
        cache: host.cache,
        clock: host.clock,
        lifecycle: host.lifecycle,
        host: host.config,
        config,
    };
    let started = weft_channel_webchat::start(deps).await?;
    Ok(Mounted { grpc: None, http: Some(started.http) })
}

pub(super) async fn gateway(parts: Parts) -> Result<Mounted> {
    let deps = weft_gateway::Deps {
        cache: parts.cache()?,
        bus: parts.bus,
        authority: parts.authority,
        channels: parts.channels,
        config: parts.settings.gateway.clone(),
        clock: parts.clock,
        lifecycle: parts.lifecycle,
    };
    let started = weft_gateway::start(deps).await?;
    Ok(Mounted { grpc: None, http: Some(started.http) })
}

fn http(parts: &Parts) -> Result<weft_http::Client> {
    let settings = weft_http::Settings {
        allow_private: parts.settings.http.allow_private,
        ..weft_http::Settings::default()
    };
    weft_http::Client::new(settings).map_err(Error::internal)
}

fn host_deps(parts: Parts) -> Result<HostDeps> {
    Ok(HostDeps {
        http: http(&parts)?,
        cache: parts.cache()?,
        bus: parts.bus,
        channels: parts.channels,
        authority: parts.authority,
        clock: parts.clock,
        lifecycle: parts.lifecycle,
        config: parts.settings.host_config(parts.listen),
    })
}
