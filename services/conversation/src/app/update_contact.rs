use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{Contact, UpdateContactRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use super::create_contact::given;
use crate::{Context, events, lookup, show, store::contacts};

/// Changes a contact. An empty value removes what was there; the name stays.
pub(crate) async fn run(context: &Context, call: Accepted<UpdateContactRequest>) -> Result<Once<Contact>> {
    let request = &call.message;
    let id = lookup::contact(&request.id)?;
    if request.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid_field("name", "`name` must not be empty"));
    }
    let update = |tx: weft_store::Tx| async move {
        let before = contacts::take(&tx, id).await?;
        let mut row = before.clone();
        if let Some(name) = given(request.name.as_ref()) {
            row.name = name;
        }
        for (field, new) in [
            (&mut row.email, &request.email),
            (&mut row.phone, &request.phone),
            (&mut row.language, &request.language),
        ] {
            if new.is_some() {
                *field = given(new.as_ref());
            }
        }
        if row != before {
            row.updated_at = tx.now();
            contacts::save(&tx, &row).await?;
            events::contact_updated(&tx, &row).await?;
        }
        Ok(show::contact(&row, &contacts::identities(&tx, vec![row.id]).await?))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}
