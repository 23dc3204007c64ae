//! Which mails are new: by the history, and by time where that does not go back so far.

use chrono::{DateTime, TimeDelta, Utc};
use weft_channel::SendError;

use super::{BY_HISTORY, BY_TIME, Mailbox, wire};
use crate::{
    mailbox::{Entry, MOST_MAILS, News, Spot},
    store::{Known, Position},
};

impl Mailbox<'_> {
    /// Where reading begins: behind what is there, or some days back.
    pub(crate) async fn begin(&self, now: DateTime<Utc>) -> Result<Position, SendError> {
        match self.account.import_days {
            0 => Ok(by_history(self.profile().await?.history_id.0)),
            days => Ok(by_time(now - TimeDelta::days(days.into()))),
        }
    }

    /// What came under a label after what is known.
    pub(crate) async fn news(&self, label: &str, known: &Known) -> Result<News, SendError> {
        match known.at.uid_validity {
            BY_HISTORY => {
                if let Some(news) = self.news_of_history(label, known.at.last_uid).await? {
                    return Ok(news);
                }
                tracing::info!(
                    "Gmail's history does not go back so far; the mail of the last days is compared"
                );
                self.news_since(label, known.read_surely()).await
            }
            BY_TIME => self.news_since(label, time_of(known.at.last_uid)).await,
            // it was read over IMAP before
            _ => self.news_since(label, known.read_surely()).await,
        }
    }

    /// None: the history does not go back so far.
    async fn news_of_history(&self, label: &str, start: u64) -> Result<Option<News>, SendError> {
        let (mut entries, mut end) = (Vec::new(), start);
        let mut page = None;
        loop {
            let Some(history) = self.history(label, start, page.as_deref()).await? else { return Ok(None) };
            for record in history.history {
                if entries.len() >= MOST_MAILS {
                    return Ok(Some(News { entries, end: by_history(end) }));
                }
                end = record.id.0;
                for id in record.came_under(label) {
                    entries.extend(self.look_up(&id).await?);
                }
                // what came in one record is done with in one
                if let Some(last) = entries.last_mut() {
                    last.then = Some(by_history(end));
                }
            }
            page = history.next_page_token;
            if page.is_none() {
                end = history.history_id.0;
                return Ok(Some(News { entries, end: by_history(end) }));
            }
        }
    }

    async fn history(
        &self,
        label: &str,
        start: u64,
        page: Option<&str>,
    ) -> Result<Option<wire::History>, SendError> {
        let start = start.to_string();
        // a mail comes under a label later when somebody says that it is no spam
        let mut query = vec![
            ("startHistoryId", start.as_str()),
            ("labelId", label),
            ("historyTypes", "messageAdded"),
            ("historyTypes", "labelAdded"),
        ];
        query.extend(page.map(|page| ("pageToken", page)));
        self.get("history", &["history"], &query).await
    }

    /// The mails of this instant and later, the oldest first. The core knows each mail by its own id.
    async fn news_since(&self, label: &str, since: DateTime<Utc>) -> Result<News, SendError> {
        // what comes while we look is in the history after this
        let end = by_history(self.profile().await?.history_id.0);
        let mut entries: Vec<Entry> = Vec::new();
        for id in self.ids_since(label, since).await? {
            let Some(entry) = self.look_up(&id).await? else { continue };
            let arrived = entry.arrived.unwrap_or_default();
            if arrived < since {
                continue;
            }
            if let Some(last) = entries.last_mut()
                && last.arrived.is_some_and(|before| before.timestamp() < arrived.timestamp())
            {
                last.then = Some(by_time(arrived));
                if entries.len() >= MOST_MAILS {
                    return Ok(News { entries, end: by_time(arrived) });
                }
            }
            entries.push(entry);
        }
        Ok(News { entries, end })
    }

    /// Google lists the newest first.
    async fn ids_since(&self, label: &str, since: DateTime<Utc>) -> Result<Vec<String>, SendError> {
        // whole seconds, of which nobody says whether the first is among them
        let query = format!("after:{}", since.timestamp().saturating_sub(1).max(0));
        let mut ids = Vec::new();
        let mut page: Option<String> = None;
        loop {
            let mut asked = vec![
                ("labelIds", label),
                ("q", query.as_str()),
                ("maxResults", "500"),
                ("includeSpamTrash", "true"),
            ];
            asked.extend(page.as_deref().map(|page| ("pageToken", page)));
            let listed: Option<wire::Listed> = self.get("list", &["messages"], &asked).await?;
            let Some(listed) = listed else { break };
            ids.extend(listed.messages.into_iter().map(|named| named.id));
            page = listed.next_page_token;
            if page.is_none() {
                break;
            }
        }
        ids.reverse();
        Ok(ids)
    }

    /// What is known of a mail before it is read. None: it is gone.
    async fn look_up(&self, id: &str) -> Result<Option<Entry>, SendError> {
        let found: Option<wire::Message> =
            self.get("look_up", &["messages", id], &[("format", "minimal")]).await?;
        Ok(found.map(|message| Entry {
            size: message.size_estimate,
            arrived: message.arrived(),
            then: None,
            thread: message.thread_id,
            spot: Spot::Gmail { id: message.id },
        }))
    }
}

impl wire::Record {
    /// The mails that came under a label, each once.
    fn came_under(self, label: &str) -> Vec<String> {
        let later =
            self.labels_added.into_iter().filter(|added| added.label_ids.iter().any(|id| id == label));
        let mut ids: Vec<String> = Vec::new();
        for added in self.messages_added.into_iter().chain(later) {
            if !ids.contains(&added.message.id) {
                ids.push(added.message.id);
            }
        }
        ids
    }
}

fn by_history(id: u64) -> Position {
    Position { uid_validity: BY_HISTORY, last_uid: id }
}

fn by_time(at: DateTime<Utc>) -> Position {
    Position { uid_validity: BY_TIME, last_uid: at.timestamp_millis().try_into().unwrap_or_default() }
}

fn time_of(millis: u64) -> DateTime<Utc> {
    millis.try_into().ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}
