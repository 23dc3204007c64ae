//! Whether somebody of ours is there.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use weft_cache::{Cache, Key};
use weft_channel::LiveAccount;
use weft_domain::TenantId;
use weft_proto::automation::v1::{GetStaffingRequest, GetStaffingResponse, staffing_client::StaffingClient};
use weft_rpc::Client;

use crate::{Account, hours};

/// Sockets and pages ask often, and people do not come and go that fast.
const KEEP: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(2);

/// The automation service, as far as visitors may know of it.
#[derive(Clone)]
pub(crate) struct Desk {
    staffing: StaffingClient<Client>,
    cache: Cache,
}

/// What agents say of themselves, all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Agents {
    /// At least one is available.
    Available,
    /// Somebody will be back soon.
    Away,
    /// Nobody is at work.
    Offline,
    /// We cannot tell at the moment.
    Unknown,
}

/// What a visitor may expect now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Presence {
    pub(crate) agents: Agents,
    /// It is business hours.
    pub(crate) open: bool,
    /// An answer may come soon; else the chat takes messages for later.
    pub(crate) answering: bool,
}

impl Desk {
    pub(crate) fn new(client: Client, cache: Cache) -> Self {
        Self { staffing: StaffingClient::new(client), cache }
    }

    /// Whether a channel is attended now.
    pub(crate) async fn presence(&self, account: &Arc<LiveAccount<Account>>, now: DateTime<Utc>) -> Presence {
        let settings = &account.settings;
        let open = hours::are_open(&settings.business_hours, &settings.time_zone, now);
        let agents = self.agents(&account.tenant_id).await;
        let missed = settings.closed_without_agents && matches!(agents, Agents::Away | Agents::Offline);
        Presence { agents, open, answering: open && !missed }
    }

    async fn agents(&self, tenant: &TenantId) -> Agents {
        let key = Key::tenant(tenant, "webchat-agents", &[]);
        if let Some(known) = self.cache.get(&key).await.and_then(|word| Agents::read(&word)) {
            return known;
        }
        let mut request = tonic::Request::new(GetStaffingRequest { tenant_id: tenant.to_string() });
        request.set_timeout(PATIENCE);
        let agents = match self.staffing.clone().get_staffing(request).await {
            Ok(answer) => Agents::of(answer.get_ref()),
            Err(status) => {
                tracing::debug!(%status, "nobody says who is available");
                Agents::Unknown
            }
        };
        self.cache.set(&key, agents.word(), KEEP).await;
        agents
    }
}

impl Agents {
    fn of(staffing: &GetStaffingResponse) -> Self {
        match (staffing.available, staffing.away) {
            (0, 0) => Self::Offline,
            (0, _) => Self::Away,
            _ => Self::Available,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Away => "away",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }

    fn read(word: &[u8]) -> Option<Self> {
        let all = [Self::Available, Self::Away, Self::Offline, Self::Unknown];
        all.into_iter().find(|agents| agents.word().as_bytes() == word)
    }
}
