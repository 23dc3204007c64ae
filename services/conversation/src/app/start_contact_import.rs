use strum::{EnumString, VariantNames};
use tonic::Request;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id, parse_word};
use weft_proto::{
    conversation::v1::{ContactImport, StartContactImportRequest},
    media::v1::{DescribeFilesRequest, File},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, contact_rows,
    custom_fields::Of,
    events, show,
    store::{
        contact_files::{self, count},
        custom_fields,
        entity::contact_import,
    },
};

/// The largest file, in bytes.
const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// What becomes of contacts that there are already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Existing {
    #[default]
    Update,
    Skip,
}

/// Begins to take contacts from a file.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<StartContactImportRequest>,
) -> Result<Once<ContactImport>> {
    let request = &call.message;
    let (tenant, user) = (call.principal.tenant, call.principal.user().uuid());
    let existing = request.existing.as_deref().filter(|word| !word.is_empty());
    let existing: Existing =
        existing.map(|word| parse_word("existing", word)).transpose()?.unwrap_or_default();
    let file = &file(context, tenant, &request.file_id).await?;
    let file_id = id::parse::<id::File>("file_id", &file.id)?.uuid();
    let start = |tx: Tx| async move {
        let known = custom_fields::all(&tx, Some(&Of::Contact.to_string())).await?;
        let row = contact_import::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            user_id: user,
            file_id,
            state: "running".to_owned(),
            reason: String::new(),
            dry_run: request.dry_run,
            skips: existing == Existing::Skip,
            columns: contact_rows::said(request.columns.clone(), &known)?,
            layout: None,
            size: count(file.size)?,
            position: 0,
            row_number: 0,
            row_count: 0,
            created_count: 0,
            updated_count: 0,
            failed_count: 0,
            worker: None,
            due_at: tx.now(),
            told_at: tx.now(),
            created_at: tx.now(),
            ended_at: None,
        };
        if !contact_files::insert_import(&tx, &row).await? {
            let words = "contacts are taken from another file now; wait for its end, or cancel it";
            return Err(Error::precondition("contact_import_running", words));
        }
        events::contact_import_updated(&tx, &row)?;
        Ok(show::contact_import(&row))
    };
    context.store.tenant(tenant).write_once(&call.intent, start).await
}

/// The file as `media` knows it; one of another tenant is as unknown as one that never was.
async fn file(context: &Context, tenant: TenantId, id: &str) -> Result<File> {
    let asked = DescribeFilesRequest { tenant_id: tenant.to_string(), ids: vec![id.to_owned()] };
    let answer = context.files.clone().describe_files(Request::new(asked)).await;
    let found = answer.map_err(|status| weft_rpc::error(&status))?.into_inner().items.into_iter().next();
    let unknown = || Error::invalid("unknown_file", "no such file; upload it first").with_field("file_id");
    let file = found.ok_or_else(unknown)?;
    if file.size > MOST_BYTES {
        let words = format!("a file with contacts may have {MOST_BYTES} bytes; this one has {}", file.size);
        return Err(Error::new(ErrorCode::TooLarge, "file_too_large", words).with_field("file_id"));
    }
    Ok(file)
}
