//! A mailbox over IMAP.

mod copy;
mod news;

pub(crate) use copy::keep_copy;

use std::time::Duration;

use async_imap::{Authenticator, Client, Session, error::Error, extensions::idle::IdleResponse};
use chrono::{DateTime, NaiveDate, Utc};
use futures::{TryFutureExt as _, TryStreamExt as _};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use weft_channel::{SendError, Transport};

use crate::{
    Email,
    account::{Account, Auth},
    line::{self, Line, Protocol},
};

/// For one command that brings little.
const PATIENCE: Duration = Duration::from_secs(15);

/// A mailbox that is open.
#[derive(Debug)]
pub(crate) struct Mailbox {
    session: Session<Line>,
    idles: bool,
    selected: Option<Folder>,
    /// How many days of old mail come in at first.
    import_days: u16,
}

/// Where in a folder a mail is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Spot {
    /// The folder.
    #[serde(rename = "f")]
    pub(crate) folder: String,
    /// What its numbers are worth.
    #[serde(rename = "v")]
    pub(crate) uid_validity: u32,
    /// The mail's number.
    #[serde(rename = "u")]
    pub(crate) uid: u32,
    /// The mail's id, for when it has another number.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
}

/// A folder as it is.
#[derive(Clone, Debug)]
struct Folder {
    name: String,
    uid_validity: u32,
    /// The number that the next mail gets, if the server says.
    uid_next: Option<u32>,
}

/// What is known of a mail before it is read.
#[derive(Clone, Copy, Debug)]
struct Known {
    uid: u32,
    size: u32,
    arrived: Option<DateTime<Utc>>,
}

/// Signs in, with a new access token when the server does not take the one there was.
pub(crate) async fn open(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<Mailbox, SendError> {
    match open_once(email, account, transport).await {
        Err(SendError::AccountInvalid { .. }) if email.tokens.forget(account) => {
            open_once(email, account, transport).await
        }
        opened => opened,
    }
}

async fn open_once(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<Mailbox, SendError> {
    let secret = email.tokens.secret(account, transport).await?;
    let secret = secret.expose_secret();
    let line = line::open(account, Protocol::Imap, &email.roots, transport).await?;
    let mut client = Client::new(line);
    let greeting = in_time(PATIENCE, client.read_response().map_err(Error::Io)).await?;
    if greeting.is_none() {
        return Err(SendError::unreachable("the IMAP server does not greet"));
    }
    let signed_in = timeout(PATIENCE, async {
        match account.auth {
            Auth::Password => client.login(account.login(), secret).await,
            Auth::Xoauth2 => client.authenticate("XOAUTH2", Xoauth2::new(account.login(), secret)).await,
        }
    });
    let mut session = match signed_in.await {
        Err(_) => return Err(late()),
        Ok(Err((error, _client))) => return Err(refused(&error)),
        Ok(Ok(session)) => session,
    };
    let capabilities = in_time(PATIENCE, session.capabilities()).await?;
    let idles = capabilities.has_str("IDLE");
    Ok(Mailbox { session, idles, selected: None, import_days: account.import_days })
}

/// A server that lets nobody in may only be busy.
fn refused(error: &Error) -> SendError {
    match error {
        Error::No(said)
            if ["UNAVAILABLE", "INUSE", "LIMIT"].iter().any(|word| said.to_uppercase().contains(word)) =>
        {
            SendError::unreachable("the IMAP server asks to come again later")
        }
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => {
            SendError::account_invalid("the IMAP server does not accept user name and password")
        }
        other => broken(other),
    }
}

impl Mailbox {
    /// Opens a folder and says how it is now.
    async fn select(&mut self, name: &str) -> Result<Folder, SendError> {
        self.selected = None;
        let folder = timeout(PATIENCE, self.session.select(name)).await.map_err(|_| late())?;
        let folder = folder.map_err(|error| match error {
            Error::No(_) => SendError::account_invalid(format!("the mailbox has no folder “{name}”")),
            other => broken(&other),
        })?;
        let uid_validity = folder
            .uid_validity
            .ok_or_else(|| SendError::account_invalid("the IMAP server does not number its mail"))?;
        let folder = Folder { name: name.to_owned(), uid_validity, uid_next: folder.uid_next };
        self.selected = Some(folder.clone());
        Ok(folder)
    }

    /// The numbers of the mails after this one, in order.
    async fn after(&mut self, last_uid: u32) -> Result<Vec<u32>, SendError> {
        let found = self.search(&format!("UID {}:*", last_uid.saturating_add(1))).await?;
        // the highest is always among them
        Ok(found.into_iter().filter(|uid| *uid > last_uid).collect())
    }

    /// The numbers of the mails that arrived on this day or later, in order.
    async fn since(&mut self, day: NaiveDate) -> Result<Vec<u32>, SendError> {
        self.search(&format!("SINCE {}", day.format("%d-%b-%Y"))).await
    }

    /// The same for mails that also say that they are no older than a week before that day: a mailbox that was moved elsewhere
    /// may have taken in all its mail anew.
    async fn written_since(&mut self, day: NaiveDate) -> Result<Vec<u32>, SendError> {
        let written = day - chrono::TimeDelta::weeks(1);
        self.search(&format!("SINCE {} SENTSINCE {}", day.format("%d-%b-%Y"), written.format("%d-%b-%Y")))
            .await
    }

    /// The numbers of the mails with this id.
    async fn with_id(&mut self, message_id: &str) -> Result<Vec<u32>, SendError> {
        let is_plain =
            message_id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        if !is_plain {
            return Ok(Vec::new());
        }
        self.search(&format!("HEADER Message-ID \"<{message_id}>\"")).await
    }

    async fn search(&mut self, query: &str) -> Result<Vec<u32>, SendError> {
        let found = in_time(PATIENCE, self.session.uid_search(query)).await?;
        let mut uids: Vec<u32> = found.into_iter().collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// What is known of these mails, in order; those that are gone are left out.
    async fn entries(&mut self, uids: &[u32]) -> Result<Vec<Known>, SendError> {
        let set = uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let fetched = in_time(PATIENCE, async {
            self.session.uid_fetch(set, "(UID RFC822.SIZE INTERNALDATE)").await?.try_collect::<Vec<_>>().await
        });
        let mut entries: Vec<Known> = fetched
            .await?
            .iter()
            .filter_map(|fetch| {
                let arrived = fetch.internal_date().map(|at| at.with_timezone(&Utc));
                Some(Known { uid: fetch.uid?, size: fetch.size.unwrap_or_default(), arrived })
            })
            .filter(|entry| uids.contains(&entry.uid))
            .collect();
        entries.sort_unstable_by_key(|entry| entry.uid);
        entries.dedup_by_key(|entry| entry.uid);
        Ok(entries)
    }

    /// A mail as it is, unread still; or its first bytes. None: it is gone.
    async fn read(
        &mut self,
        uid: u32,
        first: Option<u32>,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, SendError> {
        let what = match first {
            None => "(UID BODY.PEEK[])".to_owned(),
            Some(bytes) => format!("(UID BODY.PEEK[]<0.{bytes}>)"),
        };
        let fetched = in_time(patience, async {
            self.session.uid_fetch(uid.to_string(), what).await?.try_collect::<Vec<_>>().await
        });
        let fetched = fetched.await?;
        Ok(fetched
            .iter()
            .find(|fetch| fetch.uid == Some(uid))
            .and_then(|fetch| fetch.body())
            .map(<[u8]>::to_vec))
    }

    /// Waits until something changes in a folder, or `hold` is over; false when the server cannot tell.
    pub(crate) async fn wait(mut self, folder: &str, hold: Duration) -> Result<(Self, bool), SendError> {
        if !self.idles {
            return Ok((self, false));
        }
        if self.selected.as_ref().is_none_or(|selected| selected.name != folder) {
            self.select(folder).await?;
        }
        let Self { session, idles, selected, import_days } = self;
        let mut idle = session.idle();
        in_time(PATIENCE, idle.init()).await?;
        let (changed, _interrupt) = idle.wait_with_timeout(hold);
        // a server that says “still here” all the time does not end it
        if let Ok(changed) = timeout(hold, changed).await
            && let IdleResponse::ManualInterrupt = changed.map_err(|error| broken(&error))?
        {
            return Err(SendError::unreachable("the IMAP server ended the connection"));
        }
        let session = in_time(PATIENCE, idle.done()).await?;
        Ok((Self { session, idles, selected, import_days }, true))
    }

    /// Whether a folder exists.
    pub(crate) async fn has(&mut self, name: &str) -> Result<(), SendError> {
        self.select(name).await.map(drop)
    }
}

async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = async_imap::error::Result<T>>,
) -> Result<T, SendError> {
    timeout(patience, work).await.map_err(|_| late())?.map_err(|error| broken(&error))
}

fn late() -> SendError {
    SendError::unreachable("the IMAP server does not answer in time")
}

fn broken(error: &Error) -> SendError {
    match error {
        Error::No(_) | Error::Bad(_) => {
            SendError::unreachable("the IMAP server does not do what it was asked")
        }
        _ => SendError::unreachable("the connection to the IMAP server broke"),
    }
}

/// Signs in with an access token; what the server says against it is answered with nothing, so that it says no.
struct Xoauth2(Option<String>);

impl Xoauth2 {
    fn new(user: &str, token: &str) -> Self {
        Self(Some(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}")))
    }
}

impl Authenticator for Xoauth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}
