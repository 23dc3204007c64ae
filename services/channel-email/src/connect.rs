use std::collections::BTreeMap;

use weft_channel::{Connected, Intake, SendError, SetupError, Transport, make_secret};

use crate::{
    Email,
    account::{Account, Mode},
    mailbox::{self, Mailbox},
    sync,
};

/// Looks whether mail can be read and sent, and notes from where on mail is read.
pub(crate) async fn connect(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let owner = account.owner()?;
    let at_fault = |server: &str, error| field(account, server, error);
    let opened = Mailbox::open(email, account, transport).await;
    let mut mailbox = opened.map_err(|error| at_fault("imap", error))?;
    for (name, _) in account.folders() {
        mailbox.has(name).await.map_err(|error| at_fault("imap", error))?;
        let known = email.records.folder(owner, name).await.map_err(crate::store::unavailable)?;
        if known.is_none() {
            sync::begin(email, owner, &mut mailbox, name, email.clock.now()).await?;
        }
    }
    mailbox::check(email, account, transport).await.map_err(|error| at_fault("smtp", error))?;
    let mut secrets_made = BTreeMap::new();
    if account.reply_key.is_none() {
        secrets_made.insert("reply_key".to_owned(), make_secret());
    }
    Ok(Connected {
        title: if account.from_name.is_empty() { account.address.clone() } else { account.from_name.clone() },
        username: Some(account.address.clone()),
        secrets_made,
        intake: Intake::Poll,
        ..Connected::default()
    })
}

/// Which field a person has to look at.
fn field(account: &Account, server: &str, error: SendError) -> SetupError {
    let SendError::AccountInvalid { why } = error else { return SetupError::Provider(error) };
    let field = match why.as_str() {
        why if why.contains("withdrawn the permission") => "secrets.refresh_token".to_owned(),
        why if why.contains("client id and secret") => "settings.client_id".to_owned(),
        why if why.contains("user name and password") => "secrets.password".to_owned(),
        why if why.contains("certificate") && why.contains("authority cannot") => {
            "settings.ca_certificate".to_owned()
        }
        why if why.contains("topic") => "settings.pubsub_topic".to_owned(),
        why if why.contains("of another mailbox") => "settings.address".to_owned(),
        why if why.contains("no folder") => "settings.inbox".to_owned(),
        why if why.contains("encrypt") || why.contains("STARTTLS") => format!("settings.{server}_tls"),
        _ if account.mode == Mode::Gmail => "secrets.refresh_token".to_owned(),
        _ => format!("settings.{server}_host"),
    };
    SetupError::Settings { field, why }
}
