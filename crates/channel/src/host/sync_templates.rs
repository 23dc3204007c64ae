use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backon::Retryable as _;
use chrono::{DateTime, Utc};
use tokio::time::timeout;
use tracing::Instrument as _;
use weft_bus::Event;
use weft_cache::Key;
use weft_domain::{
    Result,
    id::{self, ChannelId},
};
use weft_proto::{
    convert::timestamp,
    directory::v1::{ChannelTemplate, KeepTemplatesRequest},
    events::v1::ChannelTemplatesRequested,
    json,
};

use super::{backoff, channel_log::Ended, core::Core, live_account::LiveAccount};
use crate::{Adapter, ContentKind, Retry, SendError};

/// For all pages of one list.
const PATIENCE: Duration = Duration::from_secs(120);
const ATTEMPTS: usize = 3;
/// As many as one call to the directory holds with room to spare.
const TOGETHER: usize = 500;
/// Longer than replicas are apart in hearing of one event.
const REMEMBER: Duration = Duration::from_secs(600);

/// The channels whose templates are being listed here, and whether that has to be done once more.
#[derive(Default)]
pub(crate) struct TemplateSyncs(Mutex<HashMap<ChannelId, bool>>);

impl TemplateSyncs {
    /// Whether to begin; if one is under way, another will follow it.
    fn begin(&self, channel: ChannelId) -> bool {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.insert(channel, true).is_none()
    }

    /// Whether it has been asked for since the last time.
    fn is_wanted(&self, channel: &ChannelId) -> bool {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = under_way.get_mut(channel).is_some_and(std::mem::take);
        if !wanted {
            under_way.remove(channel);
        }
        wanted
    }
}

impl<A: Adapter> Core<A> {
    /// The events by which people ask for templates, where the provider has any.
    pub(crate) fn template_requests(&self) -> Option<String> {
        let has_any = self.descriptor.capabilities.takes(ContentKind::Template);
        has_any.then(|| "weft.events.*.channel_templates.requested".to_owned())
    }

    /// Lists a channel's templates, if the event asks for that; of all replicas one does.
    pub(crate) async fn hear_template_request(self: &Arc<Self>, event: &Event) {
        let Ok(asked) = json::decode::<ChannelTemplatesRequested>(&event.data) else { return };
        let Ok(channel) = id::parse_lookup(&asked.channel_id) else { return };
        if asked.channel_kind != self.descriptor.kind {
            return;
        }
        let key = Key::global("templates-asked", &[&event.id]);
        // without the cache nobody knows of the others; listing twice does no harm
        if self.cache.add(&key, self.replica.clone(), REMEMBER).await.unwrap_or(true) {
            self.sync_templates(channel);
        }
    }

    /// Asks the provider for the channel's templates in the background, and has the directory keep them.
    pub(crate) fn sync_templates(self: &Arc<Self>, channel: ChannelId) {
        if !self.descriptor.capabilities.takes(ContentKind::Template) || !self.template_syncs.begin(channel) {
            return;
        }
        let core = Arc::clone(self);
        let stop = self.lifecycle.work().stop_token();
        let sync = async move {
            while core.template_syncs.is_wanted(&channel) {
                let once = Box::pin(core.sync_once(channel));
                if let Some(Err(error)) = stop.run_until_cancelled(once).await {
                    tracing::warn!(%error, channel.id = %channel, "a channel's templates were not kept");
                }
            }
        };
        self.lifecycle.work().spawn("sync templates", sync.in_current_span());
    }

    async fn sync_once(&self, channel: ChannelId) -> Result<()> {
        let account = self.accounts.get(&channel).await?;
        let asked_at = self.clock.now();
        let ask = || self.list_templates(&account);
        let listed = ask
            .retry(backoff::few_times(ATTEMPTS))
            .when(|error| error.clone().of_repeatable().retry() != Retry::Never)
            .await;
        match listed {
            Ok(templates) => self.keep_templates(channel, asked_at, templates).await,
            Err(error) => {
                tracing::info!(channel.id = %channel, why = %error, "a channel's templates cannot be listed");
                let fault = error.to_string();
                self.tell_templates(KeepTemplatesRequest { fault, last: true, ..blank(channel, asked_at) })
                    .await
            }
        }
    }

    async fn list_templates(
        &self,
        account: &LiveAccount<A::Account>,
    ) -> Result<Vec<ChannelTemplate>, SendError> {
        let transport = self.transport(account, "templates");
        let list = Box::pin(self.adapter.templates(&account.settings, &transport));
        let listed = timeout(PATIENCE, list).await;
        let listed = listed.unwrap_or_else(|_| Err(SendError::unreachable("it did not answer in time")));
        transport.inner().ended(listed.as_ref().map_or_else(Ended::Sending, |_| Ended::Well));
        listed
    }

    async fn keep_templates(
        &self,
        channel: ChannelId,
        asked_at: DateTime<Utc>,
        templates: Vec<ChannelTemplate>,
    ) -> Result<()> {
        for page in templates.chunks(TOGETHER) {
            self.tell_templates(KeepTemplatesRequest {
                templates: page.to_vec(),
                ..blank(channel, asked_at)
            })
            .await?;
        }
        self.tell_templates(KeepTemplatesRequest { last: true, ..blank(channel, asked_at) }).await
    }

    async fn tell_templates(&self, request: KeepTemplatesRequest) -> Result<()> {
        let keep = || self.directory.keep_templates(request.clone());
        keep.retry(backoff::for_ever()).when(|error| error.code().is_transient()).await
    }
}

fn blank(channel: ChannelId, asked_at: DateTime<Utc>) -> KeepTemplatesRequest {
    KeepTemplatesRequest {
        channel_id: channel.to_string(),
        asked_at: Some(timestamp(asked_at)),
        ..KeepTemplatesRequest::default()
    }
}
