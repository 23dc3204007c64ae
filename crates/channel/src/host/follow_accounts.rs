use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval, sleep};
use weft_bus::{Event, Stream};
use weft_domain::{
    Result,
    id::{self, ChannelId},
};
use weft_proto::{directory::v1::Account, directory::v1::health::Status, events::v1::ChannelUpdated, json};

use super::{account_cache::Absent, core::Core, live_account::LiveAccount};
use crate::Adapter;

/// Events may be missed; a list cannot lie for longer than this.
const LIST_EVERY: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_secs(1);

/// Keeps sessions and cache in step with the directory until the process stops.
pub(crate) async fn follow_accounts<A: Adapter>(core: Arc<Core<A>>) {
    let stop = core.lifecycle.intake().stop_token();
    let following = async {
        loop {
            if let Err(error) = Box::pin(core.follow()).await {
                let kind = core.descriptor.kind;
                tracing::info!(channel.kind = kind, %error, "channels cannot be followed yet; trying again");
            }
            sleep(AGAIN).await;
        }
    };
    // ends only with the token
    if let Some(never) = stop.run_until_cancelled(following).await {
        never
    }
}

impl<A: Adapter> Core<A> {
    /// Follows until the bus or the directory gives out. Reading begins before listing, so that nothing falls between.
    async fn follow(self: &Arc<Self>) -> Result<()> {
        let cursor = self.bus.last_cursor(Stream::Events).await?;
        let mut filters = vec!["weft.events.*.channel.*".to_owned()];
        filters.extend(self.template_requests());
        let mut reader = self.bus.read_from(Stream::Events, Some(cursor), filters).await?;
        let mut ticks = interval(LIST_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unread = BTreeSet::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => self.list().await?,
                next = reader.next() => match next? {
                    Some((_, event)) => {
                        self.hear_template_request(&event).await;
                        unread.extend(self.channel_of(&event));
                    }
                    None => return Ok(()),
                },
                () = sleep(AGAIN), if !unread.is_empty() => {}
            }
            let mut again = BTreeSet::new();
            for channel in std::mem::take(&mut unread) {
                if !self.look_at(channel).await {
                    again.insert(channel);
                }
            }
            unread = again;
        }
    }

    /// The channel an event is about, if it is of our kind.
    fn channel_of(&self, event: &Event) -> Option<ChannelId> {
        // created, updated and deleted have the same shape
        let changed: ChannelUpdated = json::decode(&event.data).ok()?;
        let channel = changed.channel.filter(|channel| channel.kind == self.descriptor.kind)?;
        id::parse_lookup(&channel.id).ok()
    }

    /// Compares all sessions with the directory's list.
    pub(crate) async fn list(self: &Arc<Self>) -> Result<()> {
        let accounts = self.directory.accounts(self.descriptor.kind).await?;
        let mut listed = BTreeSet::new();
        for account in accounts {
            let Ok(channel) = id::parse_lookup(&account.channel_id) else { continue };
            listed.insert(channel);
            self.take_up(channel, &account).await;
        }
        for channel in self.sessions.all() {
            if !listed.contains(&channel) {
                self.accounts.forget(&channel).await;
                self.let_go(&channel);
            }
        }
        self.addresses.complete();
        Ok(())
    }

    /// Looks after a channel no longer; false when nobody did.
    fn let_go(&self, channel: &ChannelId) -> bool {
        self.addresses.remove(channel);
        self.sessions.end(channel)
    }

    async fn take_up(self: &Arc<Self>, channel: ChannelId, account: &Account) {
        match LiveAccount::read(account, &self.config, &self.keys) {
            Ok(live) => self.connect_anew(Arc::new(live)),
            Err(error) => {
                self.let_go(&channel);
                self.report_broken(&channel, &error.to_string()).await;
            }
        }
    }

    /// Reads a channel anew; false when the directory does not answer.
    async fn look_at(self: &Arc<Self>, channel: ChannelId) -> bool {
        match self.accounts.refresh(&channel).await {
            Err(Absent::Unavailable(_)) => return false,
            Err(Absent::Gone) => drop(self.let_go(&channel)),
            Err(Absent::Broken(why)) => {
                if self.let_go(&channel) {
                    self.report_broken(&channel, &why).await;
                }
            }
            Ok(account) if account.enabled => self.connect_anew(account),
            Ok(account) => {
                if self.let_go(&channel) {
                    self.report_health(&account, Status::Disabled, "").await;
                }
            }
        }
        true
    }

    async fn report_broken(&self, channel: &ChannelId, why: &str) {
        if let Err(error) = self.directory.report(channel, Status::Failed, why).await {
            tracing::warn!(%error, channel.id = %channel, "an account's health could not be noted");
        }
    }
}
