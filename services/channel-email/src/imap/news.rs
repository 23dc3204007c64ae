//! Which mails of a folder are new, and where each of them is.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use weft_channel::SendError;

use super::{Folder, Mailbox, Spot};
use crate::{
    mailbox::{self, Entry, MOST_MAILS, News},
    store::{Known, Position},
};

/// So much mail does not arrive in some days: the whole mailbox was moved, and only what was written lately is looked at.
const MOVED: usize = 1000;

impl Mailbox {
    /// Where reading begins: behind what is there, or some days back.
    pub(crate) async fn begin(&mut self, name: &str, now: DateTime<Utc>) -> Result<Position, SendError> {
        let folder = self.select(name).await?;
        let end = match folder.end() {
            Some(end) => end,
            None => {
                let last_uid = self.after(0).await?.last().copied().unwrap_or_default();
                Position { uid_validity: folder.uid_validity, last_uid: last_uid.into() }
            }
        };
        if self.import_days == 0 {
            return Ok(end);
        }
        let day = (now - TimeDelta::days(self.import_days.into())).date_naive();
        let first = self.since(day).await?.first().copied();
        Ok(Position { last_uid: first.map_or(end.last_uid, |first| first.saturating_sub(1).into()), ..end })
    }

    /// What came after what is known.
    pub(crate) async fn news(&mut self, name: &str, known: &Known) -> Result<News, SendError> {
        let folder = self.select(name).await?;
        let at = match known.at.uid_validity == folder.uid_validity {
            true => known.at,
            false => self.begin_again(&folder, known).await?,
        };
        let last_uid = u32::try_from(at.last_uid).unwrap_or(u32::MAX);
        if folder.uid_next.is_some_and(|next| next <= last_uid.saturating_add(1)) {
            return Ok(News { entries: Vec::new(), end: at });
        }
        let mut uids = self.after(last_uid).await?;
        uids.truncate(MOST_MAILS);
        let Some(last) = uids.last().copied() else { return Ok(News { entries: Vec::new(), end: at }) };
        let behind = |uid: u32| Position { last_uid: uid.into(), ..at };
        let entries = self.entries(&uids).await?.into_iter().map(|entry| {
            let spot = Spot {
                folder: name.to_owned(),
                uid_validity: at.uid_validity,
                uid: entry.uid,
                message_id: None,
            };
            let then = Some(behind(entry.uid));
            let spot = mailbox::Spot::Imap(spot);
            Entry { spot, size: entry.size, arrived: entry.arrived, then, thread: None }
        });
        // those that went meanwhile are done, too
        Ok(News { entries: entries.collect(), end: behind(last) })
    }

    /// The server has numbered its mail anew: what came lately is read again. The core knows each mail by its own id.
    async fn begin_again(&mut self, folder: &Folder, known: &Known) -> Result<Position, SendError> {
        let day = known.read_surely().date_naive();
        let mut arrived = self.since(day).await?;
        if arrived.len() > MOVED {
            arrived = self.written_since(day).await?;
        }
        let last_uid = match arrived.first().copied() {
            Some(first) => first.saturating_sub(1).into(),
            None => folder.end().map_or(0, |end| end.last_uid),
        };
        tracing::info!("a mail server has numbered a folder anew; the mail of the last days is compared");
        Ok(Position { uid_validity: folder.uid_validity, last_uid })
    }

    /// The mail at a spot, or its beginning; whatever number it has by now.
    pub(crate) async fn read_at(
        &mut self,
        spot: &Spot,
        first: Option<u32>,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, SendError> {
        let folder = match self.selected.clone().filter(|selected| selected.name == spot.folder) {
            Some(selected) => selected,
            None => self.select(&spot.folder).await?,
        };
        if folder.uid_validity == spot.uid_validity
            && let Some(raw) = self.read(spot.uid, first, patience).await?
        {
            return Ok(Some(raw));
        }
        let Some(id) = &spot.message_id else { return Ok(None) };
        let Some(uid) = self.with_id(id).await?.first().copied() else { return Ok(None) };
        self.read(uid, first, patience).await
    }
}

impl Folder {
    /// Where reading begins that takes nothing that is there already.
    fn end(&self) -> Option<Position> {
        let last_uid = self.uid_next?.saturating_sub(1).into();
        Some(Position { uid_validity: self.uid_validity, last_uid })
    }
}
