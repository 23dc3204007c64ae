use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::Value;
use weft_channel::{SendError, Transport};

use crate::{Account, api, wire::Listed};

/// The most that one question brings.
const MOST: &str = "250";

/// What can be asked for as changes since the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Sms,
    Voicemail,
    Calls,
}

impl Source {
    /// What is new since `token`, the oldest first; all since then, when there is none or RingCentral does not take it any more.
    pub(super) async fn sync(
        self,
        account: &Account,
        token: &mut Option<String>,
        since: DateTime<Utc>,
        transport: &dyn Transport,
    ) -> Result<Vec<Value>, SendError> {
        let changes = match token.as_deref() {
            Some(last) => self.ask(account, &[("syncType", "ISync"), ("syncToken", last)], transport).await,
            None => self.ask_all(account, since, transport).await,
        };
        let answer = match changes {
            Err(SendError::Rejected { .. } | SendError::MessageInvalid { .. }) if token.is_some() => {
                self.ask_all(account, since, transport).await?
            }
            other => other?,
        };
        *token = answer.sync_info.map(|info| info.sync_token);
        let mut records = answer.records;
        // what is as old as another stands before it when it is newer
        records.reverse();
        records.sort_by(|one, other| self.time(one).cmp(self.time(other)));
        Ok(records)
    }

    async fn ask_all(
        self,
        account: &Account,
        since: DateTime<Utc>,
        transport: &dyn Transport,
    ) -> Result<Listed<Value>, SendError> {
        let since = since.to_rfc3339_opts(SecondsFormat::Millis, true);
        let all = [("syncType", "FSync"), ("dateFrom", since.as_str()), ("recordCount", MOST)];
        let all: Vec<(&str, &str)> = all.into_iter().chain(self.kind()).collect();
        self.ask(account, &all, transport).await
    }

    async fn ask(
        self,
        account: &Account,
        query: &[(&str, &str)],
        transport: &dyn Transport,
    ) -> Result<Listed<Value>, SendError> {
        let (path, class) = match self {
            Self::Sms | Self::Voicemail => ("message-sync", "light"),
            Self::Calls => ("call-log-sync", "heavy"),
        };
        let mut call = api::of_extension(account, Method::GET, &[path], class);
        call.url.query_pairs_mut().extend_pairs(query);
        api::result(call, transport).await.map_err(SendError::of_repeatable)
    }

    fn kind(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Sms => Some(("messageType", "SMS")),
            Self::Voicemail => Some(("messageType", "VoiceMail")),
            Self::Calls => None,
        }
    }

    fn time(self, record: &Value) -> &str {
        let name = if self == Self::Calls { "startTime" } else { "creationTime" };
        record.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}
