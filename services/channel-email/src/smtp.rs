//! One mail over SMTP.

use std::time::Duration;

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Quit, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;
use weft_channel::{SendError, Transport};

use crate::{
    Email,
    account::{Account, Auth, Tls},
    errors::{self, Stage},
    line::{self, Protocol},
};

const PATIENCE: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(1);

/// Whom a mail goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Where it comes back to; none for what a program writes.
    pub(crate) from: Option<Address>,
    /// The one who has to get it.
    pub(crate) contact: Address,
    /// Those who get it too.
    pub(crate) others: Vec<Address>,
    /// Those who get it and are named in no header.
    pub(crate) hidden: Vec<Address>,
}

/// Signs in and leaves.
pub(crate) async fn check(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let mut connection = open(email, account, transport).await?;
    leave(&mut connection).await;
    Ok(())
}

/// Hands a mail over; says who of the others will not get it.
pub(crate) async fn send(
    email: &Email,
    account: &Account,
    envelope: &Envelope,
    raw: &[u8],
    transport: &dyn Transport,
) -> Result<Vec<String>, SendError> {
    let mut connection = open(email, account, transport).await?;
    let everybody = std::iter::once(&envelope.contact).chain(&envelope.others).chain(&envelope.hidden);
    let wide = |address: &Address| !address.to_string().is_ascii();
    let mut options = Vec::new();
    if everybody.clone().any(wide) || envelope.from.as_ref().is_some_and(wide) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::message_invalid("our mail server takes no addresses with such letters"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let mail = Mail::new(envelope.from.clone(), options);
    in_time(connection.command(mail)).await?.map_err(|error| failed(Stage::Opening, &error))?;
    let mut warnings = Vec::new();
    for (index, address) in everybody.enumerate() {
        let named = in_time(connection.command(Rcpt::new(address.clone(), Vec::new()))).await?;
        match named.map_err(|error| failed(Stage::Recipient, &error)) {
            Ok(_) => {}
            Err(error) if index == 0 => return Err(error),
            Err(error) => warnings.push(format!("one of those in copy did not get it: {error}")),
        }
    }
    in_time(connection.command(Data)).await?.map_err(|error| failed(Stage::Content, &error))?;
    // from here on the server may have it
    connection.message(raw).await.map_err(|error| match error.status() {
        Some(_) => failed(Stage::Content, &error),
        None => {
            SendError::unclear("the connection to the mail server broke before it said that it has the mail")
        }
    })?;
    leave(&mut connection).await;
    Ok(warnings)
}

/// Signs in, with a new access token when the server does not take the one there was.
async fn open(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<AsyncSmtpConnection, SendError> {
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
) -> Result<AsyncSmtpConnection, SendError> {
    let secret = email.tokens.secret(account, transport).await?;
    let line = line::open(account, Protocol::Smtp, &email.roots, transport).await?;
    let hello = ClientId::Domain(account.domain().to_owned());
    let greeted = in_time(AsyncSmtpConnection::connect_with_transport(Box::new(line), &hello)).await?;
    let mut connection = greeted.map_err(|error| failed(Stage::Opening, &error))?;
    let mechanisms: &[Mechanism] = match account.auth {
        Auth::Password => &[Mechanism::Plain, Mechanism::Login],
        Auth::Xoauth2 => &[Mechanism::Xoauth2],
    };
    let offered =
        mechanisms.iter().any(|mechanism| connection.server_info().supports_auth_mechanism(*mechanism));
    // a server on this machine may take mail without
    if !offered && account.smtp_tls == Tls::None {
        return Ok(connection);
    }
    if !offered {
        return Err(SendError::account_invalid("the SMTP server does not take this way of signing in"));
    }
    let credentials = Credentials::new(account.login().to_owned(), secret.expose_secret().to_owned());
    let signed_in = in_time(connection.auth(mechanisms, &credentials)).await?;
    signed_in.map_err(|error| failed(Stage::SigningIn, &error))?;
    Ok(connection)
}

/// The server has the mail; whether it says goodbye does not matter.
async fn leave(connection: &mut AsyncSmtpConnection) {
    if timeout(GOODBYE, connection.command(Quit)).await.is_err() {
        tracing::debug!("the mail server did not say goodbye");
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, SendError> {
    let late = || SendError::unreachable("the SMTP server does not answer in time");
    timeout(PATIENCE, work).await.map_err(|_| late())
}

/// What went wrong before the server had the mail.
fn failed(stage: Stage, error: &Error) -> SendError {
    match error.status() {
        Some(code) => {
            let code = code.to_string().parse().unwrap_or_default();
            let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            errors::refused(stage, code, &said)
        }
        None => SendError::unreachable("the connection to the SMTP server broke"),
    }
}
