use std::collections::BTreeMap;

use weft_channel::{Connected, Intake, SendError, SetupError, Transport, make_secret};

use crate::{Email, account::Account, imap, smtp, sync};

/// Signs in where mail is read and where it is sent, and notes from where on mail is read.
pub(crate) async fn connect(
    email: &Email,
    account: &Account,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let owner = account.owner()?;
    let mut mailbox = imap::open(email, account, transport).await.map_err(|error| field("imap", error))?;
    for (name, _) in account.folders() {
        mailbox.has(name).await.map_err(|error| field("imap", error))?;
        let known = email.records.folder(owner, name).await.map_err(crate::store::unavailable)?;
        if known.is_none() {
            sync::begin(email, account, owner, &mut mailbox, name, email.clock.now()).await?;
        }
    }
    smtp::check(email, account, transport).await.map_err(|error| field("smtp", error))?;
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
fn field(server: &str, error: SendError) -> SetupError {
    let SendError::AccountInvalid { why } = error else { return SetupError::Provider(error) };
    let field = match why.as_str() {
        why if why.contains("withdrawn the permission") => "secrets.refresh_token".to_owned(),
        why if why.contains("client id and secret") => "settings.client_id".to_owned(),
        why if why.contains("user name and password") => "secrets.password".to_owned(),
        why if why.contains("certificate") && why.contains("authority cannot") => {
            "settings.ca_certificate".to_owned()
        }
        why if why.contains("no folder") => "settings.inbox".to_owned(),
        why if why.contains("encrypt") || why.contains("STARTTLS") => format!("settings.{server}_tls"),
        _ => format!("settings.{server}_host"),
    };
    SetupError::Settings { field, why }
}
