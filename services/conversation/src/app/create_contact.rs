use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{Contact, CreateContactRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use crate::{
    Context, address, events, show,
    store::{addresses, contacts, custom_fields::Values, entity::contact, settings, tags::Words},
};

/// Creates a contact by hand.
pub(crate) async fn run(context: &Context, call: Accepted<CreateContactRequest>) -> Result<Once<Contact>> {
    let request = &call.message;
    let create = |tx: weft_store::Tx| async move {
        let now = tx.now();
        let country = settings::get(&tx).await?.country;
        let email = given(request.email.as_ref()).map(|email| address::read_email("email", &email));
        let phone = given(request.phone.as_ref()).map(|phone| address::read_phone("phone", &phone, &country));
        let row = contact::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: request.name.trim().to_owned(),
            is_group: false,
            email: email.transpose()?,
            phone: phone.transpose()?,
            language: given(request.language.as_ref()),
            merged_into: None,
            fields: Values::default(),
            tags: Words::default(),
            blocked_at: None,
            created_at: now,
            updated_at: now,
        };
        contacts::insert(&tx, row.clone()).await?;
        addresses::replace(&tx, &row).await?;
        events::contact_created(&tx, &row, &[])?;
        Ok(show::contact(&row, &[]))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

/// What was given and says something.
pub(super) fn given(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
