use std::time::Duration;

use weft_cache::{Cache, Key};
use weft_domain::{TenantId, id::ChannelId};

use super::{core::Core, envelope::digest, live_account::LiveAccount};
use crate::Adapter;

/// Longer than most pauses in a conversation; what is forgotten is answered at the account's own address.
const KEEP: Duration = Duration::from_hours(24 * 90);

/// Where one account's threads are answered, as the provider last said.
pub(crate) struct Routes {
    cache: Cache,
    tenant: TenantId,
    channel: ChannelId,
}

impl Routes {
    pub(crate) async fn of(&self, thread_id: &str) -> Option<String> {
        let route = self.cache.get(&self.key(thread_id)).await?;
        String::from_utf8(route.to_vec()).ok()
    }

    pub(crate) async fn keep(&self, routes: &[(String, String)]) {
        for (thread_id, route) in routes {
            self.cache.set(&self.key(thread_id), route.clone(), KEEP).await;
        }
    }

    fn key(&self, thread_id: &str) -> Key {
        let thread = digest(thread_id.as_bytes());
        Key::tenant(&self.tenant, "channel-route", &[&self.channel.to_string(), &thread])
    }
}

impl<A: Adapter> Core<A> {
    /// The routes of an account's threads.
    pub(crate) fn routes_of(&self, account: &LiveAccount<A::Account>) -> Routes {
        Routes { cache: self.cache.clone(), tenant: account.tenant_id, channel: account.channel_id }
    }
}
