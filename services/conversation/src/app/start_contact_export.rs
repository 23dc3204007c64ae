use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{ContactExport, StartContactExportRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, events, show,
    store::{contact_files, entity::contact_export},
    tags,
};

/// Begins to write contacts into a file.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<StartContactExportRequest>,
) -> Result<Once<ContactExport>> {
    let tag = &call.message.tag.as_deref().map(|tag| tags::read(tag, "tag")).transpose()?;
    let user = call.principal.user().uuid();
    let start = |tx: Tx| async move {
        let row = contact_export::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            user_id: user,
            state: "running".to_owned(),
            reason: String::new(),
            tag: tag.clone(),
            row_count: 0,
            file_id: None,
            attempts: 0,
            worker: None,
            due_at: Some(tx.now()),
            created_at: tx.now(),
            ended_at: None,
        };
        if !contact_files::insert_export(&tx, &row).await? {
            let words = "contacts are written into another file now; wait for its end";
            return Err(Error::precondition("contact_export_running", words));
        }
        events::contact_export_updated(&tx, &row)?;
        Ok(show::contact_export(&row))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, start).await
}
