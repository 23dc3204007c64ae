//! A mailbox, however it is reached: the one place where the modes part.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use weft_channel::{SendError, Transport};

use crate::{
    Email,
    account::{Account, Mode},
    compose::Mail,
    gmail, imap, mail, smtp,
    store::{Known, Position},
};

/// What one look brings at most.
pub(crate) const MOST_MAILS: usize = 25;

/// A mailbox that is open.
#[derive(Debug)]
pub(crate) enum Mailbox<'a> {
    /// Over IMAP.
    Imap(Box<imap::Mailbox>),
    /// Over the Gmail API.
    Gmail(gmail::Mailbox<'a>),
}

/// What a folder has that was not read yet, as far as one look goes.
#[derive(Debug)]
pub(crate) struct News {
    /// In the order they came.
    pub(crate) entries: Vec<Entry>,
    /// Where reading stands after all of them.
    pub(crate) end: Position,
}

/// What is known of a mail before it is read.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) spot: Spot,
    pub(crate) size: u32,
    pub(crate) arrived: Option<DateTime<Utc>>,
    /// Where reading stands after it; none when it came in one step with the next.
    pub(crate) then: Option<Position>,
    /// What the mailbox itself calls its thread.
    pub(crate) thread: Option<String>,
}

/// Where in the mailbox a mail is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Spot {
    /// Over IMAP.
    Imap(imap::Spot),
    /// Over the Gmail API, by its own id.
    Gmail {
        #[serde(rename = "g")]
        id: String,
    },
}

impl<'a> Mailbox<'a> {
    /// Opens it.
    pub(crate) async fn open(
        email: &Email,
        account: &'a Account,
        transport: &'a dyn Transport,
    ) -> Result<Self, SendError> {
        match account.mode {
            Mode::Imap => Ok(Self::Imap(Box::new(imap::open(email, account, transport).await?))),
            Mode::Gmail => Ok(Self::Gmail(gmail::Mailbox::new(account, transport))),
        }
    }

    /// The one that was kept from the last poll, where there is something to keep.
    pub(crate) fn kept(email: &Email, account: &Account) -> Option<Self> {
        email.sessions.take(account).map(|kept| Self::Imap(Box::new(kept)))
    }

    /// Keeps it for the next poll.
    pub(crate) fn keep(self, email: &Email, account: &Account) {
        if let Self::Imap(mailbox) = self {
            email.sessions.keep(account, *mailbox);
        }
    }

    /// Whether a folder exists.
    pub(crate) async fn has(&mut self, folder: &str) -> Result<(), SendError> {
        match self {
            Self::Imap(mailbox) => mailbox.has(folder).await,
            Self::Gmail(mailbox) => mailbox.has(folder).await,
        }
    }

    /// Where reading of a folder begins: behind what is there, or some days back.
    pub(crate) async fn begin(&mut self, folder: &str, now: DateTime<Utc>) -> Result<Position, SendError> {
        match self {
            Self::Imap(mailbox) => mailbox.begin(folder, now).await,
            Self::Gmail(mailbox) => mailbox.begin(now).await,
        }
    }

    /// What a folder has that was not read yet.
    pub(crate) async fn news(&mut self, folder: &str, known: &Known) -> Result<News, SendError> {
        match self {
            Self::Imap(mailbox) => mailbox.news(folder, known).await,
            Self::Gmail(mailbox) => mailbox.news(folder, known).await,
        }
    }

    /// A mail as it is, unread still; or only its beginning. None: it is gone.
    pub(crate) async fn read(
        &mut self,
        spot: &Spot,
        first: Option<u32>,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, SendError> {
        match (self, spot) {
            (Self::Imap(mailbox), Spot::Imap(spot)) => mailbox.read_at(spot, first, patience).await,
            (Self::Gmail(mailbox), Spot::Gmail { id }) => mailbox.read(id, first.is_some(), patience).await,
            // it was read in the other mode
            _ => Ok(None),
        }
    }

    /// Waits until something comes into the inbox, or `hold` is over; false when nobody would tell.
    pub(crate) async fn wait(
        self,
        email: &Email,
        account: &Account,
        hold: Duration,
    ) -> Result<(Self, bool), SendError> {
        match self {
            Self::Imap(mailbox) => {
                let (mailbox, waited) = mailbox.wait(&account.inbox, hold).await?;
                Ok((Self::Imap(Box::new(mailbox)), waited))
            }
            Self::Gmail(mailbox) if account.is_told() => {
                mailbox.watch_daily(email).await?;
                let bell = email.pushes.bell(account.owner()?.channel);
                // what was not told is found by looking
                drop(timeout(hold, bell.notified()).await);
                Ok((Self::Gmail(mailbox), true))
            }
            Self::Gmail(mailbox) => Ok((Self::Gmail(mailbox), false)),
        }
    }
}

impl Spot {
    /// The same, once it is known which mail is there.
    pub(crate) fn of(self, mail: &mail::Mail) -> Self {
        match self {
            Self::Imap(spot) => Self::Imap(imap::Spot { message_id: mail.message_id.clone(), ..spot }),
            gmail => gmail,
        }
    }
}

/// Whether mail can be handed over, and all the rest that an account needs besides its folders.
pub(crate) async fn check(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    match account.mode {
        Mode::Imap => smtp::check(email, account, transport).await,
        Mode::Gmail => gmail::Mailbox::new(account, transport).check(email).await,
    }
}

/// Hands a mail over; says what of it did not work. `thread` is ours, `again`: it may have gone before.
pub(crate) async fn send(
    email: &Email,
    account: &Account,
    mail: &Mail,
    (thread, again): (&str, bool),
    transport: &dyn Transport,
) -> Result<Vec<String>, SendError> {
    match account.mode {
        Mode::Imap => {
            let mut warnings = smtp::send(email, account, &mail.envelope, &mail.raw, transport).await?;
            // the mail is out: whatever fails from here on does not undo that
            if let Err(error) = imap::keep_copy(email, account, &mail.raw, transport).await {
                warnings.push(format!("it was sent, but is not in the folder of sent mail: {error}"));
            }
            Ok(warnings)
        }
        Mode::Gmail => {
            let theirs = transport.route(thread).await;
            gmail::Mailbox::new(account, transport).send(mail, theirs, again).await
        }
    }
}
