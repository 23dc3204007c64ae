//! The live sockets: one reader of events per process, a ring of the newest, and a position in it for each socket.

mod attendance;
mod catch_up;
mod connection;
mod cursor;
mod end;
mod entry;
mod event_names;
mod follow_events;
mod follow_live;
mod frames;
mod hub;
mod places;
mod ring;
mod session;
mod source;
mod subscriptions;
mod ticket;
mod viewers;

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use weft_auth::Authority;
use weft_bus::Bus;
use weft_cache::Cache;
use weft_domain::{Clock, Result};
use weft_runtime::TaskSet;

pub(crate) use end::End;
pub(crate) use session::{PERMISSION, PROTOCOL, Session};
pub(crate) use ticket::LIFE as TICKET_LIFE;

use crate::{LiveConfig, service::Deps};
use hub::Hub;
use places::Places;

/// A session that was taken back has to be shut out within a second (AU-5).
const LOOK_FOR_REVOKED: Duration = Duration::from_millis(500);

/// What all sockets of this process share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live(Arc<Shared>);

struct Shared {
    bus: Bus,
    cache: Cache,
    authority: Authority,
    clock: Arc<dyn Clock>,
    config: LiveConfig,
    hub: Hub,
    places: Places,
    catch_ups: Arc<Semaphore>,
    /// Cancelled when the process was asked to stop.
    leaving: CancellationToken,
    /// Where sockets run, so that stopping waits for them.
    tasks: TaskSet,
}

impl Live {
    pub(crate) fn new(deps: &Deps) -> Self {
        let config = deps.config.live.clone();
        Self(Arc::new(Shared {
            bus: deps.bus.clone(),
            cache: deps.cache.clone(),
            authority: deps.authority.clone(),
            clock: Arc::clone(&deps.clock),
            hub: Hub::new(&config),
            places: Places::new(&config),
            catch_ups: Arc::new(Semaphore::new(config.catch_ups)),
            leaving: deps.lifecycle.stopping(),
            tasks: deps.lifecycle.intake().clone(),
            config,
        }))
    }

    /// Starts to follow the bus.
    pub(crate) fn start(&self) {
        let Self(shared) = self;
        let tasks = &shared.tasks;
        tasks.spawn_critical("follow events", follow_events::run(Arc::clone(shared), tasks.stop_token()));
        tasks.spawn_critical("follow live", follow_live::run(Arc::clone(shared), tasks.stop_token()));
        let swept = Arc::clone(shared);
        tasks.every("end revoked sockets", LOOK_FOR_REVOKED, tasks.stop_token(), move || {
            swept.places.end_revoked(swept.authority.revocations());
            swept.hub.forget_idle();
            std::future::ready(())
        });
    }

    /// Makes a ticket that opens one socket for this caller.
    pub(crate) async fn make_ticket(&self, caller: &weft_auth::Principal) -> Result<String> {
        ticket::make(&self.0.cache, caller).await
    }

    /// The caller a ticket was made for; it works once.
    pub(crate) async fn take_ticket(&self, text: &str) -> Result<weft_auth::Principal> {
        ticket::take(&self.0, text).await
    }

    /// A socket's session, if there is room for it.
    pub(crate) fn session(&self, caller: weft_auth::Principal) -> Result<Session> {
        Session::new(Arc::clone(&self.0), caller)
    }
}
