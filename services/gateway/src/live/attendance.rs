//! Whether people of ours are there. Kept in the cache, and said again while a socket is open: what is lost comes back by itself, and
//! who says nothing any more is gone within a minute.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize, Serializer};
use weft_auth::{Principal, Subject};
use weft_bus::subject;
use weft_cache::Key;
use weft_domain::{
    Error, Result,
    id::{self, UserId},
};
use weft_proto::{
    convert::timestamp,
    events::v1::{AttendanceSeen, attendance_seen},
    json,
};

use super::Shared;

/// Whose socket does not say it again is gone.
const LIFE: TimeDelta = TimeDelta::seconds(60);
/// For so long it is known when somebody was last there.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// So many people are asked for at once.
const MOST: usize = 100;

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Attendance {
    /// At one of their windows.
    Online,
    /// All their windows are open, and nobody is at them.
    Away,
    /// No window is open.
    Offline,
}

/// Somebody, and whether they are there.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Person {
    /// The user's id.
    who: String,
    state: Attendance,
    /// When they were last there; none: they are, or it was too long ago.
    #[serde(serialize_with = "rfc3339")]
    last_seen_at: Option<DateTime<Utc>>,
}

/// What is kept of somebody.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    sockets: BTreeMap<String, Here>,
    told: Option<Attendance>,
    seen_at: Option<DateTime<Utc>>,
}

/// A socket of theirs.
#[derive(Serialize, Deserialize)]
struct Here {
    away: bool,
    until: DateTime<Utc>,
}

impl Kept {
    fn state(&self) -> Attendance {
        match self.sockets.values().map(|here| here.away).min() {
            Some(false) => Attendance::Online,
            Some(true) => Attendance::Away,
            None => Attendance::Offline,
        }
    }

    /// When they were last there, if they are not.
    fn last_seen_at(&self) -> Option<DateTime<Utc>> {
        self.seen_at.filter(|_| self.state() != Attendance::Online)
    }
}

/// Notes that a person's socket is open, and whether they are at it; none: it is open no more. Programs are never there.
pub(super) async fn say(shared: &Shared, (caller, socket): (&Principal, &str), away: Option<bool>) {
    let Subject::User(user, _) = caller.subject else { return };
    let now = shared.clock.now();
    let mut kept = read(shared, caller, user).await;
    match away {
        Some(away) => kept.sockets.insert(socket.to_owned(), Here { away, until: now + LIFE }),
        None => kept.sockets.remove(socket),
    };
    // whoever goes was there until now
    if kept.state() == Attendance::Online || kept.told == Some(Attendance::Online) {
        kept.seen_at = Some(now);
    }
    let state = kept.state();
    let is_news = kept.told.replace(state) != Some(state);
    if let Ok(bytes) = serde_json::to_vec(&kept) {
        shared.cache.set(&key(caller, user), bytes, KEPT).await;
    }
    if !is_news {
        return;
    }
    // who is not told asks again some time
    if let Err(error) = tell(shared, caller, user, &kept).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "nobody was told who came or went");
    }
}

/// Whether people are there, as far as the caller's tenant has such.
pub(super) async fn of(shared: &Shared, caller: &Principal, users: &[String]) -> Result<Vec<Person>> {
    if users.len() > MOST {
        let words = format!("ask for at most {MOST} people at once");
        return Err(Error::invalid("too_many_users", words).with_field("users"));
    }
    let mut people = Vec::with_capacity(users.len());
    for who in users {
        let kept = read(shared, caller, id::parse::<id::User>("users", who)?).await;
        people.push(Person { who: who.clone(), state: kept.state(), last_seen_at: kept.last_seen_at() });
    }
    Ok(people)
}

async fn read(shared: &Shared, caller: &Principal, user: UserId) -> Kept {
    let kept = shared.cache.get(&key(caller, user)).await;
    let mut kept: Kept = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let now = shared.clock.now();
    kept.sockets.retain(|_, here| here.until > now);
    kept
}

async fn tell(shared: &Shared, caller: &Principal, user: UserId, kept: &Kept) -> Result<()> {
    let state = match kept.state() {
        Attendance::Online => attendance_seen::State::Online,
        Attendance::Away => attendance_seen::State::Away,
        Attendance::Offline => attendance_seen::State::Offline,
    };
    let last_seen_at = kept.last_seen_at().map(timestamp);
    let seen = AttendanceSeen { who: user.to_string(), state: state.into(), last_seen_at };
    let everybody = subject::live(&caller.tenant.to_string(), &["attendance"])?;
    shared.bus.publish_live(&everybody, json::encode(&seen)?).await
}

fn key(caller: &Principal, user: UserId) -> Key {
    Key::tenant(&caller.tenant, "attendance", &[&user.to_string()])
}

fn rfc3339<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => serializer.serialize_none(),
    }
}
