use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{Contact, UpdateContactRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use super::create_contact::given;
use crate::{
    Context, address,
    custom_fields::{self, Of},
    events, lookup, show,
    store::{addresses, contact_tags, contacts, settings},
    tags,
};

/// Changes a contact. An empty value removes what was there; the name stays.
pub(crate) async fn run(context: &Context, call: Accepted<UpdateContactRequest>) -> Result<Once<Contact>> {
    let request = &call.message;
    let id = lookup::contact(&request.id)?;
    let add_tags = &tags::read_all(&request.add_tags, "add_tags")?;
    let remove_tags = &tags::read_all(&request.remove_tags, "remove_tags")?;
    if request.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid_field("name", "`name` must not be empty"));
    }
    let update = |tx: weft_store::Tx| async move {
        let before = contacts::take(&tx, id).await?;
        let mut row = before.clone();
        if let Some(kept) = before.merged_into {
            return Err(merged(kept));
        }
        let country = settings::get(&tx).await?.country;
        if let Some(name) = given(request.name.as_ref()) {
            row.name = name;
        }
        if request.email.is_some() {
            let email = given(request.email.as_ref()).map(|email| address::read_email("email", &email));
            row.email = email.transpose()?;
        }
        if request.phone.is_some() {
            let phone =
                given(request.phone.as_ref()).map(|phone| address::read_phone("phone", &phone, &country));
            row.phone = phone.transpose()?;
        }
        if request.language.is_some() {
            row.language = given(request.language.as_ref());
        }
        custom_fields::put(&tx, Of::Contact, &mut row.fields, request.fields.as_ref()).await?;
        row.tags = tags::changed(&row.tags, add_tags, remove_tags, "a contact")?;
        if let Some(blocked) = request.blocked {
            row.blocked_at = blocked.then(|| row.blocked_at.unwrap_or_else(|| tx.now()));
        }
        if row != before {
            row.updated_at = tx.now();
            contacts::save(&tx, &row).await?;
            if (&row.email, &row.phone) != (&before.email, &before.phone) {
                addresses::replace(&tx, &row).await?;
            }
            if row.tags != before.tags {
                contact_tags::follow(&tx, &[&row]).await?;
            }
            events::contact_updated(&tx, &row).await?;
        }
        Ok(show::contact(&row, &contacts::identities(&tx, vec![row.id]).await?))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}

/// Why a contact that became part of another is not changed.
pub(super) fn merged(kept: Uuid) -> Error {
    let kept = show::contact_id(kept);
    Error::precondition(
        "contact_merged",
        format!("this contact was merged into {kept}: use that, or undo the merge"),
    )
}
