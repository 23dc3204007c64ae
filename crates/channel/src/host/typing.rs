use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::time::{sleep, timeout};
use weft_cache::Key;
use weft_domain::{Result, id};

use super::{core::Core, envelope::digest};
use crate::Adapter;

/// Providers show it for about five seconds.
const EVERY: Duration = Duration::from_secs(4);
/// Whoever took the contact's last message in knows what the sign may have to hang on.
const HEAD_START: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody of ours is typing.
#[derive(Deserialize)]
struct TypingOut {
    tenant_id: String,
    channel_id: String,
    thread_id: String,
}

impl<A: Adapter> Core<A> {
    /// Shows contacts that somebody is typing; worth nothing a second later, so nothing is tried twice.
    pub(crate) async fn follow_typing(self: Arc<Self>) -> Result<()> {
        let kind = self.descriptor.kind;
        let mut live = self.bus.subscribe_live(&format!("weft.live.*.typing_out.{kind}")).await?;
        let stop = self.lifecycle.intake().stop_token();
        while let Some(Some((_, body))) = stop.run_until_cancelled(live.next()).await {
            let Ok(typing) = serde_json::from_slice::<TypingOut>(&body) else { continue };
            let Ok(permit) = Arc::clone(&self.side_calls).try_acquire_owned() else { continue };
            let core = Arc::clone(&self);
            self.lifecycle.work().spawn("show typing once", async move {
                if let Err(error) = core.show_typing(&typing).await {
                    tracing::debug!(%error, "typing was not shown");
                }
                drop(permit);
            });
        }
        Ok(())
    }

    async fn show_typing(&self, typing: &TypingOut) -> Result<()> {
        let channel = id::parse_lookup(&typing.channel_id)?;
        let account = self.accounts.get(&channel).await?;
        if !account.enabled || account.tenant_id.to_string() != typing.tenant_id {
            return Ok(());
        }
        let last = self.last_messages.of(&channel, &typing.thread_id);
        if last.is_none() {
            sleep(HEAD_START).await;
        }
        let thread = digest(typing.thread_id.as_bytes());
        let key = Key::tenant(&account.tenant_id, "typing-out", &[&typing.channel_id, &thread]);
        // every replica hears of it, one shows it
        if !self.cache.add(&key, self.replica.clone(), EVERY).await? {
            return Ok(());
        }
        let transport = self.transport(&account, "typing");
        let show =
            self.adapter.typing_after(&account.settings, &typing.thread_id, last.as_deref(), &transport);
        let shown = timeout(PATIENCE, Box::pin(show)).await;
        if let Ok(Err(error)) = shown {
            tracing::debug!(%error, "typing was not shown");
        }
        Ok(())
    }
}
