use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use crate::{
    show,
    store::{contacts, conversations, people},
    variables::Values,
};

/// What variables say in a conversation, for one of us or for nobody.
pub(super) async fn run(tx: &Tx, conversation: Uuid, user: Option<Uuid>) -> Result<Values> {
    let row = conversations::get(tx, conversation).await?;
    let contact = contacts::get(tx, row.contact_id).await?;
    let channels = people::channel_names(tx, HashSet::from([row.channel_id])).await?;
    let mut values = Values::default();
    values.put_name("contact", &contact.name);
    values.put("contact.email", contact.email.as_deref());
    values.put("contact.phone", contact.phone.as_deref());
    values.put("contact.language", contact.language.as_deref());
    values.put_fields("contact", &contact.fields.0);
    values.put("conversation.id", Some(&show::conversation_id(row.id)));
    values.put("conversation.title", row.title.as_deref());
    let channel = channels.get(&row.channel_id).unwrap_or(&row.channel_kind);
    values.put("conversation.channel", Some(channel));
    values.put_fields("conversation", &row.fields.0);
    if let Some(user) = user
        && let Some(person) = people::person(tx, user).await?
    {
        values.put_name("agent", &person.name);
    }
    values.put("today", Some(&tx.now().format("%Y-%m-%d").to_string()));
    Ok(values)
}
