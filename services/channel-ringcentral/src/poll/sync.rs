use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::Method;
use serde_json::Value;
use weft_channel::{SendError, Transport};

use super::cursor::{Older, Place};
use crate::{Account, api, wire::Listed};

/// The most that one question brings.
const MOST: usize = 250;

/// What can be asked for as changes since the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Sms,
    Voicemail,
    Calls,
}

impl Source {
    /// What is new since the last time, the oldest first; all since then, when there was none or RingCentral does not know it any
    /// more. What an error comes after is found all the same, and not asked for again.
    pub(super) async fn sync(
        self,
        account: &Account,
        place: &mut Place,
        since: DateTime<Utc>,
        transport: &dyn Transport,
    ) -> (Vec<Value>, Result<(), SendError>) {
        let mut found = Vec::new();
        let asked = self.collect(account, place, since, transport, &mut found).await;
        // what is as old as another stands before it when it is newer
        found.reverse();
        found.sort_by(|one, other| self.time(one).cmp(self.time(other)));
        (found, asked)
    }

    async fn collect(
        self,
        account: &Account,
        place: &mut Place,
        since: DateTime<Utc>,
        transport: &dyn Transport,
        found: &mut Vec<Value>,
    ) -> Result<(), SendError> {
        let since = written(since);
        let changes = match place.token.as_deref() {
            Some(last) => {
                let changes = [("syncType", "ISync"), ("syncToken", last)];
                match self.ask(account, self.changes(), &changes, transport).await {
                    Err(SendError::Rejected { .. } | SendError::MessageInvalid { .. }) => None,
                    other => Some(other?),
                }
            }
            None => None,
        };
        let answer = match changes {
            Some(answer) => answer,
            None => {
                let most = MOST.to_string();
                let all = [("syncType", "FSync"), ("dateFrom", since.as_str()), ("recordCount", &most)];
                let answer = self.ask(account, self.changes(), &self.of_kind(&all), transport).await?;
                let is_cut = answer.sync_info.as_ref().is_some_and(|info| info.older_records_exist);
                let oldest = answer.records.iter().filter_map(|record| self.time(record).parse().ok()).min();
                place.older = oldest.filter(|_| is_cut).map(|until| Older { until, page: 1 });
                answer
            }
        };
        place.token = answer.sync_info.map(|info| info.sync_token);
        found.extend(answer.records);
        for _ in 0..self.pages_at_once() {
            let Some(older) = &mut place.older else { break };
            // what came in the same instant as the oldest comes again, and is dropped by its key
            let until = written(older.until + TimeDelta::milliseconds(1));
            let (most, page) = (MOST.to_string(), older.page.to_string());
            let list =
                [("dateFrom", since.as_str()), ("dateTo", &until), ("perPage", &most), ("page", &page)];
            let answer = self.ask(account, self.list(), &self.of_kind(&list), transport).await?;
            older.page += 1;
            let is_last = answer.records.len() < MOST && answer.navigation.next_page.is_none();
            found.extend(answer.records);
            if is_last {
                place.older = None;
            }
        }
        Ok(())
    }

    async fn ask(
        self,
        account: &Account,
        (path, class): (&str, &'static str),
        query: &[(&str, &str)],
        transport: &dyn Transport,
    ) -> Result<Listed<Value>, SendError> {
        let mut call = api::of_extension(account, Method::GET, &[path], class);
        call.url.query_pairs_mut().extend_pairs(query);
        api::result(call, transport).await.map_err(SendError::of_repeatable)
    }

    fn changes(self) -> (&'static str, &'static str) {
        match self {
            Self::Sms | Self::Voicemail => ("message-sync", "light"),
            Self::Calls => ("call-log-sync", "heavy"),
        }
    }

    fn list(self) -> (&'static str, &'static str) {
        match self {
            Self::Sms | Self::Voicemail => ("message-store", "light"),
            Self::Calls => ("call-log", "heavy"),
        }
    }

    /// How many pages of older ones are asked for before other things have their turn.
    fn pages_at_once(self) -> u32 {
        match self {
            Self::Sms | Self::Voicemail => 3,
            Self::Calls => 1,
        }
    }

    fn of_kind<'a>(self, query: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let kind = match self {
            Self::Sms => Some(("messageType", "SMS")),
            Self::Voicemail => Some(("messageType", "VoiceMail")),
            Self::Calls => None,
        };
        query.iter().copied().chain(kind).collect()
    }

    fn time(self, record: &Value) -> &str {
        let name = if self == Self::Calls { "startTime" } else { "creationTime" };
        record.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
