use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{Contact, CreateContactRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use crate::{
    Context, events, show,
    store::{contacts, entity::contact},
};

/// Creates a contact by hand.
pub(crate) async fn run(context: &Context, call: Accepted<CreateContactRequest>) -> Result<Once<Contact>> {
    let request = &call.message;
    let create = |tx: weft_store::Tx| async move {
        let now = tx.now();
        let row = contact::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: request.name.trim().to_owned(),
            is_group: false,
            email: given(request.email.as_ref()),
            phone: given(request.phone.as_ref()),
            language: given(request.language.as_ref()),
            created_at: now,
            updated_at: now,
        };
        contacts::insert(&tx, row.clone()).await?;
        events::contact_created(&tx, &row, &[])?;
        Ok(show::contact(&row, &[]))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

/// What was given and says something.
pub(super) fn given(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
